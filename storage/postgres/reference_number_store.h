#pragma once

#include "storage/reference_number_store.h"

namespace kakunin {

// PostgresReferenceNumberStore is used with the role kakunin_terminal.
class PostgresReferenceNumberStore final : public ReferenceNumberStore {
 public:
  absl::Status Begin(Transaction& tx, const std::string& facility_code,
                     absl::CivilDay day) override;
  absl::StatusOr<std::optional<BulkCounts>> Hold(Transaction& tx, const std::string& facility_code,
                                                 absl::CivilDay day) override;
  absl::StatusOr<std::vector<std::vector<PersonId>>> Find(
      Transaction& tx, std::span<const std::variant<PersonId, KeyHash>> patients) override;
  absl::StatusOr<std::vector<std::vector<std::string>>> NumbersOf(
      Transaction& tx, const std::string& facility_code,
      std::span<const PersonId> persons) override;
  absl::Status Change(Transaction& tx, const std::string& facility_code,
                      std::span<const ReferenceNumberRow> gone,
                      std::span<const ReferenceNumberRow> added, absl::Time at) override;
  absl::Status Count(Transaction& tx, const std::string& facility_code, absl::CivilDay day,
                     const BulkCounts& more) override;
};

}  // namespace kakunin
