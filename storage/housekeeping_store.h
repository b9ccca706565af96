#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/person_id.h"
#include "storage/database.h"

namespace kakunin {

// RebuiltAnswers is how far one step over the answer rows, or the month records, came.
struct RebuiltAnswers {
  int64_t looked_at = 0;  // persons; 0: the step began behind the last one
  int64_t rebuilt = 0;
  PersonId last;  // where the next step goes on
};

// CopiedAccesses is how far the copy of facilities' calls came.
struct CopiedAccesses {
  absl::Time through;
  bool all = false;  // up to the instant that was asked for
};

// HousekeepingStore deletes what has served its time and rebuilds what an upgrade left behind, in
// small batches. Used by the job role. Thread-safe.
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
  // RebuildAnswers looks at the next `limit` answer rows after that of `after` and makes those of
  // an older format anew from the truth. Rows of a newer one are left to the servers that wrote
  // them.
  virtual absl::StatusOr<RebuiltAnswers> RebuildAnswers(Transaction& tx, const PersonId& after,
                                                        int limit) = 0;
  // RebuildMonthRecords does the same with the month records of the next `limit` persons.
  virtual absl::StatusOr<RebuiltAnswers> RebuildMonthRecords(Transaction& tx, const PersonId& after,
                                                             int limit) = 0;
  // CopyFacilityAccesses copies the next bounded slice of terminals' calls into the projection by
  // facility, up to `now` at most, and remembers how far it came. It begins `overlap` before where
  // the last one ended, since a row may commit late. Servers that do so at once wait for each
  // other.
  virtual absl::StatusOr<CopiedAccesses> CopyFacilityAccesses(Transaction& tx, absl::Time now,
                                                              absl::Duration overlap) = 0;
};

}  // namespace kakunin
