#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/feed_times.h"
#include "storage/feed_store.h"

namespace kakunin {

// SealFeed ends a feed's input when it is whole: the counts are those the party sent. A feed that
// is sealed already is left as it is, so that a lost answer can be asked for again. `call.actor` is
// the party. Returns FEED_NOT_FOUND, FEED_INCOMPLETE, FEED_NOT_OPEN, or a StoreError.
absl::StatusOr<FeedRow> SealFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                 const FeedId& feed, int64_t chunk_count, int64_t row_count);

// JudgedFeed is a feed with what its last judgement came to.
struct JudgedFeed {
  FeedRow feed;
  std::vector<RiskFinding> risks;
};

// JudgeFeed is the dry run of a sealed feed: what it would do, before anything is visible. Of high
// risk it is quarantined. One that was judged already is returned as it is. Returns FEED_NOT_FOUND,
// FEED_INCOMPLETE when it is not sealed yet, FEED_NOT_OPEN when it was cancelled or undone, or a
// StoreError. `times` null: nobody asks how long it takes; so with PublishFeed.
absl::StatusOr<JudgedFeed> JudgeFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                     const FeedId& feed, FeedTimes* times = nullptr);

// PublishFeed judges a sealed feed anew, since the truth may have changed, and makes it visible at
// one instant, `call.at`; of high risk it is quarantined instead, which the returned state tells. A
// quarantined feed is published when both sides have released exactly what it comes to, and waits
// again when it comes to something else by now. A published one is returned as it is. When the
// transaction fails the feed stays what it was and may be published again. Returns FEED_NOT_FOUND,
// FEED_INCOMPLETE when it is not sealed yet, FEED_QUARANTINED while a release is missing,
// FEED_NOT_OPEN when it was cancelled or undone, or a StoreError.
absl::StatusOr<JudgedFeed> PublishFeed(Database& database, FeedStore& feeds, const WriteCall& call,
                                       const FeedId& feed, const CopyBuilders& build,
                                       FeedTimes* times = nullptr);

}  // namespace kakunin
