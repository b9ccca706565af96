#pragma once

#include <atomic>
#include <optional>

#include "server/clock.h"
#include "server/rounds.h"
#include "server/snapshot_age.h"
#include "storage/database.h"

namespace kakunin {

// PartitionWatch asks the database once a minute how far the months are made, for readiness and
// metrics.
class PartitionWatch {
 public:
  // Both references outlive the watch. Looks once before it returns.
  PartitionWatch(Database& database, const Clock& clock);

  // DaysLeft is how many days until a month without a partition of its own; 0 when it is not known.
  int DaysLeft() const { return days_left_.load(std::memory_order_relaxed); }
  // DefaultsHoldingRows is of how many tables the default partition holds rows.
  int DefaultsHoldingRows() const { return defaults_.load(std::memory_order_relaxed); }
  // Age is how old both are.
  absl::Duration Age() const { return age_.Age(); }

 private:
  void Look();

  Database& database_;
  const Clock& clock_;
  std::atomic<int> days_left_{0};
  std::atomic<int> defaults_{0};
  SnapshotAge age_;
  std::optional<Rounds> rounds_;  // last, so that it ends first
};

}  // namespace kakunin
