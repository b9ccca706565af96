#pragma once

#include "storage/feed_store.h"
#include "storage/housekeeping_store.h"

namespace kakunin {

// PostgresHousekeepingStore keeps house as the role kakunin_job.
class PostgresHousekeepingStore : public HousekeepingStore {
 public:
  explicit PostgresHousekeepingStore(CopyBuilders build) : build_(std::move(build)) {}

  absl::StatusOr<int64_t> DeleteChallenges(Transaction& tx, absl::Time before, int limit) override;
  absl::StatusOr<int64_t> DeleteRequestOutcomes(Transaction& tx, absl::Time before,
                                                int limit) override;
  absl::StatusOr<int64_t> DeleteBulkInquiry(Transaction& tx, absl::Time now) override;
  absl::StatusOr<int64_t> DeleteInquiryCounts(Transaction& tx, int64_t hour) override;
  absl::StatusOr<RebuiltAnswers> RebuildAnswers(Transaction& tx, const PersonId& after,
                                                int limit) override;
  absl::StatusOr<RebuiltAnswers> RebuildMonthRecords(Transaction& tx, const PersonId& after,
                                                     int limit) override;
  absl::StatusOr<CopiedAccesses> CopyFacilityAccesses(Transaction& tx, absl::Time now,
                                                      absl::Duration overlap) override;
  absl::StatusOr<int64_t> DeleteReceptionLinks(Transaction& tx, absl::Time before,
                                               int limit) override;
  absl::StatusOr<int64_t> DeleteSessions(Transaction& tx, absl::Time before, int limit) override;
  absl::StatusOr<absl::Time> SeeNoticeWork(Transaction& tx, absl::Time now) override;
  absl::StatusOr<NoticeStep> FindNotices(Transaction& tx, absl::Time now, int limit,
                                         std::optional<NoticeWorkId>& taken) override;
  absl::Status SetNoticeWorkBack(Transaction& tx, const NoticeWorkId& id, absl::Time now) override;

 private:
  const CopyBuilders build_;
};

}  // namespace kakunin
