#pragma once

#include "storage/housekeeping_store.h"

namespace kakunin {

// PostgresHousekeepingStore deletes as the role kakunin_job.
class PostgresHousekeepingStore : public HousekeepingStore {
 public:
  absl::StatusOr<int64_t> DeleteChallenges(Transaction& tx, absl::Time before, int limit) override;
  absl::StatusOr<int64_t> DeleteRequestOutcomes(Transaction& tx, absl::Time before,
                                                int limit) override;
  absl::StatusOr<int64_t> DeleteInquiryCounts(Transaction& tx, int64_t hour) override;
};

}  // namespace kakunin
