#include "server/usecases/feed_intake.h"

#include <utility>

#include "auth/digest.h"
#include "auth/encoding.h"
#include "domain/civil_day.h"
#include "domain/error.h"

namespace kakunin {
namespace {

FeedId NewFeedId() {
  FeedId id{auth::RandomArray<16>()};
  id.octets[6] = (id.octets[6] & 0x0F) | 0x40;  // RFC 4122: version 4
  id.octets[8] = (id.octets[8] & 0x3F) | 0x80;
  return id;
}

void AddFeed(AuditRecord& record, const FeedId& id) {
  AddDetail(record, "feed", auth::HexEncode(id.octets));
}

absl::StatusOr<FeedRow> FindFeed(Transaction& tx, FeedStore& feeds,
                                 const std::string& insurer_number, const FeedId& id, bool lock) {
  ASSIGN_OR_RETURN(auto feed, feeds.Find(tx, insurer_number, id, lock));
  if (!feed) return MakeError(Reason::kFeedNotFound);
  return *std::move(feed);
}

absl::StatusOr<std::string> InsurerName(Transaction& tx, RegistryStore& registry,
                                        const std::string& insurer_number) {
  ASSIGN_OR_RETURN(const auto party, registry.FindParty(tx, ActorKind::kInsurer, insurer_number));
  return party ? party->display_name : std::string();
}

}  // namespace

absl::StatusOr<FeedRow> BeginFeed(Transaction& tx, AuditRecord& record, FeedStore& feeds,
                                  const std::string& insurer_number, FeedKind kind,
                                  int64_t feed_number) {
  ASSIGN_OR_RETURN(const FeedRow feed,
                   feeds.Begin(tx, insurer_number, kind, feed_number, NewFeedId(), record.at));
  AddFeed(record, feed.id);
  AddDetail(record, "number", feed_number);
  return feed;
}

absl::StatusOr<ChunkReceipt> TakeChunk(Database& database, FeedStore& feeds,
                                       RegistryStore& registry, const FeedKeys& keys,
                                       const WriteCall& call, Chunk chunk) {
  const auto rows = static_cast<int64_t>(chunk.rows.size());
  // Outside the transaction: hashing thousands of rows needs no lock.
  JudgedChunk judged =
      JudgeRows(std::move(chunk.rows), chunk.number, call.actor, keys, CivilDayAt(call.at));
  ChunkReceipt receipt;
  const auto act = [&](Transaction& tx, AuditRecord& record) -> absl::Status {
    ASSIGN_OR_RETURN(const FeedRow feed, FindFeed(tx, feeds, call.actor, chunk.feed, true));
    AddFeed(record, feed.id);
    AddDetail(record, "chunk", chunk.number);
    if (chunk.number < feed.next_chunk) {
      ASSIGN_OR_RETURN(const auto known, feeds.FindChunk(tx, feed.id, chunk.number));
      if (!known || known->digest != chunk.digest) return MakeError(Reason::kFeedChunkDiffers);
      AddDetail(record, "repeat", 1);
      receipt = {known->number, known->rows, known->refused};
      return absl::OkStatus();
    }
    if (feed.state != FeedState::kOpen) return MakeError(Reason::kFeedNotOpen);
    if (chunk.number > feed.next_chunk) return ExpectedChunk(feed.next_chunk);
    ASSIGN_OR_RETURN(const std::string name, InsurerName(tx, registry, call.actor));
    for (StagedCoverage& row : judged.staged) row.coverage.insurer_name = name;
    receipt = {chunk.number, rows, judged.refused};
    AddDetail(record, "rows", rows);
    AddDetail(record, "refused", judged.refused);
    return feeds.AppendChunk(tx, feed, {chunk.number, chunk.digest, rows, judged.refused},
                             judged.staged, judged.findings);
  };
  const auto id = AuditedWrite(database, call, act);
  if (!id.ok()) return id.status();
  return receipt;
}

absl::StatusOr<FeedReport> ReportFeed(Transaction& tx, AuditRecord& record, FeedStore& feeds,
                                      const std::string& insurer_number, const FeedId& feed,
                                      int64_t after_chunk, int32_t after_row, int page_size) {
  FeedReport report;
  ASSIGN_OR_RETURN(report.feed, FindFeed(tx, feeds, insurer_number, feed, false));
  AddFeed(record, feed);
  ASSIGN_OR_RETURN(report.findings,
                   feeds.Findings(tx, feed, after_chunk, after_row, page_size + kMostFaultsOfRow));
  auto& findings = report.findings;
  // The next page starts after a whole row, so the last row of this one must be whole, too.
  auto end = static_cast<size_t>(page_size);
  while (end < findings.size() && findings[end].chunk == findings[end - 1].chunk &&
         findings[end].row_index == findings[end - 1].row_index) {
    ++end;
  }
  if (end < findings.size()) {
    findings.resize(end);
    report.more = true;
  }
  return report;
}

}  // namespace kakunin
