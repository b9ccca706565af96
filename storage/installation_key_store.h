#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "storage/database.h"

namespace kakunin {

// KeyPurpose is a secret key that rows of the database can only be found with. Stored: never
// renumber.
enum class KeyPurpose { kIndividualNumber = 1, kLookUp = 2 };

// InstallationKeyStore remembers which keys a database's rows were made with. Thread-safe.
class InstallationKeyStore {
 public:
  virtual ~InstallationKeyStore() = default;
  // Claim returns the id of the key that the database belongs to; the first one to ask makes it
  // `key_id`. StoreError.
  virtual absl::StatusOr<std::string> Claim(Transaction& tx, KeyPurpose purpose,
                                            const std::string& key_id) = 0;
};

}  // namespace kakunin
