// The holidays are data; these tests derive them from the law's rules and compare.
#include "domain/japanese_calendar.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace kakunin {
namespace {

using Day = absl::CivilDay;

int FirstYear() { return static_cast<int>(kHolidaysFrom.year()); }
int LastYear() { return static_cast<int>(kHolidaysThrough.year()); }

std::map<Day, Holiday> ByDay() {
  std::map<Day, Holiday> days;
  for (const Holiday& holiday : NationalHolidays()) days.emplace(holiday.day, holiday);
  return days;
}

Day NthMonday(int year, int month, int n) {
  Day day(year, month, 1);
  while (absl::GetWeekday(day) != absl::Weekday::monday) ++day;
  return day + 7 * (n - 1);
}

// The well-known approximations of the equinoxes, good from 1980 to 2099.
int Equinox(double base, int year) {
  return static_cast<int>(base + 0.242194 * (year - 1980)) - (year - 1980) / 4;
}

// NationalOf is every national holiday of `year` by 国民の祝日に関する法律 第2条, with the moves of
// 2020 and 2021.
std::map<Day, std::string> NationalOf(int year) {
  std::map<Day, std::string> days = {
      {Day(year, 1, 1), "元日"},
      {NthMonday(year, 1, 2), "成人の日"},
      {Day(year, 2, 11), "建国記念の日"},
      {Day(year, 2, 23), "天皇誕生日"},
      {Day(year, 3, Equinox(20.8431, year)), "春分の日"},
      {Day(year, 4, 29), "昭和の日"},
      {Day(year, 5, 3), "憲法記念日"},
      {Day(year, 5, 4), "みどりの日"},
      {Day(year, 5, 5), "こどもの日"},
      {NthMonday(year, 9, 3), "敬老の日"},
      {Day(year, 9, Equinox(23.2488, year)), "秋分の日"},
      {Day(year, 11, 3), "文化の日"},
      {Day(year, 11, 23), "勤労感謝の日"},
  };
  const Day sea = year == 2020   ? Day(2020, 7, 23)
                  : year == 2021 ? Day(2021, 7, 22)
                                 : NthMonday(year, 7, 3);
  const Day sport = year == 2020   ? Day(2020, 7, 24)
                    : year == 2021 ? Day(2021, 7, 23)
                                   : NthMonday(year, 10, 2);
  const Day mountain = year == 2020   ? Day(2020, 8, 10)
                       : year == 2021 ? Day(2021, 8, 8)
                                      : Day(year, 8, 11);
  days.emplace(sea, "海の日");
  days.emplace(sport, "スポーツの日");
  days.emplace(mountain, "山の日");
  return days;
}

TEST(JapaneseCalendar, NationalHolidaysAreThoseOfTheLaw) {
  std::map<Day, std::string> derived;
  for (int year = FirstYear(); year <= LastYear(); ++year) derived.merge(NationalOf(year));
  std::map<Day, std::string> data;
  for (const Holiday& holiday : NationalHolidays()) {
    if (holiday.kind == HolidayKind::kNational) data.emplace(holiday.day, holiday.name);
  }
  EXPECT_EQ(data, derived);
  EXPECT_EQ(data.size(), 16u * static_cast<size_t>(LastYear() - FirstYear() + 1));
}

TEST(JapaneseCalendar, EverySubstituteFollowsFromAHolidayOnASunday) {
  const auto days = ByDay();
  std::set<Day> derived;
  for (const auto& [day, holiday] : days) {
    if (holiday.kind != HolidayKind::kNational) continue;
    if (absl::GetWeekday(day) != absl::Weekday::sunday) continue;
    Day next = day + 1;
    while (days.contains(next) && days.at(next).kind == HolidayKind::kNational) ++next;
    derived.insert(next);
  }
  std::set<Day> data;
  for (const auto& [day, holiday] : days) {
    if (holiday.kind == HolidayKind::kSubstitute) data.insert(day);
  }
  EXPECT_EQ(data, derived);
  EXPECT_GT(data.size(), 10u);
}

TEST(JapaneseCalendar, EveryCitizensHolidayLiesBetweenTwoNationalOnes) {
  const auto days = ByDay();
  const auto is_national = [&](Day day) {
    return days.contains(day) && days.at(day).kind == HolidayKind::kNational;
  };
  std::set<Day> derived;
  for (Day day = kHolidaysFrom; day <= kHolidaysThrough; ++day) {
    const bool is_holiday = days.contains(day) && days.at(day).kind != HolidayKind::kCitizens;
    if (!is_holiday && is_national(day - 1) && is_national(day + 1)) derived.insert(day);
  }
  std::set<Day> data;
  for (const auto& [day, holiday] : days) {
    if (holiday.kind == HolidayKind::kCitizens) data.insert(day);
  }
  EXPECT_EQ(data, derived);
  EXPECT_EQ(data, std::set<Day>{Day(2026, 9, 22)});
}

TEST(JapaneseCalendar, TheDataIsInOrderAndWithinItsRange) {
  const auto holidays = NationalHolidays();
  for (size_t i = 1; i < holidays.size(); ++i) {
    EXPECT_LT(holidays[i - 1].day, holidays[i].day);
  }
  EXPECT_GE(holidays.front().day, kHolidaysFrom);
  EXPECT_LE(holidays.back().day, kHolidaysThrough);
  EXPECT_FALSE(kHolidaysSource.empty());
}

TEST(JapaneseCalendar, TheOlympicMoves) {
  EXPECT_EQ(HolidayOn(Day(2020, 7, 24))->name, "スポーツの日");
  EXPECT_EQ(HolidayOn(Day(2020, 7, 20)), nullptr);
  EXPECT_EQ(HolidayOn(Day(2020, 10, 12)), nullptr);
  EXPECT_EQ(HolidayOn(Day(2020, 8, 11)), nullptr);
  EXPECT_EQ(HolidayOn(Day(2021, 7, 22))->name, "海の日");
  EXPECT_EQ(HolidayOn(Day(2021, 8, 8))->name, "山の日");
  EXPECT_EQ(HolidayOn(Day(2021, 8, 9))->name, "振替休日");
  EXPECT_EQ(HolidayOn(Day(2021, 10, 11)), nullptr);
}

TEST(JapaneseCalendar, BusinessDays) {
  EXPECT_EQ(IsBusinessDay(Day(2027, 3, 19)), true);   // Friday
  EXPECT_EQ(IsBusinessDay(Day(2027, 3, 20)), false);  // Saturday
  EXPECT_EQ(IsBusinessDay(Day(2027, 3, 21)), false);  // Sunday and holiday
  EXPECT_EQ(IsBusinessDay(Day(2027, 3, 22)), false);  // substitute
  EXPECT_EQ(IsBusinessDay(Day(2027, 3, 23)), true);
  EXPECT_EQ(IsBusinessDay(Day(2026, 12, 28)), true);
  EXPECT_EQ(IsBusinessDay(Day(2026, 12, 29)), false);
  EXPECT_EQ(IsBusinessDay(Day(2027, 1, 3)), false);
  EXPECT_EQ(IsBusinessDay(Day(2027, 1, 4)), true);
}

TEST(JapaneseCalendar, OutsideItsRangeItSaysSo) {
  EXPECT_EQ(IsBusinessDay(Day(2019, 12, 31)), std::nullopt);
  EXPECT_NE(IsBusinessDay(Day(2020, 1, 1)), std::nullopt);
  EXPECT_NE(IsBusinessDay(Day(2027, 12, 31)), std::nullopt);
  EXPECT_EQ(IsBusinessDay(Day(2028, 1, 1)), std::nullopt);
  EXPECT_EQ(BusinessDaysBefore(Day(2020, 1, 7), 1), Day(2020, 1, 6));
  EXPECT_EQ(BusinessDaysBefore(Day(2020, 1, 7), 2), std::nullopt);
  EXPECT_EQ(BusinessDaysBefore(Day(2028, 1, 1), 1), Day(2027, 12, 28));
  EXPECT_EQ(BusinessDaysBefore(Day(2028, 1, 2), 1), std::nullopt);
}

TEST(JapaneseCalendar, CountsBusinessDaysBack) {
  // From Thursday 25 March 2027 over the substitute holiday and a week-end.
  EXPECT_EQ(BusinessDaysBefore(Day(2027, 3, 25), 1), Day(2027, 3, 24));
  EXPECT_EQ(BusinessDaysBefore(Day(2027, 3, 25), 2), Day(2027, 3, 23));
  EXPECT_EQ(BusinessDaysBefore(Day(2027, 3, 25), 3), Day(2027, 3, 19));
  EXPECT_EQ(BusinessDaysBefore(Day(2027, 3, 25), 5), Day(2027, 3, 17));
  // Over Golden Week and over the turn of the year.
  EXPECT_EQ(BusinessDaysBefore(Day(2026, 5, 7), 1), Day(2026, 5, 1));
  EXPECT_EQ(BusinessDaysBefore(Day(2027, 1, 4), 1), Day(2026, 12, 28));
  EXPECT_EQ(BusinessDaysBefore(Day(2026, 9, 24), 1), Day(2026, 9, 18));
  EXPECT_EQ(BusinessDaysBefore(Day(2026, 9, 24), 0), std::nullopt);
}

TEST(JapaneseCalendar, MonthsKeepTheDayOrTakeTheLast) {
  EXPECT_EQ(SameDayMonthsAfter(Day(2027, 4, 1), -4), Day(2026, 12, 1));
  EXPECT_EQ(SameDayMonthsAfter(Day(2025, 8, 31), 6), Day(2026, 2, 28));
  EXPECT_EQ(SameDayMonthsAfter(Day(2027, 8, 31), 6), Day(2028, 2, 29));
  EXPECT_EQ(SameDayMonthsAfter(Day(2027, 8, 29), 6), Day(2028, 2, 29));
  EXPECT_EQ(SameDayMonthsAfter(Day(2026, 1, 31), -2), Day(2025, 11, 30));
  EXPECT_EQ(WeekdayName(Day(2026, 11, 22)), "日");
  EXPECT_EQ(WeekdayName(Day(2026, 11, 23)), "月");
}

}  // namespace
}  // namespace kakunin
