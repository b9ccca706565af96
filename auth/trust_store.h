#pragma once

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "auth/certificate.h"
#include "auth/digest.h"
#include "auth/public_key.h"

namespace kakunin::auth {

// IssuerKeyId names a CA *key*: the SHA-256 of its encoded SubjectPublicKeyInfo, all 32 octets.
// All JPKI generations carry one DN, so a name never identifies an issuer (jpki.md 0.1).
using IssuerKeyId = Sha256Digest;

// Hierarchy separates the two JPKI roots: a store holds keys of one only (jpki.md 0.3).
enum class Hierarchy { kUserAuthentication, kSigning };

// PinnedRoot is one trusted CA key with what verification needs, prepared once.
struct PinnedRoot {
  std::string der;
  CertificateView view;  // points into der
  IssuerKeyId key_id;
  VerificationKey key;

  bool MayIssueAt(absl::Time now) const;  // [notBefore, notAfter + 1 s)
  bool MaySignCrls() const;               // keyUsage has cRLSign
};

// TrustStore is an immutable set of pinned self-signed roots. Share it as
// std::shared_ptr<const TrustStore>; const calls are safe from any thread.
class TrustStore {
 public:
  // Create takes DER certificates. INVALID_ARGUMENT with the position and what is wrong when one
  // is not a self-signed CA that may sign certificates (strict DER, RSA >= 2048 or P-256/P-384,
  // SHA-256/384, CA:TRUE and keyCertSign critical, no path constraints). Repeated keys are kept
  // once. No certificate at all is INVALID_ARGUMENT.
  static absl::StatusOr<std::shared_ptr<const TrustStore>> Create(
      Hierarchy hierarchy, std::span<const std::string> ders);

  // Load reads every *.pem, *.crt, *.cer and *.der file of a directory, DER or PEM by content,
  // in the order of names. NOT_FOUND when the directory cannot be read, else as Create.
  static absl::StatusOr<std::shared_ptr<const TrustStore>> Load(
      Hierarchy hierarchy, const std::filesystem::path& directory);

  Hierarchy hierarchy() const { return hierarchy_; }
  const std::vector<std::unique_ptr<const PinnedRoot>>& roots() const { return roots_; }

  // FindIssuer returns the root of this name whose key verifies the certificate's signature, or
  // nullptr. The certificate's authority key id only decides which key is tried first.
  const PinnedRoot* FindIssuer(const CertificateView& certificate) const {
    return FindSigner(certificate.issuer, certificate.authority_key_id,
                      certificate.signature_algorithm, certificate.tbs, certificate.signature);
  }

  // FindSigner is FindIssuer for any signed structure (a certificate or a CRL).
  const PinnedRoot* FindSigner(DerBytes issuer_name, const std::optional<DerBytes>& key_id_hint,
                               const SignatureAlgorithm& algorithm, DerBytes signed_bytes,
                               DerBytes signature) const;

  // FindByKeyId returns the root with this key, or nullptr.
  const PinnedRoot* FindByKeyId(const IssuerKeyId& key_id) const;

  // HasName tells whether a root carries this encoded Name.
  bool HasName(DerBytes issuer_name) const;

 private:
  explicit TrustStore(Hierarchy hierarchy) : hierarchy_(hierarchy) {}

  Hierarchy hierarchy_;
  std::vector<std::unique_ptr<const PinnedRoot>> roots_;
};

}  // namespace kakunin::auth
