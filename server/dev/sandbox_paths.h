#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace kakunin::dev {

// SandboxPaths is where everything of one sandbox installation lies. Immutable.
class SandboxPaths {
 public:
  explicit SandboxPaths(const std::filesystem::path& directory)
      : root_(std::filesystem::absolute(directory).lexically_normal()) {}

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path config() const { return root_ / "config.toml"; }
  std::filesystem::path clock_offset() const { return root_ / "clock-offset"; }
  std::filesystem::path server_log() const { return root_ / "log" / "server.log"; }
  std::filesystem::path nation() const { return root_ / "nation"; }
  // The registers in place of J-LIS: who has which individual number, and whose each card is.
  std::filesystem::path resident_identities() const { return nation() / "resident_identities.csv"; }
  std::filesystem::path resident_cards() const { return root_ / "jpki" / "residents.csv"; }
  // Present once every card link of the nation was stored.
  std::filesystem::path links_pushed() const { return root_ / "card-links-pushed"; }

  // Secret keys: individual-number, lookup, audit, handle.
  std::filesystem::path secret(std::string_view name) const { return root_ / "secrets" / name; }

  // Our own CAs, by kind: server, terminal, insurer, operator.
  std::filesystem::path ca(std::string_view kind) const {
    return root_ / "tls" / (std::string(kind) + "-ca.pem");
  }
  std::filesystem::path ca_key(std::string_view kind) const {
    return root_ / "tls" / (std::string(kind) + "-ca.key");
  }
  // A leaf, by "server", "operator", "insurer-06139992", "reviewer-113" or
  // "terminal-1310000003-T1".
  std::filesystem::path certificate(std::string_view name) const {
    return root_ / "tls" / (std::string(name) + ".pem");
  }
  std::filesystem::path key(std::string_view name) const {
    return root_ / "tls" / (std::string(name) + ".key");
  }

  std::filesystem::path card_trust() const { return root_ / "jpki" / "trust"; }
  std::filesystem::path card_crls() const { return root_ / "jpki" / "crl"; }
  std::filesystem::path card_authority_keys() const { return root_ / "jpki" / "authority-keys"; }
  std::filesystem::path card_keys() const { return root_ / "jpki" / "card-keys"; }
  // The first certificate and the key of a test person ("TP01").
  std::filesystem::path card_certificate(std::string_view person) const {
    return root_ / "jpki" / "cards" / (std::string(person) + ".pem");
  }
  std::filesystem::path card_key(std::string_view person) const {
    return root_ / "jpki" / "cards" / (std::string(person) + ".key");
  }

 private:
  std::filesystem::path root_;
};

// TerminalName, InsurerName, ReviewerName and LinkProviderName are the names of leaves in
// certificate() and key().
inline std::string TerminalName(std::string_view facility, std::string_view terminal) {
  return "terminal-" + std::string(facility) + "-" + std::string(terminal);
}
inline std::string InsurerName(std::string_view insurer) {
  return "insurer-" + std::string(insurer);
}

inline std::string ReviewerName(std::string_view reviewer) {
  return "reviewer-" + std::string(reviewer);
}

inline std::string LinkProviderName(std::string_view provider) {
  return "link-provider-" + std::string(provider);
}

}  // namespace kakunin::dev
