#pragma once

#include <vector>

#include "absl/status/status.h"
#include "server/usecases/feed_keys.h"
#include "server/usecases/resident_identities.h"
#include "storage/feed_store.h"

namespace kakunin {

// DoubtCoverages asks the register of residents about every row that has a number and is no loss,
// all at once, and marks those that do not agree with it in everything. Returns
// RESIDENTS_UNAVAILABLE, retryably, when it cannot be asked: then no row may pass. Thread-safe.
absl::Status DoubtCoverages(ResidentIdentities& residents, const FeedKeys& keys,
                            std::vector<StagedCoverage>& rows);

}  // namespace kakunin
