#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kakunin {

// ClosestWord finds the word that was probably meant: at most a third of its letters (and at least
// one) away by edits, a swap of neighbours counting as one. Empty when none is close.
std::optional<std::string> ClosestWord(std::string_view written,
                                       const std::vector<std::string>& words);

}  // namespace kakunin
