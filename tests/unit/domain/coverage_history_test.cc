#include "domain/coverage_history.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

const absl::Time kNoon = absl::FromUnixSeconds(1'780'000'000);
constexpr absl::Duration kLeast = absl::Microseconds(1);
const absl::CivilDay kFirst(2026, 4, 1);

CoverageVersion Version() {
  CoverageVersion version;
  version.qualification_date = kFirst;
  version.disqualification_date = kFirst + 10;
  version.known_from = kNoon;
  version.known_to = kNoon + absl::Hours(1);
  return version;
}

TEST(CoverageVersion, IsKnownFromItsFirstInstantUntilJustBeforeItsEnd) {
  const CoverageVersion version = Version();
  EXPECT_FALSE(WasKnown(version, kNoon - kLeast));
  EXPECT_TRUE(WasKnown(version, kNoon));
  EXPECT_TRUE(WasKnown(version, kNoon + absl::Hours(1) - kLeast));
  EXPECT_FALSE(WasKnown(version, kNoon + absl::Hours(1)));
  CoverageVersion current = version;
  current.known_to.reset();
  EXPECT_TRUE(WasKnown(current, kNoon + absl::Hours(1'000'000)));
}

TEST(CoverageVersion, AnswersFromTheFirstDayCoveredUntilTheLast) {
  const CoverageVersion version = Version();
  EXPECT_FALSE(Answers(version, kFirst - 1, kNoon));
  EXPECT_TRUE(Answers(version, kFirst, kNoon));
  EXPECT_TRUE(Answers(version, kFirst + 9, kNoon));
  EXPECT_FALSE(Answers(version, kFirst + 10, kNoon));
  EXPECT_FALSE(Answers(version, kFirst, kNoon - kLeast));
  CoverageVersion running = version;
  running.disqualification_date.reset();
  EXPECT_TRUE(Answers(running, kFirst + 10'000, kNoon));
  running.visible = false;
  EXPECT_FALSE(Answers(running, kFirst, kNoon));
}

}  // namespace
}  // namespace kakunin
