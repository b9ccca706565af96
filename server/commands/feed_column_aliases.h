#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kakunin {

// NameOfAlias is the one of `names` that a Japanese name of a column stands for, the width of its
// characters apart; empty when it stands for none of them. Thread-safe.
std::string NameOfAlias(const std::vector<std::string>& names, std::string_view alias);

}  // namespace kakunin
