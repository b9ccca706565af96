#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "server/usecases/administrative_write.h"
#include "storage/feed_store.h"

namespace kakunin {

// SealFeed ends a feed's input when it is whole: the counts are those the party sent. A feed that
// is sealed already is left as it is, so that a lost answer can be asked for again. `call.actor` is
// the party. Returns FEED_NOT_FOUND, FEED_INCOMPLETE, FEED_NOT_OPEN, or a StoreError.
absl::Status SealFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                      const FeedId& feed, int64_t chunk_count, int64_t row_count);

// PublishFeed makes a sealed feed visible at one instant, `call.at`, and returns it with its
// counts; a published one is returned as it is. When the transaction fails the feed stays sealed
// and may be published again. Returns FEED_NOT_FOUND, FEED_INCOMPLETE when it is not sealed yet,
// FEED_NOT_OPEN when it was cancelled, or a StoreError.
absl::StatusOr<FeedRow> PublishFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                    const FeedId& feed, const CopyBuilders& build);

}  // namespace kakunin
