#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "auth/digest.h"

namespace kakunin::auth {

// WebSession is what a patient's browser holds between two calls: through which link it came, which
// session it is, and its end. Nothing is stored at a server; nothing in it is personal.
struct WebSession {
  std::array<uint8_t, 16> link_token_hash{};
  std::array<uint8_t, 16> nonce{};  // random, of this session alone
  absl::Time end;                   // first instant at which it is over; whole milliseconds
};

// WebSessionKey seals sessions, so that every server of the installation knows its own, and makes
// the token that pages send against forged requests. Its key is derived from `parent`. Immutable,
// thread-safe.
class WebSessionKey {
 public:
  explicit WebSessionKey(const HmacKey& parent);

  // Seal is the cookie's value: 112 hexadecimal digits. A session that an app opened, named by
  // `app`, is that app's alone and no browser's.
  std::string Seal(const WebSession& session, std::string_view app = {}) const;
  // Open reads a value of Seal; empty: malformed, changed, of another key or app, or over at `now`.
  std::optional<WebSession> Open(std::string_view sealed, absl::Time now,
                                 std::string_view app = {}) const;

  // CsrfToken goes with every call beside the cookie: another site can make a browser send the one,
  // and does not know the other.
  std::string CsrfToken(const WebSession& session) const;
  bool IsCsrfToken(const WebSession& session, std::string_view token) const;

 private:
  HmacKey key_;
};

}  // namespace kakunin::auth
