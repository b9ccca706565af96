#include "server/usecases/register_certificate.h"

#include <string>

#include "domain/error.h"

namespace kakunin {
namespace {

absl::Status Wrong(std::string description) {
  return InvalidFields({{"certificate_pem", std::move(description)}});
}

}  // namespace

absl::StatusOr<auth::PeerCertificate> ReadCertificateToRegister(std::string_view pem,
                                                                const auth::PeerName& expected,
                                                                absl::Time now) {
  auto certificate = auth::ReadPeerCertificate(pem);
  if (!certificate.ok()) return Wrong("PEM形式の電子証明書を指定してください。");
  const auto name = certificate->Name();
  if (!name.ok() || name->kind != expected.kind || name->facility_code != expected.facility_code ||
      name->id != expected.id) {
    return Wrong("電子証明書の名義(URI)が登録の対象と一致しません。");
  }
  if (!certificate->client_auth) {
    return Wrong("クライアント認証に使えない電子証明書です。");
  }
  if (now >= FirstInstantAfter(*certificate)) {
    return Wrong("有効期限の切れた電子証明書です。新しい証明書を指定してください。");
  }
  return certificate;
}

absl::Status CheckMayBeBound(Transaction& tx, RegistryStore& registry,
                             const auth::PeerCertificate& certificate, const std::string& owner) {
  ASSIGN_OR_RETURN(const bool revoked, registry.FingerprintRevoked(tx, certificate.fingerprint));
  if (revoked) {
    return Wrong("利用停止になった電子証明書は再登録できません。新しい証明書を発行してください。");
  }
  ASSIGN_OR_RETURN(const bool in_use,
                   registry.FingerprintInUse(tx, certificate.fingerprint, owner));
  return in_use ? MakeError(Reason::kCertificateInUse) : absl::OkStatus();
}

absl::Time FirstInstantAfter(const auth::PeerCertificate& certificate) {
  return certificate.not_after + absl::Seconds(1);
}

}  // namespace kakunin
