#include "domain/text/facility_code.h"

#include <algorithm>

#include "domain/text/digits.h"

namespace kakunin {

std::optional<FacilityCode> FacilityCode::Parse(std::string_view text) {
  const bool is_shaped =
      text.size() == kLength &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_shaped) return std::nullopt;
  FacilityCode code;
  std::copy(text.begin(), text.end(), code.digits_.begin());
  return code;
}

int FacilityCode::Prefecture() const { return (digits_[0] - '0') * 10 + (digits_[1] - '0'); }

FeeTable FacilityCode::Table() const {
  switch (digits_[2]) {
    case '1':
      return FeeTable::kMedical;
    case '3':
      return FeeTable::kDental;
    case '4':
      return FeeTable::kPharmacy;
    case '6':
      return FeeTable::kHomeNursing;
    default:
      return FeeTable::kUnknown;
  }
}

char FacilityCode::ComputeCheckDigit() const {
  return LuhnCheckDigit(Digits().substr(0, kLength - 1));
}

bool FacilityCode::HasValidCheckDigit() const { return digits_.back() == ComputeCheckDigit(); }

}  // namespace kakunin
