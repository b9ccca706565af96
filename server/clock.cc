#include "server/clock.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace kakunin {
namespace {

absl::Time ToMicros(absl::Time instant) {
  return absl::FromUnixMicros(absl::ToUnixMicros(instant));
}

int64_t MonotonicNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

constexpr int64_t kLookEveryNanos = 100'000'000;

}  // namespace

absl::Time SystemClock::Now() const { return ToMicros(absl::Now()); }

SandboxClock::SandboxClock(std::string offset_file) : offset_file_(std::move(offset_file)) {}

absl::Time SandboxClock::Now() const { return ToMicros(absl::Now()) + Offset(); }

absl::Duration SandboxClock::Offset() const {
  const int64_t monotonic = MonotonicNanos();
  int64_t due = next_look_nanos_.load(std::memory_order_relaxed);
  // One thread of many takes the look; the others go on with the offset known so far.
  if (monotonic >= due &&
      next_look_nanos_.compare_exchange_strong(due, monotonic + kLookEveryNanos)) {
    if (const auto offset = ReadOffset(offset_file_); offset.ok()) {
      offset_micros_.store(absl::ToInt64Microseconds(*offset), std::memory_order_relaxed);
    }
  }
  return absl::Microseconds(offset_micros_.load(std::memory_order_relaxed));
}

absl::StatusOr<absl::Duration> SandboxClock::ReadOffset(const std::string& offset_file) {
  std::ifstream in(offset_file);
  if (!in) return absl::ZeroDuration();
  int64_t micros = 0;
  if (!(in >> micros))
    return absl::InternalError("sandbox clock file does not hold a number: " + offset_file);
  return absl::Microseconds(micros);
}

absl::Status SandboxClock::WriteOffset(const std::string& offset_file, absl::Duration offset) {
  // Written beside and renamed, so that no reader sees half a number.
  const std::string fresh = offset_file + ".new";
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << absl::ToInt64Microseconds(offset) << "\n";
    if (!out.flush()) return absl::InternalError("cannot write the sandbox clock file " + fresh);
  }
  if (std::rename(fresh.c_str(), offset_file.c_str()) != 0) {
    return absl::InternalError("cannot replace the sandbox clock file " + offset_file);
  }
  return absl::OkStatus();
}

}  // namespace kakunin
