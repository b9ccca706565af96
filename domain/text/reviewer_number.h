#pragma once

#include <string_view>

namespace kakunin {

// IsReviewerNumber tells whether `digits` name a claims reviewer (審査支払機関): one digit for the
// body (1 社会保険診療報酬支払基金, 2 国民健康保険団体連合会) and two for the prefecture, 01 to 47,
// as the head of a claims file has them; that one number names a party here is our inference.
constexpr bool IsReviewerNumber(std::string_view digits) {
  if (digits.size() != 3) return false;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
  }
  const int prefecture = (digits[1] - '0') * 10 + (digits[2] - '0');
  return (digits[0] == '1' || digits[0] == '2') && prefecture >= 1 && prefecture <= 47;
}

}  // namespace kakunin
