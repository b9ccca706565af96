#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "auth/key_bundle.h"
#include "auth/private_key.h"
#include "kakunin/v1/enrolment_service.pb.h"

namespace kakunin {

// CertificateFolder is where a terminal's key and certificate lie while it asks for one, so that
// whatever breaks off goes on from there: terminal.key and receipt (mode 0600), terminal.csr, and
// once it is there terminal.pem (certificate and issuer). The key never leaves it but into a bundle
// beside it.
class CertificateFolder {
 public:
  explicit CertificateFolder(const std::filesystem::path& folder) : folder_(folder) {}

  // OpenRequest returns the request (PEM) for the folder's key; the first time it makes both:
  // P-256, or RSA of `rsa_bits`. The store's errors of files, saying what to do.
  absl::StatusOr<std::string> OpenRequest(int rsa_bits) const;

  // KeyFingerprint is the SHA-256 of the folder's public key in hexadecimal: our own word for it.
  absl::StatusOr<std::string> KeyFingerprint(int rsa_bits) const;

  // Receipt is what an earlier run was given; empty: none was.
  std::optional<std::string> Receipt() const;
  absl::Status SaveReceipt(const std::string& receipt) const;

  // HasCertificate tells whether an earlier run fetched it.
  bool HasCertificate() const { return std::filesystem::exists(certificate()); }
  // SaveCertificate writes it. FAILED_PRECONDITION when it is not of the folder's key.
  absl::Status SaveCertificate(const v1::IssuedCertificate& issued) const;

  // SaveBundle writes key and certificate as PKCS#12 of mode 0600, which must not be there yet.
  absl::Status SaveBundle(const std::filesystem::path& file, const std::string& password,
                          auth::BundleForm form) const;

  std::filesystem::path key() const { return folder_ / "terminal.key"; }
  std::filesystem::path certificate() const { return folder_ / "terminal.pem"; }

 private:
  absl::StatusOr<auth::PrivateKey> OpenKey(int rsa_bits) const;

  const std::filesystem::path folder_;
};

}  // namespace kakunin
