#include "server/clock_watch.h"

#include <algorithm>

#include "server/clock.h"

namespace kakunin {

ClockWatch::Reading ClockWatch::ReadMachine() {
  return {.wall = SystemClock().Now(), .monotonic = std::chrono::steady_clock::now()};
}

void ClockWatch::Look() {
  const Reading reading = read_();
  const absl::Time start =
      reading.wall -
      absl::FromChrono(std::chrono::nanoseconds(reading.monotonic.time_since_epoch()));
  latest_start_ = std::max(latest_start_, start);
  back_nanos_.store(absl::ToInt64Nanoseconds(latest_start_ - start), std::memory_order_relaxed);
}

}  // namespace kakunin
