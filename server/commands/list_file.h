#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace kakunin {

// ListLine is one record of a facility's list; its cells are UTF-8.
struct ListLine {
  int64_t line = 0;  // from 1
  std::vector<std::string> cells;
};

// ReadListFile reads a comma-separated file in UTF-8 or CP932, the line that names the columns
// first; there is at least that. NOT_FOUND when the file cannot be read, INVALID_ARGUMENT with line
// and column (InputFault), never a value.
absl::StatusOr<std::vector<ListLine>> ReadListFile(const std::string& path);

}  // namespace kakunin
