#pragma once

#include "CLI/CLI.hpp"

namespace kakunin {

// AddRestoreCheck adds `kakunin restore check`.
void AddRestoreCheck(CLI::App& restore);

}  // namespace kakunin
