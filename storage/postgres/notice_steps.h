#pragma once

#include <optional>
#include <pqxx/transaction_base>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/housekeeping_store.h"

namespace kakunin {

// kReadAskedAnswers reads who was told what about the persons $1 (uuid[]) before the instant $2,
// the latest of each question before and from the change's instant $3 on. Tests look at its plan.
extern const char kReadAskedAnswers[];

// SeeNoticeWork is HousekeepingStore::SeeNoticeWork inside a transaction. Throws what libpqxx
// throws.
absl::Time SeeNoticeWork(pqxx::transaction_base& work, absl::Time now);

// StepOfNotices is HousekeepingStore::FindNotices inside a transaction. Returns a StoreError when a
// stored coverage cannot be read; throws what libpqxx throws.
absl::StatusOr<NoticeStep> StepOfNotices(pqxx::transaction_base& work, absl::Time now, int limit,
                                         std::optional<NoticeWorkId>& taken);

}  // namespace kakunin
