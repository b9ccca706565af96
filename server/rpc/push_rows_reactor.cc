#include "server/rpc/push_rows_reactor.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "domain/error.h"
#include "server/rpc/convert_card_links.h"
#include "server/rpc/convert_certificates.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/convert_record_rows.h"
#include "server/rpc/fields.h"
#include "server/rpc/write_call.h"
#include "server/usecases/feed_intake.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr char kPushRows[] = "/kakunin.v1.InsurerFeedService/PushRows";

// The rows of one message are of one kind.
absl::StatusOr<FeedId> CheckRequest(const v1::PushRowsRequest& request) {
  FieldErrors errors;
  const auto feed = RequiredUuid<FeedId>(errors, "feed_id", request.feed_id());
  if (request.chunk_number() < 1) errors.Add("chunk_number", "1以上の番号を指定してください。");
  const std::pair<const char*, int> kinds[] = {
      {"coverages", request.coverages_size()},
      {"receipts", request.receipts_size()},
      {"health_checks", request.health_checks_size()},
      {"elderly_recipient_certificates", request.elderly_recipient_certificates_size()},
      {"limit_certificates", request.limit_certificates_size()},
      {"specific_disease_certificates", request.specific_disease_certificates_size()},
      {"card_links", request.card_links_size()}};
  int given = 0;
  for (const auto& [field, rows] : kinds) {
    if (rows == 0) continue;
    if (++given > 1) errors.Add(field, "一つの分割に入れられるのは一種類の行だけです。");
  }
  // Told of rows and without any it is a truncated chunk, not an empty one.
  if (given == 0 && request.row_count() == 0) errors.Add("coverages", kFieldMissing);
  if (request.row_count() < 0) errors.Add("row_count", kFieldMalformed);
  RETURN_IF_ERROR(errors.ToStatus());
  return *feed;
}

// The coverages of a request as they came.
std::vector<ToldRow> ToldRows(const v1::PushRowsRequest& request, const auth::HmacKey& key) {
  std::vector<ToldRow> told;
  told.reserve(static_cast<size_t>(request.coverages_size()));
  std::string buffer;
  for (const v1::CoverageRow& row : request.coverages()) {
    told.push_back({.row_index = static_cast<int32_t>(told.size()),
                    .reference = row.coverage_reference(),
                    .hash = HashRow(row, key, buffer)});
  }
  Wipe(buffer);  // an individual number was in it
  return told;
}

// Those of a request's coverages that are not known already.
std::vector<IncomingCoverage> ReadCoverages(v1::PushRowsRequest& request,
                                            const std::vector<bool>& unchanged) {
  std::vector<IncomingCoverage> incoming;
  for (int i = 0; i < request.coverages_size(); ++i) {
    if (unchanged[static_cast<size_t>(i)]) continue;
    incoming.push_back(ReadCoverageRow(*request.mutable_coverages(i)));
  }
  return incoming;
}

template <class Row, class Read>
auto ReadRows(google::protobuf::RepeatedPtrField<Row>& rows, Read read) {
  std::vector<decltype(read(*rows.Mutable(0)))> incoming;
  incoming.reserve(static_cast<size_t>(rows.size()));
  for (Row& row : rows) incoming.push_back(read(row));
  return incoming;
}

// The rows of a request that has no coverages.
IncomingRows OthersOf(v1::PushRowsRequest& request) {
  const auto certificate = [](auto& row) { return ReadCertificateRow(row); };
  if (request.receipts_size() > 0) return ReadRows(*request.mutable_receipts(), &ReadReceiptRow);
  if (request.elderly_recipient_certificates_size() > 0) {
    return ReadRows(*request.mutable_elderly_recipient_certificates(), certificate);
  }
  if (request.limit_certificates_size() > 0) {
    return ReadRows(*request.mutable_limit_certificates(), certificate);
  }
  if (request.specific_disease_certificates_size() > 0) {
    return ReadRows(*request.mutable_specific_disease_certificates(), certificate);
  }
  if (request.card_links_size() > 0) {
    return ReadRows(*request.mutable_card_links(), &ReadCardLinkRow);
  }
  return ReadRows(*request.mutable_health_checks(), &ReadHealthCheckRow);
}

template <class Row>
void WipeNumbersOf(google::protobuf::RepeatedPtrField<Row>& rows) {
  for (Row& row : rows) Wipe(*row.mutable_individual_number());
}

void WipeNumbers(v1::PushRowsRequest& request) {
  WipeNumbersOf(*request.mutable_coverages());
  WipeNumbersOf(*request.mutable_receipts());
  WipeNumbersOf(*request.mutable_health_checks());
  WipeNumbersOf(*request.mutable_elderly_recipient_certificates());
  WipeNumbersOf(*request.mutable_limit_certificates());
  WipeNumbersOf(*request.mutable_specific_disease_certificates());
  WipeNumbersOf(*request.mutable_card_links());
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
  end_of_life_ = steady_clock::now() + limits_.stream_life;
  Read();
}

