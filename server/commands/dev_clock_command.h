#pragma once

#include "CLI/CLI.hpp"

namespace kakunin {

// AddDevClockCommand adds `kakunin dev clock show|set|advance`: the time of a sandbox. Every other
// kind of installation is refused.
void AddDevClockCommand(CLI::App& dev);

}  // namespace kakunin
