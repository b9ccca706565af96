#include "domain/text/clear_number.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "domain/text/individual_number.h"

namespace kakunin {
namespace {

// Two and three octets: hyphens, dashes, the minus sign, the ideographic space, ー and ｰ.
constexpr std::string_view kSeparators[] = {
    "\xE2\x80\x90", "\xE2\x80\x91", "\xE2\x80\x92", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95",
    "\xE2\x88\x92", "\xE3\x80\x80", "\xE3\x83\xBC", "\xEF\xBC\x8D", "\xEF\xBD\xB0"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes one character off the front: its digit, ' ' for a separator, or 0 for anything else.
char TakeOne(std::string_view& text) {
  const char first = text.front();
  if (IsDigit(first) || first == '-' || first == ' ') {
    text.remove_prefix(1);
    return first == '-' ? ' ' : first;
  }
  const bool may = first == '\xE2' || first == '\xE3' || first == '\xEF';
  if (!may || text.size() < 3) {
    text.remove_prefix(1);
    return 0;
  }
  const std::string_view octets = text.substr(0, 3);
  // ０ to ９ are EF BC 90 to EF BC 99.
  if (first == '\xEF' && octets[1] == '\xBC' && octets[2] >= '\x90' && octets[2] <= '\x99') {
    text.remove_prefix(3);
    return static_cast<char>('0' + (octets[2] - '\x90'));
  }
  const bool separates = std::ranges::find(kSeparators, octets) != std::end(kSeparators);
  text.remove_prefix(separates ? 3 : 1);
  return separates ? ' ' : 0;
}

}  // namespace

bool HoldsNumber(std::string_view text, std::string_view number) {
  // The last digits that followed each other, as many as the number has.
  std::string run;
  while (!text.empty()) {
    const char digit = TakeOne(text);
    if (digit == ' ') continue;
    if (digit == 0) {
      run.clear();
      continue;
    }
    if (run.size() == number.size()) run.erase(0, 1);
    run += digit;
    if (run == number) return true;
  }
  return false;
}

bool LooksLikeIndividualNumber(std::string_view text) {
  for (size_t begin = 0; begin < text.size();) {
    if (!IsDigit(text[begin])) {
      ++begin;
      continue;
    }
    size_t end = begin;
    while (end < text.size() && IsDigit(text[end])) ++end;
    const auto number = IndividualNumber::Parse(text.substr(begin, end - begin));
    if (number && number->HasValidCheckDigit()) return true;
    begin = end;
  }
  return false;
}

}  // namespace kakunin
