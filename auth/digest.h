#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace kakunin::auth {

// Sha256Digest is the 32 octets of a SHA-256 or of an HMAC-SHA-256.
using Sha256Digest = std::array<uint8_t, 32>;

// AsBytes views text as octets; the view lives as long as the text.
inline std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// AsText views octets as text; the view lives as long as the octets.
inline std::string_view AsText(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Sha256 digests one message. Thread-safe, allocates only on a thread's first call.
Sha256Digest Sha256(std::span<const uint8_t> bytes);
Sha256Digest Sha256(std::string_view bytes);

// Sha256Stream digests a message that arrives in parts. One thread at a time.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;

  void Update(std::span<const uint8_t> bytes);
  void Update(std::string_view bytes) { Update(AsBytes(bytes)); }

  // Finish returns the digest of everything so far and starts a new message.
  Sha256Digest Finish();

 private:
  evp_md_ctx_st* context_;
};

// HmacKey computes HMAC-SHA-256 under one key. The padded key is digested once at construction,
// so that a short message costs two compressions. Immutable: Mac may be called from any thread.
// Copies share the prepared state. The key octets themselves are not kept.
class HmacKey {
 public:
  // `key_id` names the key in stored rows (see key_file.h). An empty key is allowed by HMAC but
  // never made by this service.
  HmacKey(std::span<const uint8_t> key, std::string key_id);
  HmacKey(std::string_view key, std::string key_id) : HmacKey(AsBytes(key), std::move(key_id)) {}

  Sha256Digest Mac(std::string_view message) const { return Mac(AsBytes(message)); }
  Sha256Digest Mac(std::span<const uint8_t> message) const;

  const std::string& key_id() const { return key_id_; }

 private:
  std::shared_ptr<const evp_md_ctx_st> inner_;
  std::shared_ptr<const evp_md_ctx_st> outer_;
  std::string key_id_;
};

// ConstantTimeEqual compares in a time that depends on the lengths only. Different lengths are
// unequal.
bool ConstantTimeEqual(std::span<const uint8_t> a, std::span<const uint8_t> b);
inline bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return ConstantTimeEqual(AsBytes(a), AsBytes(b));
}

// RandomBytes fills `out` from the library's seeded generator. Ends the process if the generator
// fails: there is no safe way to go on with a predictable nonce.
void RandomBytes(std::span<uint8_t> out);

template <size_t N>
std::array<uint8_t, N> RandomArray() {
  std::array<uint8_t, N> out;
  RandomBytes(out);
  return out;
}

}  // namespace kakunin::auth
