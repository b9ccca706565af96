#pragma once

#include <string_view>

namespace kakunin {

// HoldsNumber tells whether `text` (UTF-8, or octets that hold some) has the digits of `number`
// (ASCII) one after the other, in any width, with hyphens, dashes or spaces between them or
// without.
bool HoldsNumber(std::string_view text, std::string_view number);

// LooksLikeIndividualNumber tells whether exactly twelve digits stand in a row somewhere in an
// ASCII `text` whose last one is the check digit of an individual number: one in eleven does by
// chance.
bool LooksLikeIndividualNumber(std::string_view text);

}  // namespace kakunin
