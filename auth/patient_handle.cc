#include "auth/patient_handle.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <cstring>

#include "auth/digest.h"
#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

constexpr uint8_t kFormat = 1;
constexpr size_t kTagOctets = 16;
constexpr size_t kPlainOctets = 16 + 8;
constexpr size_t kHandleOctets = 1 + kTagOctets + kPlainOctets;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// A key of ours has been checked when it was loaded: what fails here is the library, and there is
// no safe way to go on without it.
void Require(int result) {
  if (result != 1) std::abort();
}

std::shared_ptr<EVP_CIPHER_CTX> Prepare(std::span<const uint8_t> key, int encrypt) {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr);
  Require(cipher != nullptr ? 1 : 0);
  std::shared_ptr<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  // SIV takes two keys of 256 bits; both come from the one file by labelled HMAC.
  const HmacKey root(key, "");
  std::array<uint8_t, 64> pair;
  const auto mac_key = root.Mac("kakunin patient handle mac");
  const auto cipher_key = root.Mac("kakunin patient handle cipher");
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

void Associate(EVP_CIPHER_CTX* context, std::string_view facility_code) {
  int length = 0;
  Require(EVP_CipherUpdate(context, nullptr, &length,
                           reinterpret_cast<const uint8_t*>(facility_code.data()),
                           static_cast<int>(facility_code.size())));
}

}  // namespace

PatientHandleKey::PatientHandleKey(std::span<const uint8_t> key)
    : sealer_(Prepare(key, 1)), opener_(Prepare(key, 0)) {}

std::string PatientHandleKey::Seal(std::string_view facility_code, const Content& content) const {
  std::array<uint8_t, kPlainOctets> plain;
  std::memcpy(plain.data(), content.person.data(), 16);
  // To the next whole second: the consent itself says to the nanosecond when it ends.
  const auto seconds = static_cast<uint64_t>(
      absl::ToUnixSeconds(content.end + absl::Seconds(1) - absl::Nanoseconds(1)));
  for (int i = 0; i < 8; ++i) plain[16 + i] = static_cast<uint8_t>(seconds >> (56 - 8 * i));

  std::array<uint8_t, kHandleOctets> handle;
  handle[0] = kFormat;
  const Context context = CopyOf(sealer_.get());
  Associate(context.get(), facility_code);
  int length = 0;
  Require(EVP_CipherUpdate(context.get(), handle.data() + 1 + kTagOctets, &length, plain.data(),
                           plain.size()));
  Require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagOctets, handle.data() + 1));
  return Base64Encode(handle);
}

std::optional<PatientHandleKey::Content> PatientHandleKey::Open(std::string_view facility_code,
                                                                std::string_view handle) const {
  auto octets = Base64Decode(handle);
  if (!octets || octets->size() != kHandleOctets || (*octets)[0] != kFormat) return std::nullopt;
  auto* bytes = reinterpret_cast<uint8_t*>(octets->data());
  std::array<uint8_t, kPlainOctets> plain;
  const Context context = CopyOf(opener_.get());
  int length = 0;
  Require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagOctets, bytes + 1));
  Associate(context.get(), facility_code);
  if (EVP_CipherUpdate(context.get(), plain.data(), &length, bytes + 1 + kTagOctets,
                       kPlainOctets) != 1) {
    return std::nullopt;
  }
  Content content;
  std::memcpy(content.person.data(), plain.data(), 16);
  uint64_t seconds = 0;
  for (int i = 0; i < 8; ++i) seconds = seconds << 8 | plain[16 + i];
  content.end = absl::FromUnixSeconds(static_cast<int64_t>(seconds));
  return content;
}

}  // namespace kakunin::auth
