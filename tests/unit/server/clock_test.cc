#include "server/clock.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace kakunin {
namespace {

class SandboxClockTest : public testing::Test {
 protected:
  SandboxClockTest() {
    std::string name = (std::filesystem::temp_directory_path() / "kakunin-clock-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) abort();
    folder_ = name;
    file_ = (folder_ / "offset").string();
  }
  ~SandboxClockTest() override { std::filesystem::remove_all(folder_); }

  // How far a clock is ahead of the machine, to the minute.
  static int64_t MinutesAhead(const Clock& clock) {
    const absl::Duration ahead = clock.Now() - SystemClock().Now() + absl::Seconds(30);
    return absl::ToInt64Minutes(absl::Floor(ahead, absl::Minutes(1)));
  }

  // Looks until `clock` is so far ahead, at most for ten seconds.
  static bool Reaches(const Clock& clock, int64_t minutes) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (MinutesAhead(clock) != minutes) {
      if (std::chrono::steady_clock::now() > end) return false;
    }
    return true;
  }

  std::filesystem::path folder_;
  std::string file_;
};

TEST(SystemClock, KeepsWholeMicroseconds) {
  const absl::Time now = SystemClock().Now();
  EXPECT_EQ(absl::FromUnixMicros(absl::ToUnixMicros(now)), now);
}

TEST_F(SandboxClockTest, TellsItsOffset) {
  EXPECT_EQ(SandboxClock(file_).Offset(), absl::ZeroDuration());
  ASSERT_TRUE(SandboxClock::WriteOffset(file_, absl::Hours(-36)).ok());
  EXPECT_EQ(SandboxClock(file_).Offset(), absl::Hours(-36));
}

TEST_F(SandboxClockTest, WithoutAFileItIsTheMachinesTime) {
  EXPECT_EQ(MinutesAhead(SandboxClock(file_)), 0);
}

TEST_F(SandboxClockTest, TheFirstLookSeesTheOffset) {
  ASSERT_TRUE(SandboxClock::WriteOffset(file_, absl::Hours(24 * 400)).ok());
  const SandboxClock clock(file_);
  EXPECT_EQ(MinutesAhead(clock), 400 * 24 * 60);
}

TEST_F(SandboxClockTest, EveryClockOfTheInstallationFollowsAChangeInBothDirections) {
  const SandboxClock one(file_);
  const SandboxClock other(file_);
  for (const int64_t minutes : {90, -30, 0}) {
    ASSERT_TRUE(SandboxClock::WriteOffset(file_, absl::Minutes(minutes)).ok());
    EXPECT_TRUE(Reaches(one, minutes));
    EXPECT_TRUE(Reaches(other, minutes));
  }
}

TEST_F(SandboxClockTest, OffsetsAreReadBackToTheMicrosecond) {
  ASSERT_TRUE(SandboxClock::WriteOffset(file_, absl::Microseconds(-1234567)).ok());
  EXPECT_EQ(SandboxClock::ReadOffset(file_).value(), absl::Microseconds(-1234567));
  std::filesystem::remove(file_);
  EXPECT_EQ(SandboxClock::ReadOffset(file_).value(), absl::ZeroDuration());
}

TEST_F(SandboxClockTest, AFileThatHoldsNoNumberIsAnErrorAndMovesNothing) {
  std::ofstream(file_) << "tomorrow";
  EXPECT_FALSE(SandboxClock::ReadOffset(file_).ok());
  EXPECT_EQ(MinutesAhead(SandboxClock(file_)), 0);
  EXPECT_FALSE(SandboxClock::WriteOffset((folder_ / "no/such/folder").string(), {}).ok());
}

}  // namespace
}  // namespace kakunin
