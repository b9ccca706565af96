#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"

namespace kakunin {

// FacilityShares bounds how much of a queue one facility has at once, so that others find room.
// Thread-safe; outlives what it gave.
class FacilityShares {
 public:
  explicit FacilityShares(int most) : most_(most) {}

  // Take gives one share of `facility`, which ends with the last copy of the pointer; null: it has
  // as many as it may.
  std::shared_ptr<void> Take(const std::string& facility);

 private:
  void Give(const std::string& facility);

  const int most_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, int> held_;
};

}  // namespace kakunin
