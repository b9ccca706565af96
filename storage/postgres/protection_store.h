#pragma once

#include "storage/protection_store.h"

namespace kakunin {

// PostgresProtectionStore keeps person_protection. Works as kakunin_operator.
class PostgresProtectionStore : public ProtectionStore {
 public:
  absl::StatusOr<std::optional<FoundProtection>> Find(Transaction& tx,
                                                      const IndividualNumberHash& number) override;
  absl::Status Put(Transaction& tx, const PersonId& person, const Protection& protection,
                   absl::Time at) override;
};

}  // namespace kakunin
