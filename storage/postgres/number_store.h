#pragma once

#include "storage/number_store.h"

namespace kakunin {

// PostgresNumberStore keeps person_number. Works as kakunin_operator.
class PostgresNumberStore : public NumberStore {
 public:
  absl::StatusOr<std::vector<NumberChangeOutcome>> Change(Transaction& tx,
                                                          std::span<const NumberChange> changes,
                                                          absl::Time at) override;
};

}  // namespace kakunin
