#pragma once

#include "absl/status/statusor.h"
#include "server/usecases/administrative_write.h"
#include "storage/feed_store.h"

namespace kakunin {

// CancelFeed gives up a feed of the party `call.actor` that is not published, and removes what was
// staged; a cancelled one is returned as it is. Returns FEED_NOT_FOUND, FEED_PUBLISHED, or a
// StoreError.
absl::StatusOr<FeedRow> CancelFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                   const FeedId& feed);

}  // namespace kakunin
