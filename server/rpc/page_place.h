#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"

namespace kakunin {

// PageTokenOf is a place in a list as a page token: its instant in microseconds, and what tells
// places of one instant apart.
std::string PageTokenOf(absl::Time at, std::string_view rest);

// PlaceOfPageToken reads it back; empty for what no PageTokenOf made. The second part looks at
// `token`, and is the caller's to judge.
std::optional<std::pair<absl::Time, std::string_view>> PlaceOfPageToken(std::string_view token);

}  // namespace kakunin
