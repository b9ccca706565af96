#include "domain/japanese_calendar.h"

#include <algorithm>

namespace kakunin {

bool IsInCalendar(absl::CivilDay day) { return day >= kHolidaysFrom && day <= kHolidaysThrough; }

const Holiday* HolidayOn(absl::CivilDay day) {
  const auto holidays = NationalHolidays();
  const auto found = std::ranges::lower_bound(holidays, day, {}, &Holiday::day);
  return found != holidays.end() && found->day == day ? &*found : nullptr;
}

bool IsYearEnd(absl::CivilDay day) {
  return (day.month() == 12 && day.day() >= 29) || (day.month() == 1 && day.day() <= 3);
}

std::optional<bool> IsBusinessDay(absl::CivilDay day) {
  if (!IsInCalendar(day)) return std::nullopt;
  const absl::Weekday weekday = absl::GetWeekday(day);
  if (weekday == absl::Weekday::saturday || weekday == absl::Weekday::sunday) return false;
  return HolidayOn(day) == nullptr && !IsYearEnd(day);
}

std::optional<absl::CivilDay> BusinessDaysBefore(absl::CivilDay day, int count) {
  if (count < 1) return std::nullopt;
  absl::CivilDay at = day;
  for (int left = count; left > 0;) {
    --at;
    const std::optional<bool> open = IsBusinessDay(at);
    if (!open) return std::nullopt;
    if (*open) --left;
  }
  return at;
}

absl::CivilDay SameDayMonthsAfter(absl::CivilDay day, int months) {
  const absl::CivilMonth month = absl::CivilMonth(day) + months;
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return std::min(absl::CivilDay(month) + (day.day() - 1), last);
}

std::string_view WeekdayName(absl::CivilDay day) {
  constexpr std::string_view kNames[] = {"月", "火", "水", "木", "金", "土", "日"};
  return kNames[static_cast<size_t>(absl::GetWeekday(day))];
}

}  // namespace kakunin
