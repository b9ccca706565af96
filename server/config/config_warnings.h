#pragma once

#include <string>
#include <vector>

#include "server/config/config.h"

namespace kakunin {

// ConfigWarnings is what a configuration allows and nobody should run a real installation with: one
// line each, with what to do instead. Nothing is warned of in a sandbox. Pure.
std::vector<std::string> ConfigWarnings(const Config& config);

}  // namespace kakunin
