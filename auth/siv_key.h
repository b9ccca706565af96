#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct evp_cipher_ctx_st;

namespace kakunin::auth {

// SivKey encrypts and authenticates short texts (AES-256-SIV, RFC 5297): the same text always gives
// the same octets, and nothing need be stored beside them. Immutable, thread-safe.
class SivKey {
 public:
  // `root` is a secret of at least 32 octets, of which the two keys of SIV are derived under
  // `label`.
  SivKey(std::span<const uint8_t> root, std::string_view label);

  // Seal returns 16 octets more than `plain` has. `associated` is authenticated with it and not
  // kept: it must be given again to open. `plain` must not be empty.
  std::string Seal(std::string_view associated, std::string_view plain) const;

  // Open returns the text, or nullopt: other key, other `associated`, or changed octets.
  std::optional<std::string> Open(std::string_view associated, std::string_view sealed) const;

 private:
  std::shared_ptr<evp_cipher_ctx_st> sealer_;
  std::shared_ptr<evp_cipher_ctx_st> opener_;
};

}  // namespace kakunin::auth
