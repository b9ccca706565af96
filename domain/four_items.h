#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "domain/coverage.h"

namespace kakunin {

// FourItems is whom a terminal searches without a card or a number (氏名・生年月日・性別・住所), in
// the spellings by which registers are compared (domain/text/identity_spelling.h). Personal data:
// no formatter.
struct FourItems {
  std::string name;  // as SpellName; empty: it cannot be one
  std::string kana;  // as SpellKana; empty: it is none
  absl::CivilDay birth_date;
  Sex sex = Sex::kNotSet;
  std::string address;  // as SpellAddress, never empty
};

// NameAndAddress is what one coverage says, as it was registered.
struct NameAndAddress {
  std::string_view name;
  std::string_view name_kana;
  std::string_view other_name;
  std::string_view other_name_kana;
  std::string_view address;
};

// ReadFourItems makes the spellings; empty: no letter of the name or of the address is left to
// compare by.
std::optional<FourItems> ReadFourItems(std::string_view name, absl::CivilDay birth_date, Sex sex,
                                       std::string_view address);

// Agree tells whether name and address are those of a coverage of somebody of this birth date and
// sex: the address, and the name in kanji or in kana, or the second name.
bool Agree(const FourItems& asked, const NameAndAddress& registered);

}  // namespace kakunin
