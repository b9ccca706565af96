#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "server/feed_input/octet_source.h"

namespace kakunin {

// OctetsInParts gives `octets` piece by piece, each of the next of `sizes` octets, the last size
// again and again.
inline OctetSource OctetsInParts(std::string octets, std::vector<size_t> sizes = {1 << 16}) {
  struct State {
    std::string octets;
    std::vector<size_t> sizes;
    size_t at = 0;
    size_t part = 0;
  };
  const auto state = std::make_shared<State>(State{std::move(octets), std::move(sizes)});
  return [state](std::span<char> into) -> absl::StatusOr<size_t> {
    const size_t size = state->sizes[std::min(state->part++, state->sizes.size() - 1)];
    const size_t count = std::min({size, into.size(), state->octets.size() - state->at});
    std::copy_n(state->octets.begin() + static_cast<std::ptrdiff_t>(state->at), count,
                into.begin());
    state->at += count;
    return count;
  };
}

}  // namespace kakunin
