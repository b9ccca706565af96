#include "server/usecases/bulk_intake.h"

#include <fmt/format.h>

#include "server/usecases/administrative_write.h"
#include "server/usecases/audited_call.h"
#include "server/usecases/terminal_audit.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

constexpr int kRowsAtOnce = 10'000;

// Audited runs `act` with its audit row in one commit. What it refuses is undone and leaves an
// audit row of its own.
absl::StatusOr<AuditId> Audited(
    Database& database, const TerminalCall& call, MonotonicTime deadline,
    const std::function<absl::Status(Transaction&, AuditRecord&)>& act) {
  AuditId id;
  absl::Status refusal;
  if (call.refused) {
    refusal = MakeError(*call.refused);
  } else {
    absl::Status done = database.Write(deadline, [&](Transaction& tx) -> absl::Status {
      AuditRecord record = call.record;
      RETURN_IF_ERROR(act(tx, record));
      ASSIGN_OR_RETURN(id, tx.AppendAudit(record));
      return absl::OkStatus();
    });
    if (done.ok()) return id;
    if (!IsOurRefusal(done)) return done;
    refusal = done;
  }
  return RefuseCall(database, call, refusal, deadline);
}

// Found is the facility's list of that id.
absl::StatusOr<BulkInquiryRow> Found(Transaction& tx, BulkStore& store, const TerminalCall& call,
                                     const BulkId& id, bool lock, AuditRecord& record) {
  ASSIGN_OR_RETURN(const auto found, store.Find(tx, call.facility_code, id, lock));
  if (!found || IsOver(found->state, found->touched, call.record.at)) {
    return MakeError(Reason::kBulkNotFound);
  }
  AddDetail(record, "rows", found->rows);
  return *found;
}

}  // namespace

BulkId BulkIdOf(const auth::HmacKey& audit_key, std::string_view facility_code,
                const RequestId& request_id) {
  std::string named = fmt::format("bulk inquiry/{}/", facility_code);
  named.append(reinterpret_cast<const char*>(request_id.octets.data()), request_id.octets.size());
  return BulkId{KeyedDigest(audit_key, named).octets};
}

bool BulkIntake::IsNew(std::string_view row_id) {
  return row_ids_.insert(KeyedDigest(key_, row_id)).second;
}

absl::Status BulkIntake::Begin(const BulkHeader& header, const BulkId& id, absl::Time at,
                               MonotonicTime deadline) {
  return database_.Write(deadline, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const BulkStore::Begun begun, store_.Begin(tx, header, id, at));
    inquiry_ = begun.inquiry;
    if (inquiry_.header.header_digest != header.header_digest ||
        inquiry_.state == BulkState::kDeleted) {
      return MakeError(Reason::kRequestIdReused);
    }
    ASSIGN_OR_RETURN(const BulkStore::Counts counts, store_.CountOf(tx, header.facility_code));
    // This one is among the half-sent.
    if (begun.created &&
        (counts.open >= kMostOpenBulkInquiries || counts.half_sent > kMostHalfSentBulkInquiries ||
         counts.all > kMostBulkInquiries || counts.rows >= kMostBulkRowsKept)) {
      return MakeError(Reason::kBulkLimit);
    }
    return absl::OkStatus();
  });
}

absl::Status BulkIntake::LearnRowIds(
    MonotonicTime deadline,
    const std::function<std::vector<std::string>(std::string_view)>& row_ids) {
  if (learned_) return absl::OkStatus();
  for (int64_t after = 0; after < inquiry_.rows;) {
    std::vector<BulkPiece> pieces;
    RETURN_IF_ERROR(database_.Read(deadline, [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(pieces, store_.Rows(tx, inquiry_.id, after, kRowsAtOnce));
      return absl::OkStatus();
    }));
    if (pieces.empty()) return MakeError(Reason::kBulkClosed);
    for (const BulkPiece& piece : pieces) {
      for (const std::string& row_id : row_ids(piece.octets)) IsNew(row_id);
    }
    after = pieces.back().first_row + pieces.back().rows - 1;
  }
  learned_ = true;
  return absl::OkStatus();
}

