#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/commands/feed_chunks.h"

namespace kakunin {

// ChunkWindow is the sender's half of "exactly once and in order": it hands out chunks from the one
// that the server expects, keeps those that are not yet acknowledged, and after a break begins
// again where the server says. Knows no connection. One thread at a time.
class ChunkWindow {
 public:
  // Open begins the feed's chunks anew, at the first.
  using Open = std::function<absl::StatusOr<FeedChunks>()>;

  ChunkWindow(Open open, int most_under_way)
      : open_(std::move(open)), most_under_way_(most_under_way) {}

  // Resume begins at chunk `next`, the first that the server does not have; whatever was under way
  // is under way no longer. FAILED_PRECONDITION when the feed has no such chunk and is not at its
  // end there either, or the error of reading.
  absl::Status Resume(int64_t next);

  // ToSend is the next chunk, under way from now on; the caller may complete it, and it lives until
  // it is acknowledged. Null while as many are under way as may be, and after the last.
  absl::StatusOr<v1::PushRowsRequest*> ToSend();

  // Acknowledge takes the receipt of chunk `number`. INTERNAL when that is not the oldest under
  // way: receipts come in the order of the chunks.
  absl::Status Acknowledge(int64_t number);

  int under_way() const { return under_way_; }

  // summary is set once every chunk was read.
  const std::optional<FeedSummary>& summary() const { return summary_; }

 private:
  // ReadOne reads one more chunk behind the kept ones; false at the end.
  absl::StatusOr<bool> ReadOne();

  const Open open_;
  const int most_under_way_;
  std::optional<FeedChunks> chunks_;
  std::deque<v1::PushRowsRequest> kept_;  // the oldest first; those under way, then those read
  int under_way_ = 0;
  int64_t next_ = 1;  // the number of the first kept chunk, or of the one to be read next
  std::optional<FeedSummary> summary_;
};

}  // namespace kakunin
