#include "domain/text/insurer_number.h"

#include <algorithm>

#include "domain/text/digits.h"

namespace kakunin {
namespace {

constexpr size_t kNationalHealthDigits = 6;

int TwoDigits(std::string_view digits) { return (digits[0] - '0') * 10 + (digits[1] - '0'); }

}  // namespace

std::optional<InsurerNumber> InsurerNumber::Parse(std::string_view text) {
  InsurerNumber number;
  std::array<char, kLength>& digits = number.digits_;
  const std::optional<size_t> count = ReadDigits(text, digits);
  if (count == kLength) return number;
  if (count != kNationalHealthDigits) return std::nullopt;
  std::copy_backward(digits.begin(), digits.begin() + kNationalHealthDigits, digits.end());
  std::fill_n(digits.begin(), kLength - kNationalHealthDigits, '0');
  return number;
}

InsurerKind InsurerNumber::Kind() const {
  switch (TwoDigits(Digits())) {
    case 0:
      // The insurer part is three digits from the fifth; 3xx are the societies.
      return digits_[4] == '3' ? InsurerKind::kNationalHealthSociety
                               : InsurerKind::kNationalHealthMunicipality;
    case 1:
      return InsurerKind::kHealthInsuranceAssociation;
    case 2:
      return InsurerKind::kSeamen;
    case 3:
      return InsurerKind::kDayLabourer;
    case 4:
      return InsurerKind::kDayLabourerSpecial;
    case 6:
      return InsurerKind::kHealthInsuranceSociety;
    case 7:
      return InsurerKind::kSelfDefenceForces;
    case 12:
      return InsurerKind::kMedicalAid;
    case 31:
      return InsurerKind::kNationalServantsMutualAid;
    case 32:
      return InsurerKind::kLocalServantsMutualAid;
    case 33:
      return InsurerKind::kPoliceMutualAid;
    case 34:
      return InsurerKind::kSchoolMutualAid;
    case 39:
      return InsurerKind::kLateElderly;
    case 63:
      return InsurerKind::kRetiredHealthInsuranceSociety;
    case 67:
      return InsurerKind::kRetiredNationalHealth;
    case 72:
    case 73:
    case 74:
    case 75:
      return InsurerKind::kRetiredMutualAid;
    default:
      return InsurerKind::kUnknown;
  }
}

int InsurerNumber::Prefecture() const { return TwoDigits(Digits().substr(2)); }

char InsurerNumber::ComputeCheckDigit() const {
  return LuhnCheckDigit(Digits().substr(0, kLength - 1));
}

bool InsurerNumber::HasValidCheckDigit() const { return digits_.back() == ComputeCheckDigit(); }

}  // namespace kakunin
