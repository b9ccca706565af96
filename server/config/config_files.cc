#include "server/config/config_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "auth/client_authorities.h"
#include "auth/encoding.h"
#include "auth/key_file.h"
#include "auth/private_key.h"

namespace kakunin {
namespace {

constexpr size_t kMostPemBytes = 1 << 20;
constexpr size_t kMostPasswordBytes = 1024;
constexpr size_t kMostSecretBytes = 64;

std::string PemIn(std::ifstream& file) {
  std::string octets(kMostPemBytes, '\0');
  file.read(octets.data(), static_cast<std::streamsize>(octets.size()));
  octets.resize(static_cast<size_t>(file.gcount()));
  return octets;
}

class FileChecker {
 public:
  // Listener checks one port's certificates and the password of its role.
  void Listener(std::string_view section, const std::optional<ListenerConfig>& listener) {
    if (!listener) return;
    const auto chain = Certificates(section, "server_certificate", listener->server_certificate);
    const auto ca = Certificates(section, "client_ca", listener->client_ca);
    if (ca && listener->behind_proxy) Authorities(section, "client_ca", listener->client_ca);
    ServerKey(section, "server_", listener->server_key, chain);
    Password(section, listener->database, true);
  }

  // Onboarding checks a port that asks for no certificate.
  void Onboarding(const std::optional<OnboardingConfig>& onboarding) {
    if (!onboarding) return;
    const ListenerConfig& listener = onboarding->listener;
    ServerKey("onboarding", "server_", listener.server_key,
              Certificates("onboarding", "server_certificate", listener.server_certificate));
    Password("onboarding", listener.database, true);
  }

  // Certificates checks that a file holds one and returns the DER of the first.
  std::optional<std::string> Certificates(std::string_view section, std::string_view key,
                                          const std::filesystem::path& path) {
    std::ifstream file(path);
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error) || !file) {
      Fault(section, key,
            fmt::format("{} cannot be read: put the certificate there (PEM) and let "
                        "the server's user read it",
                        path.string()));
      return std::nullopt;
    }
    auto der = auth::PemDecode("CERTIFICATE", PemIn(file));
    if (!der) {
      Fault(section, key,
            fmt::format("{} holds no certificate: write it as PEM "
                        "(-----BEGIN CERTIFICATE-----)",
                        path.string()));
    }
    return der;
  }

  // Authorities checks the CAs by which a listener behind a proxy judges: without them it does not
  // start.
  void Authorities(std::string_view section, std::string_view key,
                   const std::filesystem::path& path) {
    std::ifstream file(path);
    const auto read = auth::ClientAuthorities::Read(PemIn(file));
    if (read.ok()) return;
    Fault(section, key,
          fmt::format("{} cannot be used behind a proxy: {}: write nothing but CAs there, as PEM, "
                      "and one at least that no other one issued",
                      path.string(), std::string(read.status().message())));
  }

  void Web(const std::optional<WebConfig>& web) {
    if (!web) return;
    ServerKey("web", "", web->key, Certificates("web", "certificate", web->certificate));
    Folder("web", "sandbox_cards", web->sandbox_cards);
  }

  void Password(std::string_view section, const LoginConfig& login, bool must_be_open) {
    if (login.password_file.empty()) return;
    if (!must_be_open && access(login.password_file.c_str(), R_OK) != 0 && errno == EACCES) return;
    Private(section, "password_file", login.password_file, kMostPasswordBytes);
  }

  void Secrets(const KeysConfig& keys) {
    const std::pair<std::string_view, const std::filesystem::path&> all[] = {
        {"individual_number", keys.individual_number},
        {"lookup", keys.lookup},
        {"audit", keys.audit},
        {"handle", keys.handle},
        {"abnormal_times", keys.abnormal_times}};
    std::vector<std::pair<std::string_view, std::string>> seen;
    for (const auto& [key, path] : all) {
      if (path.empty()) continue;
      auto secret = Private("keys", key, path, kMostSecretBytes);
      if (!secret) continue;
      if (secret->size() < auth::kSecretKeyBytes) {
        Fault("keys", key,
              fmt::format("{} has {} octets, a key has {} to {}: make a new one "
                          "(umask 077; head -c 32 /dev/urandom >FILE)",
                          path.string(), secret->size(), auth::kSecretKeyBytes, kMostSecretBytes));
        continue;
      }
      for (const auto& [other, content] : seen) {
        if (content == *secret) {
          Fault("keys", key,
                fmt::format("{} holds the same key as {}: give each purpose a key of "
                            "its own",
                            path.string(), other));
        }
      }
      seen.emplace_back(key, *std::move(secret));
    }
  }

