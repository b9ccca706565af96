#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kakunin/v1/insurer_feed_service.pb.h"

namespace grpc {
class Channel;
}

namespace kakunin::dev {

// RowSource gives a feed's rows in their fixed order, from the first one at each call. The function
// that it returns adds one row of the feed's kind to a chunk, or returns false at the end.
using AddRow = std::function<absl::StatusOr<bool>(v1::PushRowsRequest& chunk)>;
using RowSource = std::function<absl::StatusOr<AddRow>()>;

// FeedToPush names a feed of the party whose certificate the channel has.
struct FeedToPush {
  v1::FeedKind kind = v1::FEED_KIND_COVERAGES;
  int64_t number = 1;
  RowSource source;
  int rows_a_chunk = 1000;
};

// FeedOutcome is what became of one feed.
struct FeedOutcome {
  bool was_published = false;  // before we came: nothing was sent
  int64_t rows_sent = 0;       // by this call; fewer than the feed's when it was resumed
  v1::FeedCounts counts;       // meaningful unless was_published
};

// PushFeed delivers a whole feed: begins it (or finds what an earlier, interrupted call had begun),
// pushes the chunks that the server does not have, a few in flight at a time, and seals it, which
// publishes it. A stream that breaks is resumed up to five times. Returns the last error.
absl::StatusOr<FeedOutcome> PushFeed(const std::shared_ptr<grpc::Channel>& channel,
                                     const FeedToPush& feed);

}  // namespace kakunin::dev
