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
  EXPECT_EQ(limits.Take("192.0.2.3", kStart), Verdict::kFirstOver);
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

}  // namespace
}  // namespace kakunin
