#pragma once

#include "storage/coverage_history_store.h"

namespace kakunin {

// PostgresCoverageHistoryStore reads coverage, coverage_by_reference, coverage_reference_past,
// insured_lookup and feed. Works as kakunin_insurer and kakunin_operator.
class PostgresCoverageHistoryStore : public CoverageHistoryStore {
 public:
  absl::StatusOr<std::vector<PersonId>> PersonsByReference(Transaction& tx,
                                                           const std::string& insurer_number,
                                                           const std::string& reference) override;
  absl::StatusOr<std::vector<PersonId>> PersonsByKey(Transaction& tx, const KeyHash& key) override;
  absl::StatusOr<std::vector<CoverageVersion>> History(
      Transaction& tx, std::span<const PersonId> persons,
      const std::optional<std::string>& insurer_number) override;
};

}  // namespace kakunin
