#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace kakunin {

// ReadDigits writes the decimal digits of `utf8` as ASCII into `out` and returns how many there
// were. ASCII and full-width digits count alike, outer white space is skipped. Returns nullopt on
// any other character (white space between digits too) or when `out` is too small.
std::optional<size_t> ReadDigits(std::string_view utf8, std::span<char> out);

// LuhnCheckDigit returns the check digit ('0'-'9') that follows `payload`, which must be ASCII
// digits: from the right, digits are multiplied by 2,1,2,1..., the digits of the products are
// added, and the check digit completes the sum to a multiple of ten. Leading zeros do not change
// it. Source: domain.md 3 "Insurer number", "Facility code".
char LuhnCheckDigit(std::string_view payload);

}  // namespace kakunin
