#include "server/rpc/onboarding_limits.h"

#include <gtest/gtest.h>

#include "server/rpc/peer_address.h"

namespace kakunin {
namespace {

using Verdict = OnboardingLimits::Verdict;

const OnboardingLimits::Instant kStart{};

TEST(OnboardingLimits, CountByAddressForAMinuteAndTellTheFirstExcess) {
  OnboardingLimits limits(2, 100);
  EXPECT_EQ(limits.Take("192.0.2.1", kStart), Verdict::kWithin);
  EXPECT_EQ(limits.Take("192.0.2.1", kStart), Verdict::kWithin);
  EXPECT_EQ(limits.Take("192.0.2.1", kStart), Verdict::kFirstOver);
  EXPECT_EQ(limits.Take("192.0.2.1", kStart), Verdict::kOver);
  EXPECT_EQ(limits.Take("192.0.2.2", kStart), Verdict::kWithin);
  const auto minute = std::chrono::minutes(1);
  EXPECT_EQ(limits.Take("192.0.2.1", kStart + minute - std::chrono::seconds(1)), Verdict::kOver);
  EXPECT_EQ(limits.Take("192.0.2.1", kStart + minute), Verdict::kWithin);
}

TEST(OnboardingLimits, CountInAllWhatIsWithinTheAddressesOwn) {
  OnboardingLimits limits(2, 3);
  for (int i = 0; i < 10; ++i) limits.Take("192.0.2.1", kStart);
  EXPECT_EQ(limits.Take("192.0.2.2", kStart), Verdict::kWithin);
  // As many again are let in of those who have hardly called.
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(limits.Take(std::to_string(i) + ".0.2.3", kStart), Verdict::kWithin);
  }
  EXPECT_EQ(limits.Take("192.0.2.4", kStart), Verdict::kFirstOver);
}

TEST(OnboardingLimits, BoundABlockOfAddresses) {
  OnboardingLimits limits(10, 100'000);
  const int most = 10 * OnboardingLimits::kAddressesOfBlock;
  int within = 0;
  for (int i = 0; i < 50; ++i) {
    for (int call = 0; call < 10; ++call) {
      const std::string address = "192.0.2." + std::to_string(i);
      if (limits.Take(address, kStart) == Verdict::kWithin) ++within;
    }
  }
  EXPECT_EQ(within, most);
  EXPECT_EQ(limits.Take("192.0.3.1", kStart), Verdict::kWithin);
  EXPECT_NE(limits.Take("::ffff:192.0.2.200", kStart), Verdict::kWithin);
  // Of IPv6 a block is what one customer has.
  within = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string address = "2001:db8:1:" + std::to_string(i) + "::1";
    if (limits.Take(address, kStart) == Verdict::kWithin) ++within;
  }
  EXPECT_EQ(within, most);
  EXPECT_EQ(limits.Take("2001:db8:2::1", kStart), Verdict::kWithin);
}

TEST(OnboardingLimits, ManyAddressesThatCallAsOftenAsTheyMayShutNobodyOut) {
  OnboardingLimits limits(60, 1200);
  // 50 addresses of as many blocks, until each is at its own limit.
  for (int call = 0; call < 60; ++call) {
    for (int i = 0; i < 50; ++i) limits.Take("10." + std::to_string(i) + ".0.1", kStart);
  }
  for (int call = 0; call < OnboardingLimits::kFirstCalls; ++call) {
    EXPECT_EQ(limits.Take("192.0.2.1", kStart), Verdict::kWithin) << call;
  }
  EXPECT_EQ(limits.Take("192.0.2.1", kStart), Verdict::kFirstOver);
}

TEST(OnboardingLimits, StopWhoGuessesAndNobodyElse) {
  OnboardingLimits limits(1000, 1000);
  for (int i = 0; i < OnboardingLimits::kWrongCodesPerAddress; ++i) {
    EXPECT_TRUE(limits.MayTryCode("192.0.2.1", kStart));
    limits.WrongCode("192.0.2.1", kStart);
  }
  EXPECT_FALSE(limits.MayTryCode("192.0.2.1", kStart));
  EXPECT_TRUE(limits.MayTryCode("192.0.2.2", kStart));
  for (int i = 0; i < OnboardingLimits::kWrongCodesInAll; ++i) {
    limits.WrongCode("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250), kStart);
  }
  EXPECT_FALSE(limits.MayTryCode("192.0.2.2", kStart));
  EXPECT_TRUE(limits.MayTryCode("192.0.2.2", kStart + std::chrono::hours(1)));
}

TEST(PeerAddress, IsWithoutThePort) {
  EXPECT_EQ(AddressOfPeer("ipv4:192.0.2.1:50000"), "192.0.2.1");
  EXPECT_EQ(AddressOfPeer("ipv6:[2001:db8::1]:50000"), "2001:db8::1");
  EXPECT_EQ(AddressOfPeer("ipv6:%5B2001:db8::1%5D:50000"), "2001:db8::1");
  EXPECT_EQ(AddressOfPeer("unix:/run/x"), "unix:/run/x");
  EXPECT_EQ(AddressOfPeer(""), "");
}

// Whoever has some blocks of addresses fills what all may, and hardly a tenth of the reserve.
TEST(OnboardingLimits, TenBlocksOfAddressesDoNotUseUpTheReserve) {
  constexpr int kInAll = 600;
  OnboardingLimits limits(60, kInAll);
  int within = 0;
  for (int block = 0; block < 10; ++block) {
    for (int i = 0; i < 250; ++i) {
      const std::string address = "192.0." + std::to_string(block) + "." + std::to_string(i);
      if (limits.Take(address, kStart) == Verdict::kWithin) ++within;
    }
  }
  EXPECT_LE(within, kInAll + 10 * OnboardingLimits::kFirstCalls);
  for (int call = 0; call < OnboardingLimits::kFirstCalls; ++call) {
    EXPECT_EQ(limits.Take("198.51.100.7", kStart), Verdict::kWithin);
  }
  EXPECT_NE(limits.Take("198.51.100.7", kStart), Verdict::kWithin);
}

}  // namespace
}  // namespace kakunin
