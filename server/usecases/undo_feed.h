#pragma once

#include "absl/status/statusor.h"
#include "server/usecases/administrative_write.h"
#include "storage/feed_store.h"

namespace kakunin {

// UndoneFeed is a feed with what undoing it came to. Of a feed that was undone before, nothing.
struct UndoneFeed {
  FeedRow feed;
  FeedUndone rows;
};

// UndoFeed takes back a published feed of the party `call.actor` at the instant `call.at`; an
// undone one is returned as it is. Returns FEED_NOT_FOUND, FEED_NOT_PUBLISHED, FEED_TOUCHED_LATER
// when a later feed has touched its rows and `mode` is kUntouched, or a StoreError.
absl::StatusOr<UndoneFeed> UndoFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                    const FeedId& feed, const CopyBuilders& build, UndoMode mode);

}  // namespace kakunin
