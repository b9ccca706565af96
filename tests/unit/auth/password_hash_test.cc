#include "auth/password_hash.h"

#include <gtest/gtest.h>

#include <set>

namespace kakunin::auth {
namespace {

constexpr PasswordCost kLow = {.log_n = 4, .r = 1, .p = 1};

TEST(PasswordHash, FitsItsPasswordAndNoOther) {
  const std::string hash = HashPassword("correct horse battery");
  EXPECT_TRUE(hash.starts_with("$scrypt$15$8$1$")) << hash;
  EXPECT_EQ(hash.find("horse"), std::string::npos);
  EXPECT_TRUE(IsPassword("correct horse battery", hash));
  EXPECT_FALSE(IsPassword("correct horse batterz", hash));
  EXPECT_FALSE(IsPassword("", hash));
}

TEST(PasswordHash, TheSamePasswordHasAnotherHashEachTime) {
  EXPECT_NE(HashPassword("k", kLow), HashPassword("k", kLow));
}

TEST(PasswordHash, IsScryptAsRfc7914Says) {
  // Section 12, the second vector: N = 1024, r = 8, p = 16, its first 32 octets.
  EXPECT_TRUE(IsPassword("password",
                         "$scrypt$10$8$16$4e61436c$"
                         "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"));
}

TEST(PasswordHash, AHashOfAnotherCostStaysReadable) {
  const std::string hash = HashPassword("k", kLow);
  EXPECT_EQ(CostOf(hash), kLow);
  EXPECT_NE(CostOf(hash), PasswordCost());
  EXPECT_TRUE(IsPassword("k", hash));
}

TEST(PasswordHash, NothingFitsWhatIsNoHash) {
  const std::string good = HashPassword("k", kLow);
  for (const std::string& bad :
       {std::string(), std::string("$"), std::string("plain"), good + "$", good + "00",
        good.substr(0, good.size() - 2), "x" + good, std::string("$scrypt$4$1$1$zz$00"),
        std::string("$scrypt$0$1$1$00$") + std::string(64, '0'),
        // Within the numbers, and beyond the memory that a hash may ask for.
        std::string("$scrypt$20$32$1$00$") + std::string(64, '0')}) {
    EXPECT_FALSE(IsPassword("k", bad)) << bad;
  }
}

TEST(PasswordHash, OneTimePasswordsDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string password = RandomPassword();
    ASSERT_EQ(password.size(), 19u);
    ASSERT_EQ(password.find_first_of("ilou"), std::string::npos) << password;
    ASSERT_TRUE(seen.insert(password).second);
  }
}

}  // namespace
}  // namespace kakunin::auth
