#pragma once

#include <span>
#include <string_view>

#include "domain/coverage.h"

namespace kakunin::synth {

// NameSpelling is a part of a name in the register's characters and in full-width kana.
struct NameSpelling {
  std::string_view text;
  std::string_view kana;
};

// TwinGivenNames are two given names of one sound, as parents of twins do choose.
struct TwinGivenNames {
  std::string_view first;
  std::string_view second;
  std::string_view kana;
  Sex sex;
};

// ForeignName is a whole name as the resident register writes it (full-width Latin capitals), its
// kana, and the name its bearer goes by (通称), which may be empty.
struct ForeignName {
  std::string_view text;
  std::string_view kana;
  std::string_view other_text;
  std::string_view other_kana;
  Sex sex;
};

// The tables are fixed: a name's place in them is part of the synthetic nation, so append only.
std::span<const NameSpelling> FamilyNames();
// RareFamilyNames hold characters outside of JIS X 0208 or with a variation selector.
std::span<const NameSpelling> RareFamilyNames();
// GivenNames are those usual for a birth year; `sex` is kMale or kFemale.
std::span<const NameSpelling> GivenNames(Sex sex, int birth_year);
std::span<const NameSpelling> RareGivenNames(Sex sex);
std::span<const TwinGivenNames> TwinNames();
std::span<const ForeignName> ForeignNames();

}  // namespace kakunin::synth
