#include "domain/text/digits.h"

#include "domain/text/normalise.h"

namespace kakunin {

std::optional<size_t> ReadDigits(std::string_view utf8, std::span<char> out) {
  // U+FF10-FF19 are EF BC 90 - EF BC 99 in UTF-8.
  constexpr std::string_view kFullWidthLead = "\xEF\xBC";
  const std::string_view digits = TrimWhiteSpace(utf8);
  size_t count = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    char digit = digits[i];
    if (digit == kFullWidthLead[0] && i + 2 < digits.size() && digits[i + 1] == kFullWidthLead[1]) {
      digit = static_cast<char>(static_cast<unsigned char>(digits[i + 2]) - 0x90 + '0');
      i += 2;
    }
    if (digit < '0' || digit > '9' || count == out.size()) return std::nullopt;
    out[count++] = digit;
  }
  return count;
}

char LuhnCheckDigit(std::string_view payload) {
  int sum = 0;
  bool doubled = true;
  for (size_t i = payload.size(); i-- > 0; doubled = !doubled) {
    const int product = (payload[i] - '0') * (doubled ? 2 : 1);
    sum += product / 10 + product % 10;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

}  // namespace kakunin
