#include "auth/web_session.h"

#include <gtest/gtest.h>

namespace kakunin::auth {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'790'000'000);

WebSession Sample() {
  WebSession session{.end = kNow + absl::Minutes(15)};
  session.link_token_hash.fill(7);
  session.nonce.fill(9);
  return session;
}

const HmacKey& Parent() {
  static const auto* const kKey = new HmacKey("0123456789abcdef0123456789abcdef", "k");
  return *kKey;
}

TEST(WebSession, OpensWhatItSealed) {
  const WebSessionKey key(Parent());
  const auto opened = key.Open(key.Seal(Sample()), kNow);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->link_token_hash, Sample().link_token_hash);
  EXPECT_EQ(opened->nonce, Sample().nonce);
  EXPECT_EQ(opened->end, Sample().end);
  EXPECT_EQ(key.Seal(Sample()).size(), 112u);
}

TEST(WebSession, IsOverAtItsEnd) {
  const WebSessionKey key(Parent());
  const std::string sealed = key.Seal(Sample());
  EXPECT_TRUE(key.Open(sealed, Sample().end - absl::Milliseconds(1)));
  EXPECT_FALSE(key.Open(sealed, Sample().end));
  EXPECT_FALSE(key.Open(sealed, Sample().end + absl::Milliseconds(1)));
}

TEST(WebSession, RefusesEveryChangedDigit) {
  const WebSessionKey key(Parent());
  const std::string sealed = key.Seal(Sample());
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_FALSE(key.Open(changed, kNow)) << i;
  }
  for (const std::string& other : {std::string(), sealed.substr(2), sealed + "00",
                                   std::string(112, '0'), std::string(112, 'x')}) {
    EXPECT_FALSE(key.Open(other, kNow)) << other;
  }
  const WebSessionKey another(HmacKey("another key, another key, another", "k"));
  EXPECT_FALSE(another.Open(sealed, kNow));
}

TEST(WebSession, ItsTokenIsItsOwn) {
  const WebSessionKey key(Parent());
  const std::string token = key.CsrfToken(Sample());
  EXPECT_TRUE(key.IsCsrfToken(Sample(), token));
  EXPECT_FALSE(key.IsCsrfToken(Sample(), ""));
  EXPECT_FALSE(key.IsCsrfToken(Sample(), token.substr(1)));
  WebSession other = Sample();
  other.nonce.fill(8);
  EXPECT_FALSE(key.IsCsrfToken(other, token));
  // The cookie does not tell it.
  EXPECT_EQ(key.Seal(Sample()).find(token), std::string::npos);
}

}  // namespace
}  // namespace kakunin::auth
