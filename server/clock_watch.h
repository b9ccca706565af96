#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/time/time.h"

namespace kakunin {

// kMostClockBack is how far the machine's clock may go back before what rests on it counts no more:
// above every correction of a clock that is kept in time (slewing moves the monotonic clock, too;
// a leap second is one), below what makes a CRL of yesterday look like today's.
inline constexpr absl::Duration kMostClockBack = absl::Minutes(5);

// ClockWatch tells whether the machine's clock went back since the watch began, by the monotonic
// clock. It does not see a sandbox's offset, which is moved on purpose, and not a clock that was
// wrong from the start. Thread-safe, but for Look.
class ClockWatch {
 public:
  // Reading is both clocks at one moment.
  struct Reading {
    absl::Time wall;
    std::chrono::steady_clock::time_point monotonic;
  };
  static Reading ReadMachine();

  explicit ClockWatch(std::function<Reading()> read = ReadMachine) : read_(std::move(read)) {}

  // Look reads the clocks. To be called now and then, by one thread at a time: the clock is held to
  // the latest that any look has seen, so a clock that ran ahead and was put right has gone back,
  // too, until the process starts anew.
  void Look();

  // Back is how far the clock was behind at the last look, at least zero; IsBack whether that is
  // kMostClockBack or more.
  absl::Duration Back() const {
    return absl::Nanoseconds(back_nanos_.load(std::memory_order_relaxed));
  }
  bool IsBack() const { return Back() >= kMostClockBack; }

 private:
  const std::function<Reading()> read_;
  absl::Time latest_start_ = absl::InfinitePast();  // the monotonic clock's zero on the wall
  std::atomic<int64_t> back_nanos_{0};
};

}  // namespace kakunin
