#pragma once

#include "CLI/CLI.hpp"

namespace kakunin {

// AddCaseDecisions adds to `kakunin person` what an insurer does with cases of mistaken identity,
// `case list`, `case show` and `case release`, and what an operator sees of them, `case survey`.
void AddCaseDecisions(CLI::App& person);

}  // namespace kakunin
