#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace kakunin {

// JapanTime is Asia/Tokyo, the zone of every civil day here. It has no daylight saving time, so a
// fixed offset of +9 h equals it and needs no zone database on the machine.
absl::TimeZone JapanTime();

// CivilDayAt is the JST day on which `instant` lies.
absl::CivilDay CivilDayAt(absl::Time instant);

// StartOfDay is 00:00:00 JST of `day`. A constant of the compiler for dated tables.
constexpr absl::Time StartOfDay(absl::CivilDay day) {
  constexpr int64_t kDaySeconds = 24 * 60 * 60;
  constexpr int64_t kOffsetSeconds = 9 * 60 * 60;
  return absl::FromUnixSeconds((day - absl::CivilDay(1970, 1, 1)) * kDaySeconds - kOffsetSeconds);
}

// EndOfDay is the first instant after `day` in JST: windows are half-open.
constexpr absl::Time EndOfDay(absl::CivilDay day) { return StartOfDay(day + 1); }

// DayNumber counts days since 1970-01-01; the storage form of a civil day.
int DayNumber(absl::CivilDay day);
absl::CivilDay DayFromNumber(int number);

// IsRealDay tells whether year, month and day name a day of the calendar between 1868 and 9999
// (Meiji 1 is the earliest birth year the field's messages can express).
bool IsRealDay(int year, int month, int day);

// SameDayYearsBefore is `day` moved `years` back; 29 February becomes 28 February in a common year.
absl::CivilDay SameDayYearsBefore(absl::CivilDay day, int years);

}  // namespace kakunin
