#include "auth/private_key.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "auth/digest.h"
#include "auth/key_file.h"

namespace kakunin::auth {
namespace {

constexpr size_t kMaxPemBytes = size_t{16} * 1024;

// Making keys and signing with them fails only without memory or randomness.
void Require(bool ok) {
  if (ok) return;
  std::fputs("the cryptographic library failed to make or use a key\n", stderr);
  std::abort();
}

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;

}  // namespace

PrivateKey::PrivateKey(evp_pkey_st* key) : key_(key, EVP_PKEY_free) {}

PrivateKey PrivateKey::GenerateRsa(int bits, uint64_t exponent) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  BIGNUM* e = BN_new();
  EVP_PKEY* key = nullptr;
  Require(context != nullptr && e != nullptr && BN_set_word(e, exponent) == 1 &&
          EVP_PKEY_keygen_init(context) == 1 &&
          EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1 &&
          EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e) == 1 &&
          EVP_PKEY_generate(context, &key) == 1);
  BN_free(e);
  EVP_PKEY_CTX_free(context);
  return PrivateKey(key);
}

PrivateKey PrivateKey::GenerateP256() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  Require(key != nullptr);
  return PrivateKey(key);
}

PrivateKey PrivateKey::GenerateP384() {
  EVP_PKEY* key = EVP_EC_gen("P-384");
  Require(key != nullptr);
  return PrivateKey(key);
}

absl::StatusOr<PrivateKey> PrivateKey::FromPem(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // An empty passphrase instead of the library's prompt on the terminal.
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>(""));
  if (key == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError("not a PEM private key");
  }
  return PrivateKey(key);
}

std::string PrivateKey::ToPem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

absl::StatusOr<PrivateKey> PrivateKey::Load(const std::filesystem::path& path) {
  absl::StatusOr<std::string> pem = ReadPrivateFile(path, kMaxPemBytes);
  if (!pem.ok()) return pem.status();
  absl::StatusOr<PrivateKey> key = FromPem(*pem);
  if (!key.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {}", path.string(), std::string(key.status().message())));
  }
  return key;
}

absl::Status PrivateKey::Save(const std::filesystem::path& path) const {
  return WritePrivateFile(path, ToPem());
}

KeyType PrivateKey::type() const {
  return EVP_PKEY_is_a(key_.get(), "RSA") == 1 ? KeyType::kRsa : KeyType::kEc;
}

int PrivateKey::bits() const { return EVP_PKEY_get_bits(key_.get()); }

std::string PrivateKey::PublicKeyDer() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  Require(size > 0);
  std::string out(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::string PrivateKey::Sign(std::string_view message, DigestKind digest) const {
  const EVP_MD* method = digest == DigestKind::kSha384 ? EVP_sha384() : EVP_sha256();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  size_t size = signature.size();
  Require(context != nullptr &&
          EVP_DigestSignInit(context, nullptr, method, nullptr, key_.get()) == 1 &&
          EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                         AsBytes(message).data(), message.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  return signature;
}

absl::StatusOr<std::vector<PrivateKey>> OpenKeyPool(const std::filesystem::path& directory,
                                                    int count) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::FailedPreconditionError(
        fmt::format("{} cannot be created: {}", directory.string(), error.message()));
  }
  std::vector<PrivateKey> keys;
  for (int i = 0; i < count; ++i) {
    const std::filesystem::path path = directory / fmt::format("key-{:05}.pem", i);
    if (!std::filesystem::exists(path, error)) {
      const PrivateKey made = PrivateKey::GenerateRsa();
      if (absl::Status saved = made.Save(path); !saved.ok()) return saved;
      keys.push_back(made);
      continue;
    }
    absl::StatusOr<PrivateKey> key = PrivateKey::Load(path);
    if (!key.ok()) return key.status();
    keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace kakunin::auth
