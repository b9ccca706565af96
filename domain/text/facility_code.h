#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string_view>

namespace kakunin {

// FeeTable is the kind of fee table (点数表) a facility claims by, the third digit of its code.
// Source: domain.md 3 "Facility code".
enum class FeeTable {
  kUnknown,
  kMedical = 1,
  kDental = 3,
  kPharmacy = 4,
  kHomeNursing = 6,
};

// FacilityCode is the 医療機関コード: ten ASCII digits, prefecture (2), fee table (1), facility (6)
// and a check digit. It names an organisation, not a person.
class FacilityCode {
 public:
  static constexpr size_t kLength = 10;

  // Parse reads exactly ten ASCII digits; machines send it, so no padding and no width folding.
  // The check digit is not looked at: codes that fail it occur in the field. Returns nullopt for
  // any other shape.
  static std::optional<FacilityCode> Parse(std::string_view text);

  // Digits returns the ten ASCII digits.
  std::string_view Digits() const& { return {digits_.data(), digits_.size()}; }
  std::string_view Digits() const&& = delete;

  // Prefecture returns the first two digits: 1-47 in real codes, but not checked.
  int Prefecture() const;

  // Table returns the fee table, kUnknown for a digit without meaning.
  FeeTable Table() const;

  // ComputeCheckDigit returns the check digit ('0'-'9') that the first nine digits ask for.
  char ComputeCheckDigit() const;

  // HasValidCheckDigit says whether the last digit is that one.
  bool HasValidCheckDigit() const;

  friend bool operator==(const FacilityCode&, const FacilityCode&) = default;
  friend auto operator<=>(const FacilityCode&, const FacilityCode&) = default;

 private:
  FacilityCode() = default;

  std::array<char, kLength> digits_;
};

}  // namespace kakunin
