#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/digest.h"

namespace kakunin::auth {

// SessionToken is what a terminal holds of a session: 256 random bits, and the generation of the
// sessions in which it was made, so that a server that does not know so new a session yet can say
// so instead of refusing it. The generation is no secret and proves nothing. As text: 64
// hexadecimal digits, ".", the generation.
struct SessionToken {
  Sha256Digest hash{};  // what is stored
  int64_t generation = 0;
};

// SessionTokenKey makes and reads session tokens. Only a keyed hash of a token is stored: who reads
// the database has no session. Its key is derived from `parent`. Immutable, thread-safe.
class SessionTokenKey {
 public:
  explicit SessionTokenKey(const HmacKey& parent);

  // Secret is a fresh token without its generation.
  static std::string Secret();
  // HashOf is the keyed hash of a secret.
  Sha256Digest HashOf(std::string_view secret) const;
  // Text is a secret with its generation, as the terminal is told it.
  static std::string Text(std::string_view secret, int64_t generation);
  // Read reads what a terminal presents; empty: it is no token.
  std::optional<SessionToken> Read(std::string_view text) const;

 private:
  HmacKey key_;
};

}  // namespace kakunin::auth
