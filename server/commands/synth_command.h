#pragma once

#include "CLI/CLI.hpp"

namespace kakunin {

// AddSynthCommand adds `kakunin synth`, which writes a synthetic nation's data files.
void AddSynthCommand(CLI::App& app);

}  // namespace kakunin
