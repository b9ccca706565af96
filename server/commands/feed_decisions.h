#pragma once

#include "CLI/CLI.hpp"

namespace kakunin {

// AddFeedDecisions adds to `kakunin feed` what may be decided of a feed once it is sealed: list,
// release, approve, cancel and undo.
void AddFeedDecisions(CLI::App& feed);

}  // namespace kakunin
