#include "auth/siv_key.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "auth/digest.h"

namespace kakunin::auth {
namespace {

constexpr size_t kTagOctets = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// A key of ours has been checked when it was loaded: what fails here is the library, and there is
// no safe way to go on without it.
void Require(int result) {
  if (result != 1) std::abort();
}

std::shared_ptr<EVP_CIPHER_CTX> Prepare(std::span<const uint8_t> root, const std::string& label,
                                        int encrypt) {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr);
  Require(cipher != nullptr ? 1 : 0);
  std::shared_ptr<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  // SIV takes two keys of 256 bits; both come from the one secret by labelled HMAC.
  const HmacKey mac(root, "");
  std::array<uint8_t, 64> pair;
  const auto mac_key = mac.Mac(label + " mac");
  const auto cipher_key = mac.Mac(label + " cipher");
  std::memcpy(pair.data(), mac_key.data(), 32);
  std::memcpy(pair.data() + 32, cipher_key.data(), 32);
  Require(EVP_CipherInit_ex(context.get(), cipher, nullptr, pair.data(), nullptr, encrypt));
  EVP_CIPHER_free(cipher);
  return context;
}

Context CopyOf(const EVP_CIPHER_CTX* prepared) {
  Context copy(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  Require(EVP_CIPHER_CTX_copy(copy.get(), prepared));
  return copy;
}

const uint8_t* BytesOf(std::string_view octets) {
  return reinterpret_cast<const uint8_t*>(octets.data());
}

void Associate(EVP_CIPHER_CTX* context, std::string_view associated) {
  int length = 0;
  Require(EVP_CipherUpdate(context, nullptr, &length, BytesOf(associated),
                           static_cast<int>(associated.size())));
}

}  // namespace

SivKey::SivKey(std::span<const uint8_t> root, std::string_view label)
    : sealer_(Prepare(root, std::string(label), 1)),
      opener_(Prepare(root, std::string(label), 0)) {}

std::string SivKey::Seal(std::string_view associated, std::string_view plain) const {
  std::string sealed(kTagOctets + plain.size(), '\0');
  auto* const bytes = reinterpret_cast<uint8_t*>(sealed.data());
  const Context context = CopyOf(sealer_.get());
  Associate(context.get(), associated);
  int length = 0;
  Require(EVP_CipherUpdate(context.get(), bytes + kTagOctets, &length, BytesOf(plain),
                           static_cast<int>(plain.size())));
  Require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagOctets, bytes));
  return sealed;
}

std::optional<std::string> SivKey::Open(std::string_view associated,
                                        std::string_view sealed) const {
  if (sealed.size() <= kTagOctets) return std::nullopt;
  std::string tag(sealed.substr(0, kTagOctets));
  std::string plain(sealed.size() - kTagOctets, '\0');
  const Context context = CopyOf(opener_.get());
  int length = 0;
  Require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagOctets, tag.data()));
  Associate(context.get(), associated);
  if (EVP_CipherUpdate(context.get(), reinterpret_cast<uint8_t*>(plain.data()), &length,
                       BytesOf(sealed) + kTagOctets, static_cast<int>(plain.size())) != 1) {
    return std::nullopt;
  }
  return plain;
}

}  // namespace kakunin::auth
