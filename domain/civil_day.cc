#include "domain/civil_day.h"

namespace kakunin {

absl::TimeZone JapanTime() {
  // Looked up by name under a lock: once.
  static const absl::TimeZone zone = absl::FixedTimeZone(9 * 60 * 60);
  return zone;
}

absl::CivilDay CivilDayAt(absl::Time instant) { return absl::ToCivilDay(instant, JapanTime()); }

int DayNumber(absl::CivilDay day) { return static_cast<int>(day - absl::CivilDay(1970, 1, 1)); }

absl::CivilDay DayFromNumber(int number) { return absl::CivilDay(1970, 1, 1) + number; }

bool IsRealDay(int year, int month, int day) {
  if (year < 1868 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  const absl::CivilDay normalised(year, month, day);
  return normalised.year() == year && normalised.month() == month && normalised.day() == day;
}

absl::CivilDay SameDayYearsBefore(absl::CivilDay day, int years) {
  const absl::CivilDay moved(day.year() - years, day.month(), day.day());
  return moved.month() == day.month() ? moved : moved - 1;
}

}  // namespace kakunin