// The alarm's callback keeps the reactor alive, and OnDone drops the alarm: no cycle is left. Set
// before the read or write is started: whatever sets the next one comes after it.
void PushRowsReactor::SetAlarm(int64_t turn, steady_clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(left.count(), GPR_TIMESPAN)),
      [self = self_, turn](bool fired) {
        if (fired) self->Overdue(turn);
      });
}

void PushRowsReactor::Read() {
  const std::shared_ptr<PushRowsReactor> alive = self_;
  const auto now = steady_clock::now();
  if (now >= end_of_life_) {
    End(MakeError(Reason::kDeadlineExceeded));
    return;
  }
  const int64_t turn = turns_.BeginRead();
  SetAlarm(turn, std::min(now + limits_.peer_bound, end_of_life_));
  StartRead(&request_);
  if (turns_.ReadStarted(turn)) FinishOverdue();
}

void PushRowsReactor::OnReadDone(bool ok) {
  if (!turns_.TurnDone()) return;
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
  SetAlarm(turns_.BeginWrite(), steady_clock::now() + limits_.peer_bound);
  StartWrite(&response_);
}

absl::Status PushRowsReactor::TakeCoverages(const WriteCall& write, Chunk& chunk) {
  {
    const FeedTimes::Timer timer(backend_.times, FeedWork::kRead);
    chunk.told = ToldRows(request_, backend_.keys.look_up);
  }
  {
    const FeedTimes::Timer timer(backend_.times, FeedWork::kCompare);
    ASSIGN_OR_RETURN(chunk.unchanged,
                     FindUnchanged(backend_.database, backend_.feeds, backend_.registry,
                                   backend_.keys, write, chunk.told));
  }
  const FeedTimes::Timer timer(backend_.times, FeedWork::kRead);
  chunk.rows = ReadCoverages(request_, chunk.unchanged);
  return absl::OkStatus();
}

absl::StatusOr<v1::PushRowsResponse> PushRowsReactor::Take() {
  // Authority is asked for with every message: it may have gone while the stream was open.
  ASSIGN_OR_RETURN(Call call, backend_.dispatch.AdmitAgain(context_, kPushRows));
  call.deadline = std::min(call.deadline, steady_clock::now() + limits_.chunk_bound);
  ASSIGN_OR_RETURN(const FeedId feed, CheckRequest(request_));
  const WriteCall write = WriteCallOf(call, backend_.keys.audit, request_);
  Chunk chunk{.feed = feed, .number = request_.chunk_number(), .digest = write.body_digest};
  if (request_.coverages_size() > 0) {
    RETURN_IF_ERROR(TakeCoverages(write, chunk));
  } else {
    const FeedTimes::Timer timer(backend_.times, FeedWork::kRead);
    chunk.rows = OthersOf(request_);
  }
  chunk.told_rows = request_.row_count();
  ASSIGN_OR_RETURN(const ChunkReceipt receipt,
                   TakeChunk(backend_.database, backend_.feeds, backend_.registry, backend_.keys,
                             write, std::move(chunk), backend_.residents, backend_.times));
  v1::PushRowsResponse response;
  response.set_acknowledged_chunk_number(receipt.number);
  response.set_row_count(receipt.rows);
  response.set_refused_rows(receipt.refused);
  return response;
}

void PushRowsReactor::OnWriteDone(bool ok) {
  turns_.TurnDone();
  if (!ok) {  // the insurer is gone, or did not take the receipt in time
    End(turns_.WasOverdue() ? MakeError(Reason::kDeadlineExceeded) : absl::OkStatus());
    return;
  }
  request_.Clear();
  Read();
}

void PushRowsReactor::End(const absl::Status& status) {
  if (!turns_.Finish()) return;
  status_ = status;
  Finish(ToGrpcStatus(status));
}

void PushRowsReactor::FinishOverdue() {
  status_ = MakeError(Reason::kDeadlineExceeded);
  Finish(ToGrpcStatus(status_));
}

void PushRowsReactor::Overdue(int64_t turn) {
  switch (turns_.Overdue(turn)) {
    case StreamTurns::Cut::kNothing:
      return;
    case StreamTurns::Cut::kFinish:
      FinishOverdue();
      return;
    case StreamTurns::Cut::kCancel: {
      const std::lock_guard lock(call_mutex_);
      if (!call_done_) context_.TryCancel();
      return;
    }
  }
}

void PushRowsReactor::OnDone() {
  if (call_.policy != nullptr) backend_.dispatch.Ended(call_, status_);
  alarm_.reset();
  {
    const std::lock_guard lock(call_mutex_);
    call_done_ = true;
  }
  const std::shared_ptr<PushRowsReactor> last = std::move(self_);
}

}  // namespace kakunin
