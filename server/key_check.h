#pragma once

#include <chrono>

#include "absl/status/status.h"
#include "server/secret_keys.h"
#include "storage/installation_key_store.h"

namespace kakunin {

// CheckKeys refuses keys that this database's rows were not made with: under another look-up key a
// server would find nobody, and answer "not insured" about everybody; under another key of the
// audit the same person would get another pseudonym, and a list in bulk another reception number;
// under another key of handles no handle that a facility keeps would be opened. The first server of
// a new database claims it for its keys, by their ids: an id is made of the key's digest, so that
// no other key has it. FAILED_PRECONDITION with what to do; the store's error when the database
// cannot be asked before `deadline`.
absl::Status CheckKeys(Database& database, InstallationKeyStore& store, const SecretKeys& keys,
                       MonotonicTime deadline);

}  // namespace kakunin
