#pragma once

#include "CLI/CLI.hpp"

namespace kakunin {

// AddDevUpCommand adds `kakunin dev up`, which brings a whole sandbox up and shows it.
void AddDevUpCommand(CLI::App& dev);

}  // namespace kakunin
