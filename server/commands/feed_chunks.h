#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/commands/feed_rows.h"

namespace kakunin {

// ChunkBounds end a chunk: whichever is met first. A receipt may be some kilobytes, and a message
// stays well below the port's four megabytes.
struct ChunkBounds {
  int most_rows = 1000;
  size_t most_octets = 1 << 20;
};

// FeedSummary is what a whole feed is.
struct FeedSummary {
  int64_t chunk_count = 0;
  int64_t row_count = 0;
  auth::Sha256Digest digest{};  // of all chunks: rows, their order, and where they are cut

  bool operator==(const FeedSummary&) const = default;
};

// FeedChunks cuts a file's rows into numbered chunks, which depend on nothing but rows and bounds:
// read again, the same file gives the same chunks. One thread at a time.
class FeedChunks {
 public:
  FeedChunks(v1::FeedKind kind, std::unique_ptr<FeedRows> rows, const ChunkBounds& bounds = {});

  // Next fills in the next chunk, without its feed; false at the end. Returns the rows' error.
  absl::StatusOr<bool> Next(v1::PushRowsRequest& chunk);

  // places are those of the last chunk's rows in the file (FeedRows::place).
  const std::vector<int64_t>& places() const { return places_; }

  // summary is what there is, once Next has come to the end.
  const FeedSummary& summary() const { return summary_; }

 private:
  const google::protobuf::FieldDescriptor* const field_;  // that holds the rows
  std::unique_ptr<FeedRows> rows_;
  const ChunkBounds bounds_;
  std::vector<int64_t> places_;
  FeedSummary summary_;
  auth::Sha256Stream digest_;
};

// RowPlaces finds rows of a feed in its file again. One thread at a time.
class RowPlaces {
 public:
  explicit RowPlaces(FeedChunks chunks) : chunks_(std::move(chunks)) {}

  // Find is the place of a row, its chunk from 1 and its index in it from 0; 0 when the file has no
  // such row. The chunks asked for must not go backwards. Returns the rows' error.
  absl::StatusOr<int64_t> Find(int64_t chunk, int32_t row);

 private:
  FeedChunks chunks_;
  v1::PushRowsRequest chunk_;
};

// SummariseFeed reads everything once. Returns the first error of a row, so that nothing is sent of
// a file that cannot be read to its end.
absl::StatusOr<FeedSummary> SummariseFeed(FeedChunks chunks);

}  // namespace kakunin
