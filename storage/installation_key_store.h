#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "storage/database.h"

namespace kakunin {

// KeyPurpose is a secret key that every server of a database must have alike: rows can only be
// found with the first two, the audit's pseudonyms only be told apart by the third, handles only be
// opened by the fourth. Stored: never renumber.
enum class KeyPurpose { kIndividualNumber = 1, kLookUp = 2, kAudit = 3, kPatientHandle = 4 };

// InstallationKeyStore remembers which keys a database belongs to. Thread-safe.
class InstallationKeyStore {
 public:
  virtual ~InstallationKeyStore() = default;
  // Claim returns the id of the key that the database belongs to; the first one to ask makes it
  // `key_id`. StoreError.
  virtual absl::StatusOr<std::string> Claim(Transaction& tx, KeyPurpose purpose,
                                            const std::string& key_id) = 0;
};

}  // namespace kakunin
