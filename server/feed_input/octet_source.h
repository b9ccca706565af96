#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "absl/status/statusor.h"

namespace kakunin {

// OctetSource reads some of a file's octets into `into` and returns how many: at least one, and 0
// at the end alone.
using OctetSource = std::function<absl::StatusOr<size_t>(std::span<char> into)>;

}  // namespace kakunin
