#pragma once

#include "storage/alarm_store.h"

namespace kakunin {

// PostgresAlarmStore reads alarm, some rows a day at most. Works as kakunin_operator,
// kakunin_auditor and kakunin_job.
class PostgresAlarmStore : public AlarmStore {
 public:
  absl::StatusOr<int64_t> CountSince(Transaction& tx, absl::Time from) override;
  absl::StatusOr<std::vector<Alarm>> ListSince(Transaction& tx, absl::Time from,
                                               int limit) override;
};

}  // namespace kakunin
