#include "server/rpc/call_deadline.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

constexpr absl::Duration kDefault = absl::Seconds(10);

absl::Duration Given(absl::Duration left, absl::Duration fallback = kDefault) {
  const MonotonicTime now(std::chrono::hours(1));
  return absl::FromChrono(CallDeadline(left, fallback, now) - now);
}

TEST(CallDeadline, IsTheCallersUpToAMinute) {
  const absl::Duration bit = absl::Nanoseconds(1);
  EXPECT_EQ(Given(absl::Milliseconds(1)), absl::Milliseconds(1));
  EXPECT_EQ(Given(kLongestCall - bit), kLongestCall - bit);
  EXPECT_EQ(Given(kLongestCall), kLongestCall);
  EXPECT_EQ(Given(kLongestCall + bit), kLongestCall);
  EXPECT_EQ(Given(absl::Hours(24 * 365)), kLongestCall);
}

TEST(CallDeadline, OfAMethodThatTakesLongerIsItsDefaultAtMost) {
  EXPECT_EQ(Given(absl::Hours(3), absl::Minutes(5)), absl::Minutes(5));
  EXPECT_EQ(Given(absl::Minutes(2), absl::Minutes(5)), absl::Minutes(2));
}

TEST(CallDeadline, IsTheMethodsDefaultWhenNoneWasNamed) {
  EXPECT_EQ(Given(absl::InfiniteDuration()), kDefault);
  EXPECT_EQ(Given(absl::Hours(24 * 365) + absl::Nanoseconds(1)), kDefault);
  EXPECT_EQ(Given(absl::Seconds(int64_t{1} << 40)), kDefault);
}

TEST(CallDeadline, ThatIsOverStaysOver) {
  EXPECT_LT(Given(-absl::Seconds(1)), absl::ZeroDuration());
}

}  // namespace
}  // namespace kakunin
