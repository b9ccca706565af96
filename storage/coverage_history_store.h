#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/coverage_history.h"
#include "domain/person_id.h"
#include "storage/database.h"

namespace kakunin {

// CoverageHistoryStore reads the truth over both axes of time. Thread-safe.
class CoverageHistoryStore {
 public:
  virtual ~CoverageHistoryStore() = default;

  // PersonsByReference lists whom an insurer's own reference names, and whom it named before an
  // undo or a repair.
  virtual absl::StatusOr<std::vector<PersonId>> PersonsByReference(
      Transaction& tx, const std::string& insurer_number, const std::string& reference) = 0;
  // PersonsByKey lists who is found under a look-up key today, and whose their coverages were
  // before a repair.
  virtual absl::StatusOr<std::vector<PersonId>> PersonsByKey(Transaction& tx,
                                                             const KeyHash& key) = 0;
  // History lists every version of the persons' coverages, those of `insurer_number` alone when it
  // is given: by person, insurer and reference, the oldest knowledge first.
  virtual absl::StatusOr<std::vector<CoverageVersion>> History(
      Transaction& tx, std::span<const PersonId> persons,
      const std::optional<std::string>& insurer_number) = 0;
};

}  // namespace kakunin
