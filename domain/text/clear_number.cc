#include "domain/text/clear_number.h"

#include <string>

#include "domain/text/individual_number.h"

namespace kakunin {
namespace {

constexpr std::string_view kWideDigit = "\xEF\xBC";  // ０ to ９ are EF BC 90 to EF BC 99
constexpr std::string_view kSeparators[] = {"-",
                                            " ",
                                            "\xE3\x80\x80",
                                            "\xEF\xBC\x8D",
                                            "\xE2\x80\x90",
                                            "\xE2\x80\x91",
                                            "\xE2\x80\x92",
                                            "\xE2\x80\x93",
                                            "\xE2\x80\x94",
                                            "\xE2\x80\x95",
                                            "\xE2\x88\x92",
                                            "\xE3\x83\xBC",
                                            "\xEF\xBD\xB0"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes one character off the front: its digit, ' ' for a separator, or 0 for anything else.
char TakeOne(std::string_view& text) {
  const char first = text.front();
  if (IsDigit(first)) {
    text.remove_prefix(1);
    return first;
  }
  if (text.starts_with(kWideDigit) && text.size() > 2) {
    const auto last = static_cast<unsigned char>(text[2]);
    if (last >= 0x90 && last <= 0x99) {
      text.remove_prefix(3);
      return static_cast<char>('0' + last - 0x90);
    }
  }
  for (const std::string_view separator : kSeparators) {
    if (!text.starts_with(separator)) continue;
    text.remove_prefix(separator.size());
    return ' ';
  }
  text.remove_prefix(1);
  return 0;
}

}  // namespace

bool HoldsNumber(std::string_view text, std::string_view number) {
  std::string run;
  while (!text.empty()) {
    const char digit = TakeOne(text);
    if (digit == ' ') continue;
    if (digit == 0) {
      run.clear();
      continue;
    }
    run += digit;
    if (run.ends_with(number)) return true;
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
