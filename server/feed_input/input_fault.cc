#include "server/feed_input/input_fault.h"

#include <fmt/format.h>

namespace kakunin {

absl::Status InputFault(const InputPlace& place, std::string_view what) {
  std::string text = fmt::format("line {}", place.line);
  if (place.column > 0) text += fmt::format(", column {}", place.column);
  if (!place.name.empty()) text += fmt::format(" ({})", place.name);
  return absl::InvalidArgumentError(fmt::format("{}: {}", text, what));
}

}  // namespace kakunin
