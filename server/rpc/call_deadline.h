#pragma once

#include "absl/time/time.h"
#include "storage/lane_store.h"

namespace kakunin {

// No call may hold a thread, a place in a batch or a connection for longer, whatever its caller
// says (ours), unless its method's own default is longer.
inline constexpr absl::Duration kLongestCall = absl::Seconds(60);

// CallDeadline is until when a call is worked for whose caller waits for `left` more from `now` on.
// Who named no end gets `fallback`, the method's default: gRPC shows that as a span of centuries,
// which nanoseconds cannot count. A time that is over stays over.
MonotonicTime CallDeadline(absl::Duration left, absl::Duration fallback, MonotonicTime now);

}  // namespace kakunin
