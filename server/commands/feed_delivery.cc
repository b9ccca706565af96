#include "server/commands/feed_delivery.h"

#include <algorithm>
#include <thread>

#include "auth/uuid.h"
#include "domain/error.h"
#include "server/commands/client_connection.h"
#include "server/rpc/status.h"

namespace kakunin {
namespace {

using std::chrono::milliseconds;
using Stub = v1::InsurerFeedService::Stub;

void SetDeadline(grpc::ClientContext& context, milliseconds bound) {
  context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                    gpr_time_from_millis(bound.count(), GPR_TIMESPAN)));
}

// Whether what ended a call may be over when it is made anew.
bool IsBreak(const grpc::Status& status) {
  const ErrorDescription error = DescribeError(status);
  if (!error.reason.empty()) return error.retry_after || error.expected_chunk;
  switch (status.error_code()) {
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::INTERNAL:  // a cut inside a frame
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::UNKNOWN:
      return true;
    default:
      return false;
  }
}

class Delivery {
 public:
  Delivery(const FeedToDeliver& feed, const std::function<void(const DeliveryProgress&)>& watch,
           const DeliveryBounds& bounds)
      : feed_(feed), watch_(watch), bounds_(bounds), window_(feed.open, bounds.most_under_way) {}

  DeliveryOutcome Run(const std::function<std::shared_ptr<grpc::Channel>()>& connect) {
    int idle_breaks = 0;
    milliseconds wait = bounds_.first_wait;
    for (;;) {
      const int64_t before = outcome_.rows_sent;
      const auto stub = v1::InsurerFeedService::NewStub(connect());
      outcome_.answer = Attempt(*stub);
      if (outcome_.answer.ok() || !outcome_.input.ok() || !IsBreak(outcome_.answer)) break;
      if (outcome_.rows_sent > before) {
        idle_breaks = 0;
        wait = bounds_.first_wait;
      }
      if (++idle_breaks > (reached_ ? bounds_.most_idle_breaks : bounds_.most_first_breaks)) break;
      progress_.breaks = ++outcome_.breaks;
      Tell(DeliveryProgress::Event::kBroken);
      const auto asked = DescribeError(outcome_.answer).retry_after;
      std::this_thread::sleep_for(
          std::max(wait, milliseconds(asked ? absl::ToInt64Milliseconds(*asked) : 0)));
      wait = std::min(2 * wait, bounds_.longest_wait);
    }
    return outcome_;
  }

 private:
  grpc::Status Attempt(Stub& stub) {
    grpc::Status status = Begin(stub);
    if (!status.ok()) return status;
    if (!Keep(window_.Resume(outcome_.feed.next_chunk_number()))) return grpc::Status::OK;
    if (outcome_.feed.next_chunk_number() <= feed_.summary.chunk_count) {
      status = Push(stub);
      if (!status.ok() || !outcome_.input.ok()) return status;
      if (window_.summary() != feed_.summary) {
        Keep(absl::FailedPreconditionError(
            "the file changed while it was being sent; nothing was sealed"));
        return grpc::Status::OK;
      }
    }
    return Seal(stub);
  }

  // Keep remembers an error of the input; whether there was none.
  bool Keep(const absl::Status& status) {
    outcome_.input = status;
    return status.ok();
  }

  void Tell(DeliveryProgress::Event event) {
    progress_.event = event;
    watch_(progress_);
  }

  grpc::Status Begin(Stub& stub) {
    v1::BeginFeedRequest request;
    request.set_request_id(auth::RandomUuid());
    request.set_kind(feed_.kind);
    request.set_feed_number(feed_.number);
    request.set_content_digest(feed_.summary.digest.data(), feed_.summary.digest.size());
    v1::BeginFeedResponse response;
    grpc::ClientContext context;
    SetDeadline(context, bounds_.call);
    grpc::Status status = stub.BeginFeed(&context, request, &response);
    if (!status.ok()) return status;
    reached_ = true;
    outcome_.feed = response.feed();
    progress_.feed_id = response.feed().feed_id();
    progress_.rows = response.feed().row_count();
    Tell(DeliveryProgress::Event::kBegun);
    return status;
  }

  grpc::Status Push(Stub& stub) {
    grpc::ClientContext context;
    SetDeadline(context, bounds_.stream);
    const auto stream = stub.PushRows(&context);
    bool open = true;
    while (open) {
      const auto chunk = window_.ToSend();
      if (!chunk.ok()) {
        Keep(chunk.status());
        context.TryCancel();
        break;
      }
      if (*chunk != nullptr) {
        (*chunk)->set_feed_id(outcome_.feed.feed_id());
        open = stream->Write(**chunk);
        continue;
      }
      if (window_.under_way() == 0) break;
      v1::PushRowsResponse receipt;
      open = stream->Read(&receipt);
      if (open && !Take(receipt)) {
        context.TryCancel();
        break;
      }
    }
    const bool whole = open && outcome_.input.ok();
    if (whole) stream->WritesDone();
    grpc::Status status = stream->Finish();
    if (!outcome_.input.ok()) return grpc::Status::OK;
    // All receipts are here: how the stream ends no longer matters.
    if (whole) return grpc::Status::OK;
    return status.ok() ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the stream ended") : status;
  }

  bool Take(const v1::PushRowsResponse& receipt) {
    if (!Keep(window_.Acknowledge(receipt.acknowledged_chunk_number()))) return false;
    progress_.rows += receipt.row_count();
    outcome_.rows_sent += receipt.row_count();
    Tell(DeliveryProgress::Event::kAcknowledged);
    return true;
  }

  grpc::Status Seal(Stub& stub) {
    v1::SealFeedRequest request;
    request.set_feed_id(outcome_.feed.feed_id());
    request.set_chunk_count(feed_.summary.chunk_count);
    request.set_row_count(feed_.summary.row_count);
    request.set_hold(feed_.hold);
    v1::SealFeedResponse response;
    grpc::ClientContext context;
    SetDeadline(context, bounds_.publication);
    grpc::Status status = stub.SealFeed(&context, request, &response);
    if (status.ok()) {
      outcome_.feed = response.feed();
      outcome_.counts = response.counts();
      outcome_.risks = response.risks();
    }
    return status;
  }

  const FeedToDeliver& feed_;
  const std::function<void(const DeliveryProgress&)>& watch_;
  const DeliveryBounds& bounds_;
  ChunkWindow window_;
  DeliveryProgress progress_;
  DeliveryOutcome outcome_;
  bool reached_ = false;  // the server has answered once
};

}  // namespace

DeliveryOutcome DeliverFeed(const FeedToDeliver& feed,
                            const std::function<std::shared_ptr<grpc::Channel>()>& connect,
                            const std::function<void(const DeliveryProgress&)>& watch,
                            const DeliveryBounds& bounds) {
  return Delivery(feed, watch, bounds).Run(connect);
}

}  // namespace kakunin
