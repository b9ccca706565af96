#include "domain/column_shift.h"

#include <string_view>

namespace kakunin {
namespace {

struct Letters {
  bool digit = false;
  bool ideograph = false;
};

// UTF-8 by its octets: U+4E00 to U+9FFF begin with E4 (from E4 B8) to E9, beyond the plane (rare
// name kanji) with F0; full-width digits are EF BC 90 to 99.
Letters LettersOf(std::string_view text) {
  Letters found;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto octet = [&](size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
    };
    const unsigned lead = octet(i);
    if (lead >= '0' && lead <= '9') found.digit = true;
    if (lead == 0xEF && octet(i + 1) == 0xBC && octet(i + 2) >= 0x90 && octet(i + 2) <= 0x99) {
      found.digit = true;
    }
    if ((lead == 0xE4 && octet(i + 1) >= 0xB8) || (lead >= 0xE5 && lead <= 0xE9) || lead == 0xF0) {
      found.ideograph = true;
    }
  }
  return found;
}

bool NameLooksShifted(const PersonName& name) {
  const Letters kana = LettersOf(name.kana);
  return LettersOf(name.original).digit || kana.digit || kana.ideograph;
}

}  // namespace

bool LooksShifted(const Coverage& coverage) {
  return NameLooksShifted(coverage.name) || NameLooksShifted(coverage.insured_name) ||
         (!coverage.address.empty() && !LettersOf(coverage.address).ideograph);
}

}  // namespace kakunin
