#include "server/rpc/bulk_streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/rpc/status.h"
#include "server/usecases/audited_call.h"
#include "server/usecases/terminal_audit.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr char kSubmit[] = "/kakunin.v1.BulkService/Submit";
constexpr char kResults[] = "/kakunin.v1.BulkService/StreamResults";
constexpr int kRowsAMessage = 512;

}  // namespace

SubmitStream::SubmitStream(CallQueue& queue, const BulkStreamParts& parts)
    : QueuedReader(queue),
      parts_(parts),
      intake_(parts.backend.database, parts.backend.lists, parts.backend.audit_key) {}

void SubmitStream::Serve(CallQueue& queue, const BulkStreamParts& parts) {
  auto* const stream = new SubmitStream(queue, parts);  // deletes itself: OnDone
  stream->Arm([&queue, &parts] { Serve(queue, parts); });
}

void SubmitStream::Request(grpc::ServerCompletionQueue* queue, void* tag) {
  parts_.rpc.RequestSubmit(&context_, &stream(), queue, queue, tag);
}

void SubmitStream::OnBegun() {
  auto call = parts_.backend.dispatch.Admit(context_, kSubmit);
  if (!call.ok()) return End(call.status());
  call_ = *std::move(call);
  Read();
}

void SubmitStream::Read() {
  alarm_.Set(parts_.limits.peer_bound);
  StartRead();
}

void SubmitStream::OnOperation(bool ok) {
  alarm_.Rest();
  if (!ok) {  // the sender has gone, or ended without an end: nothing runs
    End(MakeError(Reason::kBulkIncomplete));
  } else if (!ReadMessage(octets(), request_)) {
    End(InvalidFields({{"", std::string(kFieldMalformed)}}));
  } else if (!parts_.worker.Submit([this] { Work(); })) {
    End(MakeError(Reason::kOverloaded));
  }
}

void SubmitStream::Work() {
  const absl::StatusOr<bool> whole = Take();
  if (!whole.ok()) {
    End(whole.status());
  } else if (*whole) {
    End(absl::OkStatus());
  } else {
    Read();
  }
}

absl::StatusOr<bool> SubmitStream::Take() {
  // Authority is asked for with every message: it may have gone while the stream was open.
  ASSIGN_OR_RETURN(Call call, parts_.backend.dispatch.AdmitAgain(context_, kSubmit));
  call.deadline = std::min(call.deadline, steady_clock::now() + parts_.limits.chunk_bound);
  switch (request_.part_case()) {
    case v1::BulkServiceSubmitRequest::kHeader:
      RETURN_IF_ERROR(Audited(TakeHeader(call), call));
      return false;
    case v1::BulkServiceSubmitRequest::kChunk:
      RETURN_IF_ERROR(Audited(TakeChunk(call), call));
      return false;
    case v1::BulkServiceSubmitRequest::kEnd:
      RETURN_IF_ERROR(TakeEnd(call));
      return true;
    case v1::BulkServiceSubmitRequest::PART_NOT_SET:
      break;
  }
  return InvalidFields({{"part", "見出し、分割、終わりのいずれかを送ってください。"}});
}

absl::Status SubmitStream::Audited(const absl::Status& status, const Call& call) {
  // What cannot be read is told and no more, as everywhere; a refusal at the door has its row.
  if (!IsOurRefusal(status) || !list_ || list_->call.refused ||
      ReasonOf(status) == Reason::kInvalidFields) {
    return status;
  }
  return RefuseCall(parts_.backend.database, list_->call, status, call.deadline);
}

absl::Status SubmitStream::TakeHeader(const Call& call) {
  if (list_) return InvalidFields({{"header", "見出しは最初に一度だけ送ってください。"}});
  ASSIGN_OR_RETURN(list_, ReadBulkHeader(request_.header(), call, parts_.backend.audit_key));
  const BulkId id =
      BulkIdOf(parts_.backend.audit_key, list_->header.facility_code, list_->header.request_id);
  if (list_->call.refused) {
    // Audited as the refusal of the call that it is.
    return FindBulk(parts_.backend.database, parts_.backend.lists, list_->call, id, call.deadline)
        .status();
  }
  return intake_.Begin(list_->header, id, call.at, call.deadline);
}

absl::Status SubmitStream::TakeChunk(const Call& call) {
  if (!list_) return InvalidFields({{"header", "最初に見出しを送ってください。"}});
  const v1::BulkInquiryChunk& chunk = request_.chunk();
  if (chunk.chunk_number() < 1 || chunk.rows_size() == 0) {
    return InvalidFields({{"chunk", "1以上の番号と、1行以上の内容を指定してください。"}});
  }
  if (chunk.rows_size() > kMostBulkChunkRows) {
    return InvalidFields(
        {{"chunk.rows",
          fmt::format("1回に送れるのは{}行までです。分けて送ってください。", kMostBulkChunkRows)}});
  }
  const PersonPseudonym digest = KeyedDigest(parts_.backend.audit_key, chunk.SerializeAsString());
  std::vector<std::string> rows;
  if (!intake_.AlreadyTaken(chunk.chunk_number())) {
    RETURN_IF_ERROR(intake_.LearnRowIds(call.deadline, &RowIdsOf));
    const absl::CivilDay today = CivilDayAt(call.at);
    rows.reserve(static_cast<size_t>(chunk.rows_size()));
    for (const v1::BulkInquiryRow& row : chunk.rows()) {
      rows.push_back(
          ReadBulkRow(row, *list_, intake_.IsNew(row.row_id()), today, parts_.backend.look_up_key));
    }
  }
  return intake_.Take(chunk.chunk_number(), digest, PiecesOfRows(rows, intake_.rows() + 1), call.at,
                      call.deadline);
}

