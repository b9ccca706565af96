#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace kakunin {

// InputPlace is where in a file something is wrong. It never holds what stands there: that may be
// a person's.
struct InputPlace {
  int64_t line = 0;            // from 1; of a file of messages the message
  int column = 0;              // from 1; 0: the line as a whole
  std::string_view name = {};  // of the column, a field's name of ours; empty when not known
};

// InputFault is INVALID_ARGUMENT with a sentence that begins with the place: "line 12, column 3
// (birth_date): not a day".
absl::Status InputFault(const InputPlace& place, std::string_view what);

}  // namespace kakunin
