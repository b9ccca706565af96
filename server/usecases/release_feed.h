#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/usecases/administrative_write.h"
#include "storage/feed_store.h"

namespace kakunin {

// IsReleased tells whether both sides have let a feed go: an operator, and whoever delivered it.
bool IsReleased(std::span<const FeedRelease> releases);

// ReleasedFeed is a quarantined feed with what it comes to and who has released it.
struct ReleasedFeed {
  FeedRow feed;
  std::vector<RiskFinding> risks;
  std::vector<FeedRelease> releases;
};

// ReleaseFeed gives the caller's name for the last judgement of the party's feed, within `tx`: the
// side is the kind of actor in `record`, `released_by` its own name of who decided. A side that has
// released already keeps its first name. With `look_only` nothing is released. Returns
// FEED_NOT_FOUND, FEED_NOT_QUARANTINED, or a StoreError.
absl::StatusOr<ReleasedFeed> ReleaseFeed(Transaction& tx, AuditRecord& record, FeedStore& feeds,
                                         const std::string& party, const FeedId& feed,
                                         const std::string& released_by, bool look_only);

}  // namespace kakunin
