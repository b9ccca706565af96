#include "server/clock_watch.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

class ClockWatchTest : public testing::Test {
 protected:
  // Both clocks go on by `monotonic`, the wall by `step` beside.
  void Look(absl::Duration monotonic, absl::Duration step = absl::ZeroDuration()) {
    now_.monotonic += absl::ToChronoNanoseconds(monotonic);
    now_.wall += monotonic + step;
    watch_.Look();
  }

  ClockWatch::Reading now_ = ClockWatch::ReadMachine();
  ClockWatch watch_{[this] { return now_; }};
};

TEST_F(ClockWatchTest, AClockThatGoesOnIsNotBack) {
  EXPECT_FALSE(watch_.IsBack());
  for (int i = 0; i < 3; ++i) {
    Look(absl::Hours(1));
    EXPECT_EQ(watch_.Back(), absl::ZeroDuration());
  }
}

TEST_F(ClockWatchTest, FiveMinutesAreTheFirstThatIsTooMuch) {
  constexpr absl::Duration kStep = absl::Nanoseconds(1);
  for (const absl::Duration off : {-kStep, absl::ZeroDuration(), kStep}) {
    Look(absl::Minutes(1));
    Look(absl::Minutes(1), -(kMostClockBack + off));
    EXPECT_EQ(watch_.Back(), kMostClockBack + off);
    EXPECT_EQ(watch_.IsBack(), off >= absl::ZeroDuration()) << off;
    Look(absl::Minutes(1), kMostClockBack + off);
    EXPECT_FALSE(watch_.IsBack());
  }
}

TEST_F(ClockWatchTest, StepsBackAddUpAndTimeThatPassesMendsNothing) {
  Look(absl::Minutes(1));
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(watch_.IsBack());
    Look(absl::Minutes(10), -absl::Minutes(1));
  }
  EXPECT_TRUE(watch_.IsBack());
  Look(absl::Hours(24));
  EXPECT_TRUE(watch_.IsBack());
  Look(absl::Minutes(1), absl::Seconds(1));
  EXPECT_FALSE(watch_.IsBack());
}

TEST_F(ClockWatchTest, AClockThatIsPutAheadIsHeldToThat) {
  Look(absl::Minutes(1));
  Look(absl::Minutes(1), absl::Hours(3));
  EXPECT_EQ(watch_.Back(), absl::ZeroDuration());
  Look(absl::Minutes(1), -absl::Hours(3));
  EXPECT_EQ(watch_.Back(), absl::Hours(3));
}

TEST(ClockWatch, ThisMachinesClockDoesNotGoBackBetweenTwoLooks) {
  ClockWatch watch;
  watch.Look();
  watch.Look();
  EXPECT_FALSE(watch.IsBack());
}

}  // namespace
}  // namespace kakunin
