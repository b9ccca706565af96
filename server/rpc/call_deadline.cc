#include "server/rpc/call_deadline.h"

#include <algorithm>

namespace kakunin {
namespace {

constexpr absl::Duration kNoEnd = absl::Hours(365 * 24);

}  // namespace

MonotonicTime CallDeadline(absl::Duration left, absl::Duration fallback, MonotonicTime now) {
  if (left > kNoEnd) return now + absl::ToChronoNanoseconds(fallback);
  return now + absl::ToChronoNanoseconds(std::min(left, std::max(fallback, kLongestCall)));
}

}  // namespace kakunin
