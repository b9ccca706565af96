#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace kakunin {

// IndividualNumber is the 12-digit 個人番号 (My Number). It lives only between an insurer's row and
// the keyed hash made of it: it can be moved but not copied, a moved-from or destroyed object has
// wiped its digits, and it has no formatter, comparison or stream operator.
class IndividualNumber {
 public:
  static constexpr size_t kLength = 12;

  // Parse reads exactly twelve ASCII digits and does not look at the check digit. Returns nullopt
  // for any other shape. The caller's own buffer is the caller's to wipe.
  static std::optional<IndividualNumber> Parse(std::string_view text);

  IndividualNumber(const IndividualNumber&) = delete;
  IndividualNumber& operator=(const IndividualNumber&) = delete;
  IndividualNumber(IndividualNumber&& other) noexcept;
  IndividualNumber& operator=(IndividualNumber&& other) noexcept;
  ~IndividualNumber();

  // HasValidCheckDigit says whether the last digit is the one the first eleven ask for:
  // 11 - (sum of digit x weight mod 11), weights 6,5,4,3,2,7,6,5,4,3,2, and 0 when the remainder
  // is 0 or 1. False for a moved-from object. Source: 平成26年総務省令第85号 第5条.
  bool HasValidCheckDigit() const;

  // Reveal returns the twelve digits, for the keyed hash only. The view dies with this object.
  std::string_view Reveal() const& { return {digits_.data(), digits_.size()}; }
  std::string_view Reveal() const&& = delete;

 private:
  IndividualNumber() = default;
  void Wipe();

  std::array<char, kLength> digits_{};
};

}  // namespace kakunin
