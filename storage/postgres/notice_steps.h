#pragma once

#include <pqxx/transaction_base>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/housekeeping_store.h"

namespace kakunin {

// StepOfNotices is HousekeepingStore::FindNotices inside a transaction. Returns a StoreError when a
// stored coverage cannot be read; throws what libpqxx throws.
absl::StatusOr<NoticeStep> StepOfNotices(pqxx::transaction_base& work, absl::Time now, int limit);

}  // namespace kakunin