absl::Status SubmitStream::TakeEnd(const Call& call) {
  if (!list_) return InvalidFields({{"header", "最初に見出しを送ってください。"}});
  TerminalCall asked = list_->call;
  asked.record.at = call.at;
  ASSIGN_OR_RETURN(const AuditedBulk ended, intake_.End(asked, request_.end().chunk_count(),
                                                        request_.end().row_count(), call.deadline));
  WriteBulkInquiry(ended.inquiry, *response_.mutable_inquiry());
  response_.set_audit_id(AuditIdText(ended.audit_id));
  parts_.backend.run();
  return absl::OkStatus();
}

void SubmitStream::End(const absl::Status& status) {
  status_ = status;
  Finish(ToGrpcStatus(status));
}

void SubmitStream::OnDone() {
  if (call_.policy != nullptr) parts_.backend.dispatch.Ended(call_, status_);
  alarm_.Done();
  delete this;
}

void ResultsStream::Serve(CallQueue& queue, const BulkStreamParts& parts) {
  auto* const stream = new ResultsStream(queue, parts);  // deletes itself: OnDone
  stream->Arm([&queue, &parts] { Serve(queue, parts); });
}

void ResultsStream::Request(grpc::ServerCompletionQueue* queue, void* tag) {
  parts_.rpc.RequestStreamResults(&context_, mutable_request(), &stream(), queue, queue, tag);
}

void ResultsStream::OnBegun() {
  auto call = parts_.backend.dispatch.Admit(context_, kResults);
  if (!call.ok()) return End(call.status());
  call_ = *std::move(call);
  if (!ReadMessage(request(), request_)) {
    return End(InvalidFields({{"", std::string(kFieldMalformed)}}));
  }
  Submit();
}

void ResultsStream::Submit() {
  if (!parts_.worker.Submit([this] { Work(); })) End(MakeError(Reason::kOverloaded));
}

void ResultsStream::Work() {
  const absl::StatusOr<bool> more = Fill();
  if (!more.ok()) {
    End(more.status());
  } else if (!*more) {
    End(absl::OkStatus());
  } else {
    alarm_.Set(parts_.limits.peer_bound);
    StartWrite(WrittenMessage(response_));
  }
}

absl::StatusOr<bool> ResultsStream::Fill() {
  if (told_) return false;
  ASSIGN_OR_RETURN(Call call, parts_.backend.dispatch.AdmitAgain(context_, kResults));
  call.deadline = std::min(call.deadline, steady_clock::now() + parts_.limits.chunk_bound);
  if (!inquiry_) {
    TerminalCall asked;
    RETURN_IF_ERROR(ReadStreamResults(request_, call, parts_.backend.audit_key, asked, where_));
    ASSIGN_OR_RETURN(
        const AuditedBulk found,
        FindBulk(parts_.backend.database, parts_.backend.lists, asked, where_.id, call.deadline));
    inquiry_ = found.inquiry;
  }
  response_.Clear();
  std::vector<BulkPiece> pieces;
  if (where_.after < inquiry_->answered) {
    RETURN_IF_ERROR(
        parts_.backend.database.Read(call.deadline, [&](Transaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(
              pieces, parts_.backend.lists.Results(tx, where_.id, where_.after, kRowsAMessage));
          return absl::OkStatus();
        }));
    // The list is being removed, or was: nothing is left out in silence.
    if (pieces.empty() || pieces.front().first_row > where_.after + 1) {
      return MakeError(Reason::kBulkNotFound);
    }
  }
  for (const BulkPiece& piece : pieces) {
    if (!WriteResults(piece, where_.after, where_.echo, response_)) {
      return MakeError(Reason::kInternal);
    }
    where_.after = std::max(where_.after, piece.first_row + piece.rows - 1);
  }
  told_ = where_.after >= inquiry_->answered;
  response_.set_resume_token(std::to_string(where_.after));
  response_.set_complete(told_ && !IsOpen(inquiry_->state));
  return true;
}

void ResultsStream::OnOperation(bool ok) {
  alarm_.Rest();
  if (ok) {
    Submit();
  } else {
    End(absl::OkStatus());  // the peer is gone
  }
}

void ResultsStream::End(const absl::Status& status) {
  status_ = status;
  Finish(ToGrpcStatus(status));
}

void ResultsStream::OnDone() {
  const bool complete = told_ && !context_.IsCancelled();
  if (call_.policy != nullptr) parts_.backend.dispatch.Ended(call_, status_, complete);
  alarm_.Done();
  delete this;
}

}  // namespace kakunin