absl::Status BulkIntake::Take(int64_t number, const PersonPseudonym& digest,
                              std::vector<BulkPiece> pieces, absl::Time at,
                              MonotonicTime deadline) {
  int64_t rows = 0;
  for (const BulkPiece& piece : pieces) rows += piece.rows;
  BulkInquiryRow after = inquiry_;
  RETURN_IF_ERROR(database_.Write(deadline, [&](Transaction& tx) -> absl::Status {
    after = inquiry_;
    ASSIGN_OR_RETURN(const auto now, store_.Find(tx, inquiry_.header.facility_code, inquiry_.id,
                                                 /*lock=*/true));
    if (!now || IsOver(now->state, now->touched, at)) return MakeError(Reason::kBulkNotFound);
    if (now->state != BulkState::kReceiving) return MakeError(Reason::kBulkClosed);
    if (number <= now->chunks) {
      ASSIGN_OR_RETURN(const auto earlier, store_.DigestOf(tx, inquiry_.id, number));
      return earlier == digest ? absl::OkStatus() : MakeError(Reason::kFeedChunkDiffers);
    }
    // Another stream may have stored chunks meanwhile, whose row ids this one does not know.
    if (now->chunks != inquiry_.chunks || number != now->chunks + 1) {
      return ExpectedChunk(now->chunks + 1);
    }
    if (now->rows + rows > kMostBulkRows) return MakeError(Reason::kFeedChunkTooLarge);
    RETURN_IF_ERROR(
        store_.Append(tx, *now, {.number = number, .digest = digest, .pieces = pieces}, at));
    after.chunks = number;
    after.rows = now->rows + rows;
    return absl::OkStatus();
  }));
  inquiry_ = std::move(after);
  return absl::OkStatus();
}

absl::StatusOr<AuditedBulk> BulkIntake::End(const TerminalCall& call, int64_t chunks, int64_t rows,
                                            MonotonicTime deadline) {
  AuditedBulk ended;
  ASSIGN_OR_RETURN(
      ended.audit_id,
      Audited(database_, call, deadline, [&](Transaction& tx, AuditRecord& record) -> absl::Status {
        ASSIGN_OR_RETURN(ended.inquiry, Found(tx, store_, call, inquiry_.id, true, record));
        BulkInquiryRow& inquiry = ended.inquiry;
        if (inquiry.chunks != chunks || inquiry.rows != rows) {
          return MakeError(Reason::kBulkIncomplete);
        }
        if (inquiry.state != BulkState::kReceiving) return absl::OkStatus();  // a repetition
        inquiry.state = rows == 0 ? BulkState::kDone : BulkState::kRunning;
        inquiry.touched = call.record.at;
        return store_.SetState(tx, inquiry.id, inquiry.state, "", inquiry.touched);
      }));
  return ended;
}

absl::StatusOr<AuditedBulk> FindBulk(Database& database, BulkStore& store, const TerminalCall& call,
                                     const BulkId& id, MonotonicTime deadline) {
  AuditedBulk found;
  ASSIGN_OR_RETURN(
      found.audit_id,
      Audited(database, call, deadline, [&](Transaction& tx, AuditRecord& record) -> absl::Status {
        ASSIGN_OR_RETURN(found.inquiry, Found(tx, store, call, id, false, record));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<AuditedBulk> CancelBulk(Database& database, BulkStore& store,
                                       const TerminalCall& call, const BulkId& id,
                                       MonotonicTime deadline) {
  AuditedBulk cancelled;
  ASSIGN_OR_RETURN(
      cancelled.audit_id,
      Audited(database, call, deadline, [&](Transaction& tx, AuditRecord& record) -> absl::Status {
        ASSIGN_OR_RETURN(cancelled.inquiry, Found(tx, store, call, id, true, record));
        BulkInquiryRow& inquiry = cancelled.inquiry;
        if (!IsOpen(inquiry.state)) return absl::OkStatus();
        inquiry.state = BulkState::kCancelled;
        inquiry.touched = call.record.at;
        return store.SetState(tx, id, inquiry.state, "", inquiry.touched);
      }));
  return cancelled;
}

absl::StatusOr<AuditId> DeleteBulk(Database& database, BulkStore& store, const TerminalCall& call,
                                   const BulkId& id, MonotonicTime deadline) {
  ASSIGN_OR_RETURN(
      const AuditId audit_id,
      Audited(database, call, deadline, [&](Transaction& tx, AuditRecord& record) -> absl::Status {
        ASSIGN_OR_RETURN(const BulkInquiryRow inquiry, Found(tx, store, call, id, true, record));
        if (inquiry.state == BulkState::kRunning) {
          return MakeError(Reason::kBulkRunning);
        }
        return store.SetState(tx, id, BulkState::kDeleted, "", call.record.at);
      }));
  return audit_id;
}

}  // namespace kakunin
