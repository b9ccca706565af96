#include "server/dev/feed_client.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "auth/uuid.h"
#include "domain/error.h"
#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/dev/api_channel.h"

namespace kakunin::dev {
namespace {

using Stub = v1::InsurerFeedService::Stub;
using Stream = grpc::ClientReaderWriter<v1::PushRowsRequest, v1::PushRowsResponse>;

// More would only lie in buffers: the server makes one chunk durable at a time.
constexpr int64_t kChunksInFlight = 4;
constexpr int kAttempts = 5;

absl::StatusOr<v1::Feed> Begin(Stub& stub, const FeedToPush& feed) {
  v1::BeginFeedRequest request;
  request.set_request_id(auth::RandomUuid());
  request.set_kind(feed.kind);
  request.set_feed_number(feed.number);
  v1::BeginFeedResponse response;
  grpc::ClientContext context;
  PrepareCall(context, absl::Seconds(30));
  RETURN_IF_ERROR(StatusOf("BeginFeed", stub.BeginFeed(&context, request, &response)));
  return response.feed();
}

// Chunks cuts a feed's rows into numbered chunks.
class Chunks {
 public:
  Chunks(AddRow add, int rows_a_chunk) : add_(std::move(add)), rows_a_chunk_(rows_a_chunk) {}

  // Next fills in the next chunk; false when there is none.
  absl::StatusOr<bool> Next(v1::PushRowsRequest& chunk) {
    chunk.Clear();
    last_ = 0;
    while (last_ < rows_a_chunk_) {
      ASSIGN_OR_RETURN(const bool more, add_(chunk));
      if (!more) break;
      ++last_;
    }
    if (last_ == 0) return false;
    chunk.set_chunk_number(++count_);
    rows_ += last_;
    return true;
  }

  int last() const { return last_; }  // rows of the last chunk
  int64_t count() const { return count_; }
  int64_t rows() const { return rows_; }

 private:
  AddRow add_;
  int rows_a_chunk_;
  int last_ = 0;
  int64_t count_ = 0;
  int64_t rows_ = 0;
};

// PushChunks sends every chunk from `first` on. Reading lags behind writing by at most
// kChunksInFlight chunks. Adds what was acknowledged to `sent`.
absl::Status PushChunks(Stub& stub, const v1::Feed& feed, Chunks& chunks, int64_t& sent) {
  grpc::ClientContext context;
  PrepareCall(context, absl::Minutes(10));
  const std::unique_ptr<Stream> stream = stub.PushRows(&context);
  v1::PushRowsRequest chunk;
  v1::PushRowsResponse acknowledged;
  int64_t in_flight = 0;
  bool open = true;
  while (open) {
    ASSIGN_OR_RETURN(const bool more, chunks.Next(chunk));
    if (!more) break;
    if (chunk.chunk_number() < feed.next_chunk_number()) continue;
    chunk.set_feed_id(feed.feed_id());
    open = stream->Write(chunk);
    sent += chunks.last();
    ++in_flight;
    while (open && in_flight >= kChunksInFlight) {
      open = stream->Read(&acknowledged);
      --in_flight;
    }
  }
  if (open) stream->WritesDone();
  while (open && in_flight > 0 && stream->Read(&acknowledged)) --in_flight;
  RETURN_IF_ERROR(StatusOf("PushRows", stream->Finish()));
  if (in_flight > 0) return absl::UnavailableError("PushRows: ended before all was acknowledged");
  return absl::OkStatus();
}

absl::Status Seal(Stub& stub, const v1::Feed& feed, const Chunks& chunks, FeedOutcome& outcome) {
  v1::SealFeedRequest request;
  request.set_feed_id(feed.feed_id());
  request.set_chunk_count(chunks.count());
  request.set_row_count(chunks.rows());
  v1::SealFeedResponse response;
  grpc::ClientContext context;
  PrepareCall(context, absl::Minutes(10));
  RETURN_IF_ERROR(StatusOf("SealFeed", stub.SealFeed(&context, request, &response)));
  outcome.counts = response.counts();
  if (response.feed().state() == v1::FEED_STATE_QUARANTINED) {
    std::string reasons;
    for (const v1::FeedRisk& risk : response.risks()) reasons += " " + risk.reason();
    return absl::FailedPreconditionError("SealFeed: the feed is quarantined:" + reasons);
  }
  return absl::OkStatus();
}

absl::Status Deliver(Stub& stub, const FeedToPush& wanted, FeedOutcome& outcome) {
  ASSIGN_OR_RETURN(const v1::Feed feed, Begin(stub, wanted));
  if (feed.state() == v1::FEED_STATE_PUBLISHED) {
    outcome.was_published = outcome.rows_sent == 0;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(AddRow add, wanted.source());
  Chunks chunks(std::move(add), wanted.rows_a_chunk);
  RETURN_IF_ERROR(PushChunks(stub, feed, chunks, outcome.rows_sent));
  return Seal(stub, feed, chunks, outcome);
}

}  // namespace

absl::StatusOr<FeedOutcome> PushFeed(const std::shared_ptr<grpc::Channel>& channel,
                                     const FeedToPush& feed) {
  const auto stub = v1::InsurerFeedService::NewStub(channel);
  FeedOutcome outcome;
  absl::Status status;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    status = Deliver(*stub, feed, outcome);
    if (status.ok()) return outcome;
    if (!absl::IsUnavailable(status) && !absl::IsResourceExhausted(status)) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(200 << attempt));
  }
  return status;
}

}  // namespace kakunin::dev
