#include "server/commands/certificate_folder.h"

#include <fmt/format.h>

#include <system_error>

#include "auth/certificate_request.h"
#include "auth/digest.h"
#include "auth/encoding.h"
#include "auth/key_file.h"
#include "auth/peer_certificate.h"
#include "domain/error.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

constexpr size_t kMostReceiptOctets = 256;
constexpr char kName[] = "kakunin terminal";

}  // namespace

absl::StatusOr<std::string> CertificateFolder::KeyFingerprint(int rsa_bits) const {
  ASSIGN_OR_RETURN(const auth::PrivateKey key, OpenKey(rsa_bits));
  return auth::HexEncode(auth::Sha256(key.PublicKeyDer()));
}

absl::StatusOr<auth::PrivateKey> CertificateFolder::OpenKey(int rsa_bits) const {
  if (std::filesystem::exists(key())) return auth::PrivateKey::Load(key());
  std::error_code failure;
  std::filesystem::create_directories(folder_, failure);
  if (failure) {
    return absl::FailedPreconditionError(
        fmt::format("cannot make {}: {}", folder_.string(), failure.message()));
  }
  auth::PrivateKey made =
      rsa_bits == 0 ? auth::PrivateKey::GenerateP256() : auth::PrivateKey::GenerateRsa(rsa_bits);
  RETURN_IF_ERROR(made.Save(key()));
  return made;
}

absl::StatusOr<std::string> CertificateFolder::OpenRequest(int rsa_bits) const {
  const std::filesystem::path file = folder_ / "terminal.csr";
  // The same octets in every run: a repetition is known by them.
  if (std::filesystem::exists(file) && std::filesystem::exists(key())) return ReadTextFile(file);
  ASSIGN_OR_RETURN(const auth::PrivateKey key, OpenKey(rsa_bits));
  std::string pem = auth::CertificateRequestPem(auth::MakeCertificateRequest(key, kName));
  RETURN_IF_ERROR(ReplaceTextFile(file, pem));
  return pem;
}

std::optional<std::string> CertificateFolder::Receipt() const {
  auto receipt = auth::ReadPrivateFile(folder_ / "receipt", kMostReceiptOctets);
  if (!receipt.ok()) return std::nullopt;
  return *std::move(receipt);
}

absl::Status CertificateFolder::SaveReceipt(const std::string& receipt) const {
  return auth::WritePrivateFile(folder_ / "receipt", receipt);
}

absl::Status CertificateFolder::SaveCertificate(const v1::IssuedCertificate& issued) const {
  ASSIGN_OR_RETURN(const auth::PrivateKey key, auth::PrivateKey::Load(this->key()));
  const auto certificate = auth::ReadPeerCertificate(issued.certificate_pem());
  if (!certificate.ok() || certificate->key_fingerprint != auth::Sha256(key.PublicKeyDer())) {
    return absl::FailedPreconditionError(fmt::format(
        "the certificate is not of the key in {}: tell the operators, and do not use it",
        folder_.string()));
  }
  return ReplaceTextFile(this->certificate(), issued.certificate_pem() + issued.issuer_pem());
}

absl::Status CertificateFolder::SaveBundle(const std::filesystem::path& file,
                                           const std::string& password,
                                           auth::BundleForm form) const {
  ASSIGN_OR_RETURN(const auth::PrivateKey key, auth::PrivateKey::Load(this->key()));
  ASSIGN_OR_RETURN(const std::string pem, ReadTextFile(certificate()));
  std::string_view rest;
  const auto own = auth::PemDecode("CERTIFICATE", pem, &rest);
  const auto issuer = auth::PemDecode("CERTIFICATE", rest);
  if (!own || !issuer) {
    return absl::FailedPreconditionError(
        fmt::format("{} holds no certificate with its issuer", certificate().string()));
  }
  ASSIGN_OR_RETURN(const std::string bundle,
                   auth::MakeKeyBundle(key, *own, *issuer, kName, password, form));
  return auth::WritePrivateFile(file, bundle);
}

}  // namespace kakunin
