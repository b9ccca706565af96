#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace kakunin {

// Clock is where every rule and every stored instant takes its time from. Deadlines and timeouts
// use the monotonic clock instead. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Now is the current instant, truncated to microseconds: what PostgreSQL keeps.
  virtual absl::Time Now() const = 0;
};

// SystemClock is the machine's time.
class SystemClock final : public Clock {
 public:
  absl::Time Now() const override;
};

// SandboxClock adds the offset that a file holds, as a decimal count of microseconds. Every server
// and command of a sandbox installation reads the same file; a changed file is noticed within 100
// ms. A missing file means no offset.
class SandboxClock final : public Clock {
 public:
  explicit SandboxClock(std::string offset_file);
  absl::Time Now() const override;

  // Offset is what is added to the machine's time now.
  absl::Duration Offset() const;

  // ReadOffset and WriteOffset serve `kakunin dev clock`. Return INTERNAL when the file cannot be
  // used.
  static absl::StatusOr<absl::Duration> ReadOffset(const std::string& offset_file);
  static absl::Status WriteOffset(const std::string& offset_file, absl::Duration offset);

 private:
  const std::string offset_file_;
  mutable std::atomic<int64_t> offset_micros_{0};
  mutable std::atomic<int64_t> next_look_nanos_{0};
};

}  // namespace kakunin
