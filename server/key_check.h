#pragma once

#include <chrono>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "storage/installation_key_store.h"

namespace kakunin {

// CheckKeys refuses keys that this database's rows were not made with: under another look-up key a
// server would find nobody, and answer "not insured" about everybody. The first server of a new
// database claims it for its keys. FAILED_PRECONDITION with what to do; the store's error when the
// database cannot be asked before `deadline`.
absl::Status CheckKeys(Database& database, InstallationKeyStore& store,
                       const auth::HmacKey& individual_number, const auth::HmacKey& look_up,
                       MonotonicTime deadline);

}  // namespace kakunin
