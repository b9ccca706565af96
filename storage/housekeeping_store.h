#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/database.h"

namespace kakunin {

// HousekeepingStore deletes what has served its time, in small batches. Used by the job role.
// Thread-safe.
class HousekeepingStore {
 public:
  virtual ~HousekeepingStore() = default;
  // DeleteChallenges removes up to `limit` challenges that expired before `before`; returns how
  // many.
  virtual absl::StatusOr<int64_t> DeleteChallenges(Transaction& tx, absl::Time before,
                                                   int limit) = 0;
  // DeleteRequestOutcomes removes up to `limit` outcomes of administrative writes stored before
  // `before`.
  virtual absl::StatusOr<int64_t> DeleteRequestOutcomes(Transaction& tx, absl::Time before,
                                                        int limit) = 0;
  // DeleteInquiryCounts removes counts of hours before `hour` (hours since 1970 UTC).
  virtual absl::StatusOr<int64_t> DeleteInquiryCounts(Transaction& tx, int64_t hour) = 0;
};

}  // namespace kakunin
