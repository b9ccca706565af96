#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "server/clock.h"
#include "server/rounds.h"
#include "server/snapshot_age.h"
#include "storage/alarm_store.h"
#include "storage/database.h"

namespace kakunin {

// AlarmWatch counts once a minute the alarms of the last kWithin: somebody may be guessing numbers,
// and nobody be looking. Thread-safe.
class AlarmWatch {
 public:
  static constexpr absl::Duration kWithin = absl::Hours(24);

  // All references outlive the watch. Looks once before it returns.
  AlarmWatch(Database& database, AlarmStore& alarms, const Clock& clock);

  // Raised is how many there were when it last looked.
  int64_t Raised() const { return raised_.load(std::memory_order_relaxed); }
  // Age is how old what it knows is.
  absl::Duration Age() const { return age_.Age(); }

 private:
  void Look();

  Database& database_;
  AlarmStore& alarms_;
  const Clock& clock_;
  std::atomic<int64_t> raised_{0};
  SnapshotAge age_;
  std::optional<Rounds> rounds_;  // last, so that it ends first
};

}  // namespace kakunin
