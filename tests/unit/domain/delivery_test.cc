#include "domain/delivery.h"

#include <gtest/gtest.h>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

absl::Time Jst(int day, int hour, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(2026, 11, day, hour, minute, second), JapanTime());
}

TEST(Delivery, AnInsurerIsBehindFromTheFirstMomentOfTheSixthDayOn) {
  const absl::Time through = Jst(10, 23, 59, 59);
  EXPECT_FALSE(DelayOf(through, through, 5));
  EXPECT_FALSE(DelayOf(through, Jst(15, 23, 59, 59), 5));
  const auto delay = DelayOf(through, Jst(16, 0), 5);
  ASSERT_TRUE(delay);
  EXPECT_EQ(delay->days, 6);
  EXPECT_EQ(delay->last_delivery, absl::CivilDay(2026, 11, 10));
  EXPECT_EQ(DelayOf(through, Jst(16, 0, 0, 1), 5)->days, 6);
}

TEST(Delivery, DaysAreThoseOfJapan) {
  // 15:00 UTC is midnight in Japan.
  const absl::Time through = Jst(10, 0);
  EXPECT_FALSE(DelayOf(through, Jst(16, 0) - absl::Seconds(1), 5));
  EXPECT_TRUE(DelayOf(through, Jst(16, 0), 5));
  EXPECT_EQ(DelayOf(through - absl::Seconds(1), Jst(16, 0), 5)->days, 7);
}

TEST(Delivery, WhoNeverDeliveredIsBehind) {
  const auto delay = DelayOf(std::nullopt, Jst(16, 0), 5);
  ASSERT_TRUE(delay);
  EXPECT_FALSE(delay->last_delivery);
  EXPECT_NE(DelaySentence(*delay).find("一件も届いていません"), std::string::npos);
}

TEST(Delivery, AClockThatRunsBehindTellsNobodyOff) {
  EXPECT_FALSE(DelayOf(Jst(20, 0), Jst(16, 0), 5));
}

TEST(Delivery, TheSentenceTellsTheDayAndTheDays) {
  const std::string sentence =
      DelaySentence({.last_delivery = absl::CivilDay(2026, 11, 1), .days = 15});
  EXPECT_NE(sentence.find("2026年11月1日の送信が最後で、15日間"), std::string::npos) << sentence;
}

}  // namespace
}  // namespace kakunin
