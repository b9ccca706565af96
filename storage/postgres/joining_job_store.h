#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/joining_job_store.h"

namespace kakunin {

// PostgresJoiningJobStore is JoiningJobStore over PostgreSQL.
class PostgresJoiningJobStore final : public JoiningJobStore {
 public:
  absl::StatusOr<std::vector<FacilityOnGround>> FacilitiesOnGrounds(Transaction& tx,
                                                                    const std::string& after,
                                                                    int limit) override;
  absl::StatusOr<bool> NoteReminder(Transaction& tx, const std::string& facility_code,
                                    absl::CivilDay last_day, absl::CivilDay day) override;
  absl::StatusOr<std::optional<NewsReceiver>> HoldReceiver(
      Transaction& tx, const std::string& facility_code) override;
  absl::StatusOr<std::optional<WaitingMail>> HoldMail(Transaction& tx, int skipped) override;
  absl::Status DropMail(Transaction& tx, const WaitingMail& mail) override;
  absl::StatusOr<int64_t> DropMailBefore(Transaction& tx, absl::Time before, int limit) override;
  absl::StatusOr<int64_t> DeleteUnconfirmed(Transaction& tx, absl::Time before, int limit) override;
};

}  // namespace kakunin
