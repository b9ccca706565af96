#include "domain/text/individual_number.h"

#include <string.h>  // explicit_bzero, which the compiler must not drop.

#include <algorithm>

namespace kakunin {

std::optional<IndividualNumber> IndividualNumber::Parse(std::string_view text) {
  const bool is_shaped =
      text.size() == kLength &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_shaped) return std::nullopt;
  IndividualNumber number;
  std::copy(text.begin(), text.end(), number.digits_.begin());
  return number;
}

IndividualNumber::IndividualNumber(IndividualNumber&& other) noexcept : digits_(other.digits_) {
  other.Wipe();
}

IndividualNumber& IndividualNumber::operator=(IndividualNumber&& other) noexcept {
  if (this != &other) {
    digits_ = other.digits_;
    other.Wipe();
  }
  return *this;
}

IndividualNumber::~IndividualNumber() { Wipe(); }

bool IndividualNumber::HasValidCheckDigit() const {
  constexpr std::array<int, kLength - 1> kWeights = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) sum += (digits_[i] - '0') * kWeights[i];
  const int remainder = sum % 11;
  return digits_.back() == '0' + (remainder <= 1 ? 0 : 11 - remainder);
}

void IndividualNumber::Wipe() { explicit_bzero(digits_.data(), digits_.size()); }

}  // namespace kakunin
