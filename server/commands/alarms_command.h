#pragma once

#include "CLI/CLI.hpp"

namespace kakunin {

// AddAlarms adds `audit alarms`.
void AddAlarms(CLI::App& audit);

}  // namespace kakunin
