#pragma once

#include <span>
#include <string_view>

namespace kakunin::synth {

// Municipality is a city, ward or town that does not exist, in a prefecture whose code does: the
// numbers of insurers and facilities begin with it.
struct Municipality {
  int prefecture_code;          // 1-47
  std::string_view prefecture;  // "東京都"
  std::string_view name;        // "みどり野市"
  std::string_view code;  // five digits (全国地方公共団体コード without check digit)
  std::string_view postal_area;  // first three digits of its postal codes
  std::string_view symbol_kana;  // what its insurance cards' symbols begin with
};

// Municipalities are grouped by prefecture, the same number for each. Fixed: append only.
std::span<const Municipality> Municipalities();

// PrefectureCapitals holds the first municipality of each prefecture.
std::span<const Municipality* const> PrefectureCapitals();

std::span<const std::string_view> TownNames();
std::span<const std::string_view> BuildingNames();

}  // namespace kakunin::synth
