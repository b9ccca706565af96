#include "server/rpc/push_rows_reactor.h"

#include <algorithm>
#include <utility>

#include "domain/error.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/fields.h"
#include "server/rpc/write_call.h"
#include "server/usecases/feed_intake.h"

namespace kakunin {
namespace {

constexpr char kPushRows[] = "/kakunin.v1.InsurerFeedService/PushRows";

absl::StatusOr<FeedId> CheckRequest(const v1::PushRowsRequest& request) {
  FieldErrors errors;
  const auto feed = RequiredUuid<FeedId>(errors, "feed_id", request.feed_id());
  if (request.chunk_number() < 1) errors.Add("chunk_number", "1以上の番号を指定してください。");
  if (request.coverages().empty()) errors.Add("coverages", kFieldMissing);
  if (request.coverages_size() > kMostRowsInChunk) {
    errors.Add("coverages", "一つの分割に入れられるのは2,000行までです。");
  }
  RETURN_IF_ERROR(errors.ToStatus());
  return *feed;
}

void WipeNumbers(v1::PushRowsRequest& request) {
  for (v1::CoverageRow& row : *request.mutable_coverages()) {
    Wipe(*row.mutable_individual_number());
  }
}

}  // namespace

PushRowsReactor* PushRowsReactor::Begin(grpc::CallbackServerContext& context,
                                        const InsurerFeedBackend& backend,
                                        const InsurerFeedLimits& limits, FeedWorker& worker) {
  const std::shared_ptr<PushRowsReactor> reactor(
      new PushRowsReactor(context, backend, limits, worker));
  reactor->self_ = reactor;
  reactor->Start();
  return reactor.get();
}

void PushRowsReactor::Start() {
  auto call = backend_.dispatch.Admit(context_, kPushRows);
  if (!call.ok()) {
    End(call.status());
    return;
  }
  call_ = *std::move(call);
  // The alarm's callback keeps the reactor alive, and OnDone drops the alarm: no cycle is left.
  alarm_ = std::make_unique<grpc::Alarm>();
  const gpr_timespec end_of_life =
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                   gpr_time_from_millis(limits_.stream_life.count(), GPR_TIMESPAN));
  alarm_->Set(end_of_life, [self = self_](bool fired) {
    if (fired) self->EndOfLife();
  });
  Read();
}

// gRPC may run the next callback before StartRead returns, and nothing may be started once Finish
// was called. So the end of life touches a read only after StartRead has returned, and no lock is
// held across a call into gRPC.
void PushRowsReactor::Read() {
  const std::shared_ptr<PushRowsReactor> alive = self_;
  bool expired = false;
  {
    const std::lock_guard lock(mutex_);
    expired = expired_;
    if (!expired) step_ = Step::kStartingRead;
  }
  if (expired) {
    End(MakeError(Reason::kDeadlineExceeded));
    return;
  }
  StartRead(&request_);
  {
    const std::lock_guard lock(mutex_);
    if (step_ != Step::kStartingRead) return;
    step_ = expired_ ? Step::kFinished : Step::kReading;
    if (!expired_) return;
    status_ = MakeError(Reason::kDeadlineExceeded);
  }
  Finish(ToGrpcStatus(MakeError(Reason::kDeadlineExceeded)));
}

void PushRowsReactor::OnReadDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    if (step_ == Step::kFinished) return;
    step_ = Step::kWorking;
  }
  if (!ok) {  // the insurer has sent everything, or is gone
    End(absl::OkStatus());
    return;
  }
  if (!worker_.Submit([this] { Work(); })) {
    WipeNumbers(request_);
    End(MakeError(Reason::kOverloaded));
  }
}

void PushRowsReactor::Work() {
  auto response = Take();
  WipeNumbers(request_);
  if (!response.ok()) {
    End(response.status());
    return;
  }
  response_ = *std::move(response);
  {
    const std::lock_guard lock(mutex_);
    step_ = Step::kWriting;
  }
  StartWrite(&response_);
}

absl::StatusOr<v1::PushRowsResponse> PushRowsReactor::Take() {
  // Authority is asked for with every message: it may have gone while the stream was open.
  ASSIGN_OR_RETURN(Call call, backend_.dispatch.Admit(context_, kPushRows));
  call.deadline = std::min(call.deadline, std::chrono::steady_clock::now() + limits_.chunk_bound);
  ASSIGN_OR_RETURN(const FeedId feed, CheckRequest(request_));
  const WriteCall write = WriteCallOf(call, backend_.keys.audit, request_);
  Chunk chunk{.feed = feed, .number = request_.chunk_number(), .digest = write.body_digest};
  chunk.rows.reserve(request_.coverages_size());
  for (v1::CoverageRow& row : *request_.mutable_coverages()) {
    chunk.rows.push_back(ReadCoverageRow(row));
  }
  ASSIGN_OR_RETURN(const ChunkReceipt receipt,
                   TakeChunk(backend_.database, backend_.feeds, backend_.registry, backend_.keys,
                             write, std::move(chunk)));
  v1::PushRowsResponse response;
  response.set_acknowledged_chunk_number(receipt.number);
  response.set_row_count(receipt.rows);
  response.set_refused_rows(receipt.refused);
  return response;
}

void PushRowsReactor::OnWriteDone(bool ok) {
  if (!ok) {
    End(absl::OkStatus());
    return;
  }
  request_.Clear();
  Read();
}

void PushRowsReactor::End(const absl::Status& status) {
  {
    const std::lock_guard lock(mutex_);
    if (step_ == Step::kFinished) return;
    step_ = Step::kFinished;
    status_ = status;
  }
  Finish(ToGrpcStatus(status));
}

void PushRowsReactor::EndOfLife() {
  {
    const std::lock_guard lock(mutex_);
    expired_ = true;
    if (step_ != Step::kReading) return;  // the next step ends the stream
    step_ = Step::kFinished;
    status_ = MakeError(Reason::kDeadlineExceeded);
  }
  Finish(ToGrpcStatus(MakeError(Reason::kDeadlineExceeded)));
}

void PushRowsReactor::OnDone() {
  if (call_.policy != nullptr) backend_.dispatch.Ended(call_, status_);
  alarm_.reset();
  const std::shared_ptr<PushRowsReactor> last = std::move(self_);
}

}  // namespace kakunin
