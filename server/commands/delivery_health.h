#pragma once

#include <CLI/CLI.hpp>

namespace kakunin {

// AddDeliveryHealth adds to `kakunin feed` how the deliveries go: health, hidden.
void AddDeliveryHealth(CLI::App& feed);

}  // namespace kakunin
