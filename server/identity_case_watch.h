#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "server/clock.h"
#include "server/rounds.h"
#include "server/snapshot_age.h"
#include "storage/database.h"
#include "storage/identity_case_store.h"

namespace kakunin {

// IdentityCaseWatch counts once a minute how many cases of mistaken identity are open, by how long:
// the records of whom they concern are withheld, and nobody may be working on them. Thread-safe.
class IdentityCaseWatch {
 public:
  // kLeastDays are the ages that are told apart: open for so many times 24 hours or longer.
  static constexpr std::array<int, 4> kLeastDays = {0, 3, 10, 30};

  // All references outlive the watch. Looks once before it returns.
  IdentityCaseWatch(Database& database, IdentityCaseStore& cases, const Clock& clock);

  // Open is how many cases were open for at least kLeastDays[age] days when it last looked.
  int64_t Open(size_t age) const { return counts_[age].load(std::memory_order_relaxed); }
  // Age is how old what it knows is.
  absl::Duration Age() const { return age_.Age(); }

 private:
  void Look();

  Database& database_;
  IdentityCaseStore& cases_;
  const Clock& clock_;
  std::array<std::atomic<int64_t>, kLeastDays.size()> counts_{};
  SnapshotAge age_;
  std::optional<Rounds> rounds_;  // last, so that it ends first
};

}  // namespace kakunin
