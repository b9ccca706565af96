#pragma once

#include <optional>
#include <string_view>

#include "absl/time/civil_time.h"
#include "domain/national_holidays.h"

namespace kakunin {

// IsInCalendar tells whether the holidays of `day` are known (kHolidaysFrom to kHolidaysThrough).
bool IsInCalendar(absl::CivilDay day);

// HolidayOn finds the holiday on `day`; null: none, or outside the calendar.
const Holiday* HolidayOn(absl::CivilDay day);

// IsYearEnd tells the days on which offices are closed without a holiday: 29 December to 3 January
// (行政機関の休日に関する法律 第1条第1項第3号).
bool IsYearEnd(absl::CivilDay day);

// IsBusinessDay tells whether `day` is a business day (営業日): Monday to Friday, no holiday and
// not of the turn of the year. The source documents count in 営業日 and do not define them: ours is
// the law's of public offices. Empty: outside the calendar.
std::optional<bool> IsBusinessDay(absl::CivilDay day);

// BusinessDaysBefore is the day that lies `count` business days before `day`; `day` itself is not
// counted and need be none. Empty: a day on the way lies outside the calendar, or count < 1.
std::optional<absl::CivilDay> BusinessDaysBefore(absl::CivilDay day, int count);

// SameDayMonthsAfter is `day` moved by so many months, negative ones back; a month without that day
// gives its last.
absl::CivilDay SameDayMonthsAfter(absl::CivilDay day, int months);

// WeekdayName is 月 to 日.
std::string_view WeekdayName(absl::CivilDay day);

}  // namespace kakunin
