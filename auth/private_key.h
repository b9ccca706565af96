#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/public_key.h"

struct evp_pkey_st;

namespace kakunin::auth {

// PrivateKey signs. Made by dev, demo and tests; the service itself holds no signing key. Copies
// share the key; const calls are safe from any thread.
class PrivateKey {
 public:
  static PrivateKey GenerateRsa(int bits = 2048, uint64_t exponent = 65537);  // about 0.1 s
  static PrivateKey GenerateP256();
  static PrivateKey GenerateP384();

  // FromPem reads a PKCS#8 PEM. INVALID_ARGUMENT when it is none.
  static absl::StatusOr<PrivateKey> FromPem(std::string_view pem);
  std::string ToPem() const;

  // Load and Save use files of mode 0600 (key_file.h).
  static absl::StatusOr<PrivateKey> Load(const std::filesystem::path& path);
  absl::Status Save(const std::filesystem::path& path) const;

  KeyType type() const;
  int bits() const;

  // PublicKeyDer is the encoded SubjectPublicKeyInfo.
  std::string PublicKeyDer() const;

  // Sign signs the whole message: PKCS#1 v1.5 for RSA (as the card does), DER ECDSA for EC.
  std::string Sign(std::string_view message, DigestKind digest = DigestKind::kSha256) const;

  evp_pkey_st* get() const { return key_.get(); }

 private:
  explicit PrivateKey(evp_pkey_st* key);
  std::shared_ptr<evp_pkey_st> key_;
};

// OpenKeyPool returns `count` RSA-2048 keys kept in a directory as key-00000.pem and so on, making
// those that are missing (about 0.1 s each). The pool stands in for the cards' keys: making one per
// synthetic card would take hours.
absl::StatusOr<std::vector<PrivateKey>> OpenKeyPool(const std::filesystem::path& directory,
                                                    int count);

}  // namespace kakunin::auth
