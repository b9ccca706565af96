#include "domain/civil_day.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

TEST(CivilDay, ChangesAtMidnightInJapan) {
  const absl::Time midnight =
      absl::FromCivil(absl::CivilSecond(2026, 4, 1, 15, 0, 0), absl::UTCTimeZone());
  EXPECT_EQ(CivilDayAt(midnight - absl::Microseconds(1)), absl::CivilDay(2026, 4, 1));
  EXPECT_EQ(CivilDayAt(midnight), absl::CivilDay(2026, 4, 2));
  EXPECT_EQ(CivilDayAt(midnight + absl::Microseconds(1)), absl::CivilDay(2026, 4, 2));
}

TEST(CivilDay, StartAndEndEncloseTheDay) {
  const absl::CivilDay leap(2028, 2, 29);
  EXPECT_EQ(CivilDayAt(StartOfDay(leap)), leap);
  EXPECT_EQ(CivilDayAt(EndOfDay(leap) - absl::Nanoseconds(1)), leap);
  EXPECT_EQ(EndOfDay(leap), StartOfDay(absl::CivilDay(2028, 3, 1)));
}

TEST(CivilDay, NumbersGoBothWays) {
  for (const absl::CivilDay day :
       {absl::CivilDay(1970, 1, 1), absl::CivilDay(1868, 1, 25), absl::CivilDay(2026, 12, 31)}) {
    EXPECT_EQ(DayFromNumber(DayNumber(day)), day);
  }
  EXPECT_EQ(DayNumber(absl::CivilDay(1970, 1, 2)), 1);
  EXPECT_EQ(DayNumber(absl::CivilDay(1969, 12, 31)), -1);
}

TEST(CivilDay, KnowsTheCalendar) {
  EXPECT_TRUE(IsRealDay(2024, 2, 29));
  EXPECT_FALSE(IsRealDay(2025, 2, 29));
  EXPECT_FALSE(IsRealDay(2025, 0, 1));
  EXPECT_FALSE(IsRealDay(2025, 13, 1));
  EXPECT_FALSE(IsRealDay(2025, 4, 31));
  EXPECT_FALSE(IsRealDay(2025, 4, 0));
  EXPECT_FALSE(IsRealDay(1867, 12, 31));
  EXPECT_TRUE(IsRealDay(1868, 1, 1));
}

TEST(CivilDay, LeapDayYearsBackIsTheLastOfFebruary) {
  EXPECT_EQ(SameDayYearsBefore(absl::CivilDay(2028, 2, 29), 10), absl::CivilDay(2018, 2, 28));
  EXPECT_EQ(SameDayYearsBefore(absl::CivilDay(2028, 2, 29), 4), absl::CivilDay(2024, 2, 29));
  EXPECT_EQ(SameDayYearsBefore(absl::CivilDay(2026, 11, 21), 10), absl::CivilDay(2016, 11, 21));
}

}  // namespace
}  // namespace kakunin
