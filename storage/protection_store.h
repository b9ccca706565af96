#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "domain/person_id.h"
#include "domain/protection.h"
#include "storage/database.h"
#include "storage/feed_store.h"

namespace kakunin {

// FoundProtection is a person and how they are protected so far.
struct FoundProtection {
  PersonId person;
  Protection protection;
};

// ProtectionStore keeps what nobody may be shown of protected patients. Thread-safe.
class ProtectionStore {
 public:
  virtual ~ProtectionStore() = default;
  // Find tells whose a number is or was, and locks the number: of two who set the same patient's
  // flags the later one counts whole. Empty: nobody's. StoreError.
  virtual absl::StatusOr<std::optional<FoundProtection>> Find(
      Transaction& tx, const IndividualNumberHash& number) = 0;
  // Put replaces both flags. StoreError.
  virtual absl::Status Put(Transaction& tx, const PersonId& person, const Protection& protection,
                           absl::Time at) = 0;
};

}  // namespace kakunin
