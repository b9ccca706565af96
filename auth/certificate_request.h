#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/digest.h"
#include "auth/private_key.h"

namespace kakunin::auth {

// kMaxCertificateRequestBytes bounds what is looked at (DER).
inline constexpr size_t kMaxCertificateRequestBytes = 8192;

// RequestFault is what is wrong with a request for a certificate (PKCS#10, CSR).
enum class RequestFault {
  kMalformed = 1,  // not exactly one strict DER CertificationRequest, or no PEM of one
  kWeakKey,        // neither P-256 nor RSA of 2048 to 4096 bits with exponent 65537
  kAlgorithm,      // signed by anything but SHA-256 or SHA-384 and the kind of its key
  kProofFailed,    // the signature is not of its key: whoever asks need not have that
};

// CheckedRequest is a request that is good when there is no `fault`. Its subject and attributes are
// not looked at: the certificate's name is decided by who issues it.
struct CheckedRequest {
  std::optional<RequestFault> fault;
  std::string der;
  std::string public_key;          // encoded SubjectPublicKeyInfo
  Sha256Digest key_fingerprint{};  // SHA-256 of it
};

// CheckCertificateRequest checks a request: by our own strict reader first, so that the library
// sees nothing odd, then its proof of possession by the library. Thread-safe, bounded time.
CheckedRequest CheckCertificateRequest(std::string_view der);
// The same for PEM ("CERTIFICATE REQUEST"), one block.
CheckedRequest CheckCertificateRequestPem(std::string_view pem);

// MakeCertificateRequest signs a request for `key` (DER). The name is for people only.
std::string MakeCertificateRequest(const PrivateKey& key, std::string_view common_name);

// CertificateRequestPem wraps DER.
std::string CertificateRequestPem(std::string_view der);

}  // namespace kakunin::auth
