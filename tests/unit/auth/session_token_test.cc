#include "auth/session_token.h"

#include <gtest/gtest.h>

namespace kakunin::auth {
namespace {

const HmacKey kParent("a key of the installation", "k1");

TEST(SessionToken, IsReadBack) {
  const SessionTokenKey key(kParent);
  const std::string secret = SessionTokenKey::Secret();
  const std::string text = SessionTokenKey::Text(secret, 42);
  EXPECT_EQ(text.size(), 64u + 3);
  const auto read = key.Read(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->hash, key.HashOf(secret));
  EXPECT_EQ(read->generation, 42);
  EXPECT_NE(secret, SessionTokenKey::Secret());
}

TEST(SessionToken, TheGenerationProvesNothing) {
  const SessionTokenKey key(kParent);
  const std::string secret = SessionTokenKey::Secret();
  EXPECT_EQ(key.Read(SessionTokenKey::Text(secret, 1))->hash,
            key.Read(SessionTokenKey::Text(secret, 2))->hash);
}

TEST(SessionToken, AnotherKeyGivesAnotherHashAndNoneIsThePlainOne) {
  const std::string secret = SessionTokenKey::Secret();
  const SessionTokenKey key(kParent);
  EXPECT_NE(key.HashOf(secret), SessionTokenKey(HmacKey("another", "k2")).HashOf(secret));
  EXPECT_NE(key.HashOf(secret), kParent.Mac(secret));
  EXPECT_NE(key.HashOf(secret), Sha256(secret));
}

TEST(SessionToken, NothingElseIsAToken) {
  const SessionTokenKey key(kParent);
  const std::string secret = SessionTokenKey::Secret();
  for (const std::string& bad :
       {std::string(), secret, secret + ".", secret + ".x", secret + ".-1", secret + ".1 ",
        secret.substr(1) + ".1", "g" + secret.substr(1) + ".1", secret + "." + std::string(19, '9'),
        secret + secret + ".1"}) {
    EXPECT_FALSE(key.Read(bad)) << bad;
  }
}

}  // namespace
}  // namespace kakunin::auth
