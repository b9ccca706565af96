#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "absl/time/time.h"

namespace kakunin {

// SnapshotAge is how long ago what a thread keeps fresh was last known to be true, by the monotonic
// clock. Thread-safe.
class SnapshotAge {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // Renew tells that the snapshot is as of `asked`: the moment before the source was asked, not the
  // moment its answer came.
  void Renew(Instant asked) {
    nanos_.store(std::chrono::nanoseconds(asked.time_since_epoch()).count(),
                 std::memory_order_relaxed);
  }

  // Age is infinite before the first Renew.
  absl::Duration Age() const {
    const int64_t nanos = nanos_.load(std::memory_order_relaxed);
    if (nanos == 0) return absl::InfiniteDuration();
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return absl::Nanoseconds(std::chrono::nanoseconds(now).count() - nanos);
  }

 private:
  std::atomic<int64_t> nanos_{0};
};

}  // namespace kakunin
