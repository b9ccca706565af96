#include "server/dev/service_certificates.h"

#include <fmt/format.h>

#include "auth/der_writer.h"
#include "auth/encoding.h"
#include "auth/key_file.h"
#include "auth/peer_certificate.h"
#include "domain/error.h"
#include "server/text_file.h"

namespace kakunin::dev {

struct ServiceCertificates::Authorities {
  auth::Authority terminal;
  auth::Authority insurer;
  auth::Authority operators;
};

namespace {

// Beyond every leaf's own period.
constexpr absl::Duration kAuthorityBefore = absl::Hours(24 * 365 * 4);
constexpr absl::Duration kAuthorityAfter = absl::Hours(24 * 365 * 10);
constexpr absl::Duration kLeafBefore = absl::Hours(24 * 365 * 3);
constexpr absl::Duration kLeafAfter = absl::Hours(24 * 365 * 5);

std::string AuthorityName(std::string_view kind) {
  return auth::MakeName({{auth::kOidOrganization, "kakunin sandbox"},
                         {auth::kOidCommonName, fmt::format("{} CA", kind)}});
}

// OpenKey loads a key or makes it.
absl::StatusOr<auth::PrivateKey> OpenKey(const std::filesystem::path& path) {
  if (std::filesystem::exists(path)) return auth::PrivateKey::Load(path);
  auth::PrivateKey key = auth::PrivateKey::GenerateP256();
  RETURN_IF_ERROR(key.Save(path));
  return key;
}

}  // namespace

absl::StatusOr<ServiceCertificates> ServiceCertificates::Open(SandboxPaths paths, absl::Time now) {
  std::error_code failure;
  std::filesystem::create_directories(paths.ca("server").parent_path(), failure);
  if (failure)
    return absl::InternalError("cannot make " + paths.ca("server").parent_path().string());
  ServiceCertificates opened(std::move(paths), now);
  ASSIGN_OR_RETURN(const auth::Authority server, opened.OpenAuthority("server"));
  RETURN_IF_ERROR(opened.MakeServerCertificate(server));
  ASSIGN_OR_RETURN(auth::Authority terminal, opened.OpenAuthority("terminal"));
  ASSIGN_OR_RETURN(auth::Authority insurer, opened.OpenAuthority("insurer"));
  ASSIGN_OR_RETURN(auth::Authority operators, opened.OpenAuthority("operator"));
  opened.authorities_ = std::make_shared<const Authorities>(
      Authorities{std::move(terminal), std::move(insurer), std::move(operators)});
  return opened;
}

absl::StatusOr<auth::Authority> ServiceCertificates::OpenAuthority(std::string_view kind) const {
  ASSIGN_OR_RETURN(auth::PrivateKey key, OpenKey(paths_.ca_key(kind)));
  auth::Authority made = auth::MakeAuthority(AuthorityName(kind), key, now_ - kAuthorityBefore,
                                             now_ + kAuthorityAfter, auth::RandomSerial());
  if (!std::filesystem::exists(paths_.ca(kind))) {
    RETURN_IF_ERROR(ReplaceTextFile(paths_.ca(kind), auth::CertificatePem(made.certificate_der)));
  }
  // Name and key are what a leaf is made with; the certificate itself is the one on disk.
  ASSIGN_OR_RETURN(const std::string pem, ReadTextFile(paths_.ca(kind)));
  const auto der = auth::PemDecode("CERTIFICATE", pem);
  if (!der) return absl::InternalError(paths_.ca(kind).string() + " holds no certificate");
  made.certificate_der = *der;
  return made;
}

absl::Status ServiceCertificates::MakeServerCertificate(const auth::Authority& issuer) const {
  if (std::filesystem::exists(paths_.certificate("server"))) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auth::PrivateKey key, OpenKey(paths_.key("server")));
  const std::string der =
      auth::IssueServer(issuer, key, {"localhost"}, {"127.0.0.1"}, auth::RandomSerial(),
                        now_ - kLeafBefore, now_ + kLeafAfter);
  return ReplaceTextFile(paths_.certificate("server"), auth::CertificatePem(der));
}

absl::StatusOr<std::string> ServiceCertificates::Client(const auth::Authority& issuer,
                                                        const std::string& file,
                                                        const std::string& uri,
                                                        std::string_view common_name) const {
  if (!std::filesystem::exists(paths_.certificate(file))) {
    ASSIGN_OR_RETURN(const auth::PrivateKey key, OpenKey(paths_.key(file)));
    const std::string der = auth::IssueClient(issuer, key, {uri}, common_name, auth::RandomSerial(),
                                              now_ - kLeafBefore, now_ + kLeafAfter);
    RETURN_IF_ERROR(ReplaceTextFile(paths_.certificate(file), auth::CertificatePem(der)));
  }
  return ReadTextFile(paths_.certificate(file));
}

absl::StatusOr<std::string> ServiceCertificates::Operator(std::string_view name,
                                                          const std::string& file) const {
  const auth::PeerName peer{auth::PeerKind::kOperator, std::string(kTrustDomain), "",
                            std::string(name)};
  return Client(authorities_->operators, file, auth::FormatPeerName(peer), name);
}

absl::StatusOr<std::string> ServiceCertificates::Insurer(std::string_view insurer_number) const {
  const auth::PeerName peer{auth::PeerKind::kInsurer, std::string(kTrustDomain), "",
                            std::string(insurer_number)};
  return Client(authorities_->insurer, InsurerName(insurer_number), auth::FormatPeerName(peer),
                insurer_number);
}

// Reviewers and card link providers call the insurer port, so that port's CA names them.
absl::StatusOr<std::string> ServiceCertificates::Reviewer(std::string_view reviewer_number) const {
  const auth::PeerName peer{auth::PeerKind::kClaimsReviewer, std::string(kTrustDomain), "",
                            std::string(reviewer_number)};
  return Client(authorities_->insurer, ReviewerName(reviewer_number), auth::FormatPeerName(peer),
                reviewer_number);
}

absl::StatusOr<std::string> ServiceCertificates::LinkProvider(std::string_view provider) const {
  const auth::PeerName peer{auth::PeerKind::kCardLinkProvider, std::string(kTrustDomain), "",
                            std::string(provider)};
  return Client(authorities_->insurer, LinkProviderName(provider), auth::FormatPeerName(peer),
                provider);
}

absl::StatusOr<std::string> ServiceCertificates::Terminal(std::string_view facility_code,
                                                          std::string_view terminal_id) const {
  const auth::PeerName peer{auth::PeerKind::kTerminal, std::string(kTrustDomain),
                            std::string(facility_code), std::string(terminal_id)};
  return Client(authorities_->terminal, TerminalName(facility_code, terminal_id),
                auth::FormatPeerName(peer), terminal_id);
}

}  // namespace kakunin::dev
