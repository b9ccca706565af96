#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "auth/der_reader.h"

struct evp_pkey_st;
struct evp_pkey_ctx_st;

namespace kakunin::auth {

// KeyType and DigestKind are the columns of the algorithm table (card_verifier.h).
enum class KeyType : uint8_t { kUnknown, kRsa, kEc };
enum class DigestKind : uint8_t { kUnknown, kSha256, kSha384 };

// PublicKeyView is the decoded SubjectPublicKeyInfo; views point into the certificate.
struct PublicKeyView {
  KeyType type = KeyType::kUnknown;
  int bits = 0;           // exact length of the modulus, or of the named curve's field
  DerBytes rsa_modulus;   // big endian, no leading zero octet
  DerBytes rsa_exponent;  // big endian, no leading zero octet
  DerBytes ec_point;      // uncompressed, 04 X Y
  bool IsRsaF4() const;   // the exponent is 65537 and the modulus odd
};

// SignatureAlgorithm is a decoded AlgorithmIdentifier of a signature. kUnknown covers everything
// the algorithm table could never allow (SHA-1, MD5, PSS, absent RSA parameters).
struct SignatureAlgorithm {
  KeyType key_type = KeyType::kUnknown;
  DigestKind digest = DigestKind::kUnknown;
  friend bool operator==(const SignatureAlgorithm&, const SignatureAlgorithm&) = default;
};

// ParsePublicKey reads an encoded SubjectPublicKeyInfo. nullopt: not a strict SPKI at all. An
// unknown algorithm or curve gives type kUnknown.
std::optional<PublicKeyView> ParsePublicKey(DerBytes spki);

// ParseSignatureAlgorithm reads an encoded AlgorithmIdentifier; nullopt only for bad syntax.
std::optional<SignatureAlgorithm> ParseSignatureAlgorithm(DerBytes algorithm_identifier);

// VerificationKey is a key ready for signature checks. Immutable; const calls are safe from any
// thread (the library only reads a public key).
class VerificationKey {
 public:
  // Create imports RSA of 2048 to 4096 bits with exponent 65537, P-256 or P-384; nullopt
  // otherwise, before any arithmetic on the numbers.
  static std::optional<VerificationKey> Create(const PublicKeyView& key);

  KeyType type() const { return type_; }
  int bits() const { return bits_; }

  // PrepareFor makes later checks with this digest about 3 us cheaper. For keys that are kept (a
  // CA's); not worth it for a key used once. Not thread-safe: before the key is shared.
  void PrepareFor(DigestKind digest);

  // Verify checks a signature of the whole `message`: PKCS#1 v1.5 for RSA, DER ECDSA for EC.
  // A signature of another length than the RSA modulus never verifies.
  bool Verify(DigestKind digest, DerBytes message, DerBytes signature) const;

 private:
  VerificationKey(std::shared_ptr<evp_pkey_st> key, KeyType type, int bits)
      : key_(std::move(key)), type_(type), bits_(bits) {}

  std::shared_ptr<evp_pkey_st> key_;
  KeyType type_;
  int bits_;
  DigestKind prepared_digest_ = DigestKind::kUnknown;
  std::shared_ptr<const evp_pkey_ctx_st> prepared_;
};

}  // namespace kakunin::auth
