#pragma once

#include "CLI/CLI.hpp"

namespace kakunin {

// AddAcceptOlderDatabase adds `kakunin audit accept-older-database`.
void AddAcceptOlderDatabase(CLI::App& audit);

}  // namespace kakunin
