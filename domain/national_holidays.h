#pragma once

#include <span>
#include <string_view>

#include "absl/time/civil_time.h"

namespace kakunin {

// HolidayKind is by which rule of 国民の祝日に関する法律 a day is a holiday.
enum class HolidayKind {
  kNational = 1,  // 国民の祝日: 第2条
  kSubstitute,    // 振替休日: 第3条第2項
  kCitizens,      // 国民の休日, between two national holidays: 第3条第3項
};

// Holiday is one day of the data.
struct Holiday {
  absl::CivilDay day;
  HolidayKind kind;
  std::string_view name;  // ja-JP
};

// The data holds every holiday from kHolidaysFrom through kHolidaysThrough, and nothing is known
// outside: the days of the equinoxes are announced in February of the year before (国立天文台
// 暦要項).
inline constexpr absl::CivilDay kHolidaysFrom(2020, 1, 1);
inline constexpr absl::CivilDay kHolidaysThrough(2027, 12, 31);

// kHolidaysSource is where the data comes from. In 2020 and 2021 the days of 海の日, スポーツの日
// and 山の日 lie as moved for the Olympic games (平成三十二年東京オリンピック競技大会・
// 東京パラリンピック競技大会特別措置法, and its amendment for 2021).
inline constexpr std::string_view kHolidaysSource =
    "内閣府「国民の祝日について」(syukujitsu.csv); 国民の祝日に関する法律";

// NationalHolidays is the data in the order of its days.
std::span<const Holiday> NationalHolidays();

}  // namespace kakunin
