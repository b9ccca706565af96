#include "auth/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace kakunin::auth {
namespace {

[[noreturn]] void CryptoFailed() {
  std::fputs("the cryptographic library failed in a primitive that cannot fail\n", stderr);
  std::abort();
}

void Require(bool ok) {
  if (!ok) CryptoFailed();
}

// The fetch walks the providers under a lock: once a process. Deliberately never freed, so that
// destructors of other statics may still digest.
const EVP_MD* Sha256Method() {
  static const EVP_MD* const method = [] {
    const EVP_MD* fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    Require(fetched != nullptr);
    return fetched;
  }();
  return method;
}

EVP_MD_CTX* NewContext() {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  Require(context != nullptr);
  return context;
}

// One scratch context a thread spares an allocation for each digest.
EVP_MD_CTX* Scratch() {
  struct Holder {
    EVP_MD_CTX* context = NewContext();
    ~Holder() { EVP_MD_CTX_free(context); }
  };
  thread_local Holder holder;
  return holder.context;
}

Sha256Digest Final(EVP_MD_CTX* context) {
  Sha256Digest digest;
  unsigned int length = 0;
  Require(EVP_DigestFinal_ex(context, digest.data(), &length) == 1 && length == digest.size());
  return digest;
}

std::shared_ptr<const EVP_MD_CTX> PaddedKeyState(std::span<const uint8_t> key, uint8_t pad) {
  constexpr size_t kBlockBytes = 64;
  std::array<uint8_t, kBlockBytes> block{};
  if (key.size() > kBlockBytes) {
    const Sha256Digest shortened = Sha256(key);
    std::copy(shortened.begin(), shortened.end(), block.begin());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  for (uint8_t& octet : block) octet ^= pad;
  EVP_MD_CTX* context = NewContext();
  Require(EVP_DigestInit_ex2(context, Sha256Method(), nullptr) == 1 &&
          EVP_DigestUpdate(context, block.data(), block.size()) == 1);
  OPENSSL_cleanse(block.data(), block.size());
  return {context, [](const EVP_MD_CTX* c) { EVP_MD_CTX_free(const_cast<EVP_MD_CTX*>(c)); }};
}

}  // namespace

Sha256Digest Sha256(std::span<const uint8_t> bytes) {
  EVP_MD_CTX* context = Scratch();
  Require(EVP_DigestInit_ex2(context, Sha256Method(), nullptr) == 1 &&
          EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
  return Final(context);
}

Sha256Digest Sha256(std::string_view bytes) { return Sha256(AsBytes(bytes)); }

Sha256Stream::Sha256Stream() : context_(NewContext()) {
  Require(EVP_DigestInit_ex2(context_, Sha256Method(), nullptr) == 1);
}

Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(context_); }

Sha256Stream::Sha256Stream(Sha256Stream&& other) noexcept
    : context_(std::exchange(other.context_, nullptr)) {}

Sha256Stream& Sha256Stream::operator=(Sha256Stream&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}

void Sha256Stream::Update(std::span<const uint8_t> bytes) {
  Require(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
}

Sha256Digest Sha256Stream::Finish() {
  const Sha256Digest digest = Final(context_);
  Require(EVP_DigestInit_ex2(context_, Sha256Method(), nullptr) == 1);
  return digest;
}

HmacKey::HmacKey(std::span<const uint8_t> key, std::string key_id)
    : inner_(PaddedKeyState(key, 0x36)),
      outer_(PaddedKeyState(key, 0x5c)),
      key_id_(std::move(key_id)) {}

Sha256Digest HmacKey::Mac(std::span<const uint8_t> message) const {
  EVP_MD_CTX* context = Scratch();
  Require(EVP_MD_CTX_copy_ex(context, inner_.get()) == 1 &&
          EVP_DigestUpdate(context, message.data(), message.size()) == 1);
  const Sha256Digest inner = Final(context);
  Require(EVP_MD_CTX_copy_ex(context, outer_.get()) == 1 &&
          EVP_DigestUpdate(context, inner.data(), inner.size()) == 1);
  return Final(context);
}

bool ConstantTimeEqual(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void RandomBytes(std::span<uint8_t> out) {
  Require(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

}  // namespace kakunin::auth