  void Folder(std::string_view section, std::string_view key, const std::filesystem::path& path) {
    if (path.empty() || access(path.c_str(), R_OK | X_OK) == 0) return;
    Fault(section, key,
          fmt::format("{} is no folder that can be read: make it and let the "
                      "server's user read it",
                      path.string()));
  }

  // WritableFolder checks the folder of a file that the server replaces.
  void WritableFolder(std::string_view section, std::string_view key,
                      const std::filesystem::path& file) {
    if (file.empty() || access(file.parent_path().c_str(), R_OK | W_OK | X_OK) == 0) return;
    Fault(
        section, key,
        fmt::format("the folder of {} cannot be written to: make it and let the server's user own "
                    "it",
                    file.string()));
  }

  // Private reads a file that only its owner may.
  std::optional<std::string> Private(std::string_view section, std::string_view key,
                                     const std::filesystem::path& path, size_t most) {
    struct stat status {};
    const bool there = stat(path.c_str(), &status) == 0;
    if (there && S_ISREG(status.st_mode) && geteuid() == 0 && status.st_uid != 0) {
      return OfAnother(section, key, path, status.st_mode & 07777);
    }
    auto content = auth::ReadPrivateFile(path, most);
    if (content.ok()) return *std::move(content);
    std::string what(content.status().message());
    if (!there) what += ": put it there, with mode 0600 and the server's user as owner";
    Fault(section, key, what);
    return std::nullopt;
  }

  std::vector<std::string> faults;

 private:
  void Fault(std::string_view section, std::string_view key, const std::string& what) {
    faults.push_back(fmt::format("[{}] {}: {}", section, key, what));
  }

  // OfAnother is Private for root, who reads what belongs to the server's user.
  std::optional<std::string> OfAnother(std::string_view section, std::string_view key,
                                       const std::filesystem::path& path, unsigned mode) {
    if (mode != 0600 && mode != 0400) {
      Fault(section, key,
            fmt::format("{0} has mode {1:04o}, others may be able to read it; run: "
                        "chmod 600 {0}",
                        path.string(), mode));
      return std::nullopt;
    }
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  // `prefix` stands before "key" and "certificate" in the section.
  void ServerKey(std::string_view section, const std::string& prefix,
                 const std::filesystem::path& path, const std::optional<std::string>& certificate) {
    const std::string name = prefix + "key";
    const auto pem = Private(section, name, path, kMostPemBytes);
    if (!pem) return;
    const auto key = auth::PrivateKey::FromPem(*pem);
    if (!key.ok()) {
      return Fault(section, name,
                   fmt::format("{} holds no private key: write it as PEM, without a passphrase",
                               path.string()));
    }
    // A certificate holds its whole public key, encoded.
    if (certificate && certificate->find(key->PublicKeyDer()) == std::string::npos) {
      Fault(section, name,
            fmt::format("{} is not the key of {}certificate: put the two that belong together",
                        path.string(), prefix));
    }
  }
};

}  // namespace

std::vector<std::string> FileFaults(const Config& config) {
  FileChecker checker;
  if (!config.database.server_ca.empty()) {
    checker.Certificates("database", "server_ca", config.database.server_ca);
  }
  checker.Listener("terminal", config.terminal);
  checker.Listener("insurer", config.insurer);
  checker.Listener("operator", config.operator_);
  checker.Onboarding(config.onboarding);
  if (config.terminal_certificates) {
    checker.Certificates("terminal_certificates", "ca", config.terminal_certificates->ca);
  }
  checker.Web(config.web);
  if (config.jobs) checker.Password("jobs", *config.jobs, true);
  checker.Password("migrate", config.migrate, false);
  checker.Password("auditor", config.auditor, false);
  checker.Secrets(config.keys);
  checker.WritableFolder("audit", "last_seen_head", config.audit.last_seen_head);
  if (config.mail) checker.WritableFolder("mail", "folder", config.mail->folder / "message.eml");
  checker.Folder("cards", "trust_directory", config.cards.trust_directory);
  checker.Folder("cards", "crl_directory", config.cards.crl_directory);
  return std::move(checker.faults);
}

}  // namespace kakunin
