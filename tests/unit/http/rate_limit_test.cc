#include "server/rpc/rate_limit.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

using std::chrono::seconds;

const RateLimit::Instant kStart{seconds(1000)};

TEST(RateLimit, AllowsSoManyAWindowAndBeginsAnew) {
  RateLimit limit(3, seconds(60), 10);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.Take("a", kStart + seconds(i)));
  EXPECT_FALSE(limit.Take("a", kStart + seconds(59)));
  EXPECT_TRUE(limit.Take("b", kStart + seconds(59)));
  EXPECT_TRUE(limit.Take("a", kStart + seconds(60)));
}

TEST(RateLimit, LookingCountsNothing) {
  RateLimit limit(1, seconds(60), 10);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(limit.IsOver("a", kStart));
  EXPECT_TRUE(limit.Take("a", kStart));
  EXPECT_TRUE(limit.IsOver("a", kStart));
  EXPECT_FALSE(limit.IsOver("a", kStart + seconds(60)));
}

TEST(RateLimit, KeysThatDoNotFitShareOneCount) {
  RateLimit limit(2, seconds(60), 3);
  for (const char* key : {"a", "b", "c"}) EXPECT_TRUE(limit.Take(key, kStart));
  EXPECT_TRUE(limit.Take("d", kStart));
  EXPECT_TRUE(limit.Take("e", kStart));
  EXPECT_FALSE(limit.Take("f", kStart));
  // Who is held has a count of their own all the same.
  EXPECT_TRUE(limit.Take("a", kStart));
  // What is over makes room.
  EXPECT_TRUE(limit.Take("g", kStart + seconds(60)));
  EXPECT_TRUE(limit.Take("g", kStart + seconds(60)));
  EXPECT_FALSE(limit.Take("g", kStart + seconds(60)));
}

TEST(RateLimit, AHouseholdsNetworkIsOneAddress) {
  EXPECT_EQ(AddressKey("203.0.113.7"), "203.0.113.7");
  EXPECT_NE(AddressKey("203.0.113.7"), AddressKey("203.0.113.8"));
  EXPECT_EQ(AddressKey("2001:db8:1:2::1"), AddressKey("2001:db8:1:2:ffff::9"));
  EXPECT_NE(AddressKey("2001:db8:1:2::1"), AddressKey("2001:db8:1:3::1"));
  EXPECT_NE(AddressKey("::ffff:203.0.113.7"), AddressKey("::ffff:203.0.113.8"));
}

}  // namespace
}  // namespace kakunin
