#include "server/usecases/feed_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "auth/digest.h"
#include "auth/encoding.h"
#include "domain/civil_day.h"
#include "domain/column_shift.h"
#include "domain/error.h"
#include "server/usecases/card_link_rows.h"
#include "server/usecases/certificate_rows.h"
#include "server/usecases/coverage_rows.h"
#include "server/usecases/health_check_rows.h"
#include "server/usecases/identity_gate.h"
#include "server/usecases/receipt_rows.h"

namespace kakunin {
namespace {

// RFC 9562: version 4 is random, 8 a hash of our own.
FeedId AsUuid(FeedId id, uint8_t version) {
  id.octets[6] = (id.octets[6] & 0x0F) | static_cast<uint8_t>(version << 4);
  id.octets[8] = (id.octets[8] & 0x3F) | 0x80;
  return id;
}

FeedId NewFeedId() { return AsUuid({auth::RandomArray<16>()}, 4); }

void AddFeed(AuditRecord& record, const FeedId& id) {
  AddDetail(record, "feed", auth::HexEncode(id.octets));
}

absl::StatusOr<FeedRow> FindFeed(Transaction& tx, FeedStore& feeds, const std::string& party,
                                 const FeedId& id, bool lock) {
  ASSIGN_OR_RETURN(auto feed, feeds.Find(tx, party, id, lock));
  if (!feed) return MakeError(Reason::kFeedNotFound);
  return *std::move(feed);
}

absl::StatusOr<std::string> InsurerName(Transaction& tx, RegistryStore& registry,
                                        const std::string& insurer_number) {
  ASSIGN_OR_RETURN(const auto party, registry.FindParty(tx, ActorKind::kInsurer, insurer_number));
  return party ? party->display_name : std::string();
}

// JudgedRows are a chunk's judged rows, whatever their kind.
struct JudgedRows {
  StagedRows staged;
  std::vector<Finding> findings;
  int64_t refused = 0;
  std::vector<Digest32> refused_numbers;
  int64_t implausible = 0;
};

template <class Record>
JudgedRows Untyped(Judged<Record> judged) {
  return {std::move(judged.staged), std::move(judged.findings), judged.refused,
          std::move(judged.refused_numbers)};
}

int64_t CountShifted(const std::vector<IncomingCoverage>& rows) {
  return std::count_if(rows.begin(), rows.end(),
                       [](const IncomingCoverage& row) { return LooksShifted(row.record); });
}

// RowsJudge judges a chunk's rows, whatever their kind.
struct RowsJudge {
  JudgedRows operator()(std::vector<IncomingCoverage>& rows) const {
    const int64_t shifted = CountShifted(rows);
    JudgedRows judged = Untyped(JudgeCoverages(std::move(rows), chunk, party, keys, today));
    judged.implausible = shifted;
    return judged;
  }
  JudgedRows operator()(std::vector<IncomingReceipt>& rows) const {
    return Untyped(JudgeReceipts(std::move(rows), chunk, party, keys, today));
  }
  JudgedRows operator()(std::vector<IncomingHealthCheck>& rows) const {
    return Untyped(JudgeHealthChecks(std::move(rows), chunk, party, keys, today));
  }
  JudgedRows operator()(std::vector<IncomingCardLink>& rows) const {
    return Untyped(JudgeCardLinks(std::move(rows), chunk, keys));
  }
  template <class Certificate>
  JudgedRows operator()(std::vector<Incoming<Delivered<Certificate>>>& rows) const {
    return Untyped(JudgeCertificates(std::move(rows), chunk, keys));
  }
  int64_t chunk;
  const std::string& party;
  const FeedKeys& keys;
  absl::CivilDay today;
};

JudgedRows JudgeRows(Chunk& chunk, const std::string& party, const FeedKeys& keys,
                     absl::CivilDay today) {
  return std::visit(RowsJudge{chunk.number, party, keys, today}, chunk.rows);
}

// The field that holds the rows of a kind (PushRowsRequest).
std::string FieldOf(FeedKind kind) {
  switch (kind) {
    case FeedKind::kCoverages:
      return "coverages";
    case FeedKind::kReceipts:
      return "receipts";
    case FeedKind::kHealthChecks:
      return "health_checks";
    case FeedKind::kElderlyRecipientCertificates:
      return "elderly_recipient_certificates";
    case FeedKind::kLimitCertificates:
      return "limit_certificates";
    case FeedKind::kSpecificDiseaseCertificates:
      return "specific_disease_certificates";
    case FeedKind::kCardLinks:
      return "card_links";
  }
  return "";
}

// What was staged and found of `rows` stands where they stood among all rows of the chunk, and
// knows its hash.
void Place(const Chunk& chunk, JudgedRows& judged) {
  if (chunk.told.empty()) return;
  std::vector<const ToldRow*> read;
  for (size_t i = 0; i < chunk.told.size(); ++i) {
    if (!chunk.unchanged[i]) read.push_back(&chunk.told[i]);
  }
  if (auto* coverages = std::get_if<std::vector<StagedCoverage>>(&judged.staged)) {
    for (StagedCoverage& row : *coverages) {
      const ToldRow& told = *read[static_cast<size_t>(row.row_index)];
      row.row_index = told.row_index;
      row.row_hash = told.hash;
    }
  }
  for (Finding& finding : judged.findings) {
    finding.row_index = read[static_cast<size_t>(finding.row_index)]->row_index;
  }
}

std::vector<ToldRow> UnchangedOf(const Chunk& chunk) {
  std::vector<ToldRow> rows;
  for (size_t i = 0; i < chunk.told.size(); ++i) {
    if (chunk.unchanged[i]) rows.push_back(chunk.told[i]);
  }
  return rows;
}

// Coverages and health checks are shown under the name that their insurer has when they come.
void SetInsurerName(StagedRows& rows, const std::string& name) {
  if (auto* coverages = std::get_if<std::vector<StagedCoverage>>(&rows)) {
    for (StagedCoverage& row : *coverages) row.record.insurer_name = name;
  } else if (auto* checks = std::get_if<std::vector<StagedHealthCheck>>(&rows)) {
    for (StagedHealthCheck& row : *checks) row.record.registrar_name = name;
  }
}

}  // namespace

FeedId FeedIdOf(const FeedKeys& keys, const std::string& party, FeedKind kind, int64_t feed_number,
                const Digest32& content_digest) {
  const std::string content = fmt::format("feed content {} {} {} {}", party, static_cast<int>(kind),
                                          feed_number, auth::HexEncode(content_digest));
  const Digest32 mac = keys.look_up.Mac(content);
  FeedId id;
  std::copy_n(mac.begin(), id.octets.size(), id.octets.begin());
  return AsUuid(id, 8);
}

absl::StatusOr<FeedRow> BeginFeed(Transaction& tx, AuditRecord& record, FeedStore& feeds,
                                  ActorKind party_kind, const std::string& party, FeedKind kind,
                                  int64_t feed_number, const std::optional<FeedId>& id) {
  if (!MayPush(party_kind, kind)) return MakeError(Reason::kFeedKindNotAllowed);
  ASSIGN_OR_RETURN(const auto expected, feeds.NumberAfter(tx, party, kind, feed_number));
  if (expected && *expected != feed_number) {
    AddDetail(record, "number", feed_number);
    AddDetail(record, "expected", *expected);
    return ExpectedFeedNumber(*expected);
  }
  ASSIGN_OR_RETURN(const FeedRow feed,
                   feeds.Begin(tx, party, kind, feed_number, id ? *id : NewFeedId(), record.at));
  AddFeed(record, feed.id);
  AddDetail(record, "number", feed_number);
  if (id && feed.id != *id) return MakeError(Reason::kFeedNumberReused);
  return feed;
}

absl::StatusOr<std::vector<bool>> FindUnchanged(Database& database, FeedStore& feeds,
                                                RegistryStore& registry, const FeedKeys& keys,
                                                const WriteCall& call, std::vector<ToldRow>& told) {
  std::vector<ToldRow> named;
  std::vector<bool> unchanged;
  RETURN_IF_ERROR(database.Read(call.deadline, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string name, InsurerName(tx, registry, call.actor));
    const auth::Sha256Digest mac = keys.look_up.Mac(name);
    named = told;
    for (ToldRow& row : named) {
      for (size_t i = 0; i < row.hash.octets.size(); ++i) row.hash.octets[i] ^= mac[i];
    }
    ASSIGN_OR_RETURN(unchanged, feeds.FindUnchanged(tx, call.actor, named));
    return absl::OkStatus();
  }));
  told = std::move(named);
  return unchanged;
}

absl::StatusOr<ChunkReceipt> TakeChunk(Database& database, FeedStore& feeds,
                                       RegistryStore& registry, const FeedKeys& keys,
                                       const WriteCall& call, Chunk chunk,
                                       ResidentIdentities* residents, FeedTimes* times) {
  const std::vector<ToldRow> unchanged = UnchangedOf(chunk);
  const auto rows =
      static_cast<int64_t>(unchanged.size()) +
      std::visit([](const auto& all) { return static_cast<int64_t>(all.size()); }, chunk.rows);
  const auto kind = static_cast<FeedKind>(chunk.rows.index() + 1);
  const bool too_large = rows > kMostRowsInChunk;
  const bool truncated = chunk.told_rows != 0 && chunk.told_rows != rows;
  // Outside the transaction: hashing thousands of rows needs no lock.
  JudgedRows judged;
  if (!too_large && !truncated) {
    {
      const FeedTimes::Timer timer(times, FeedWork::kRead);
      judged = JudgeRows(chunk, call.actor, keys, CivilDayAt(call.at));
      Place(chunk, judged);
    }
    const FeedTimes::Timer timer(times, FeedWork::kGate);
    if (auto* coverages = std::get_if<std::vector<StagedCoverage>>(&judged.staged);
        coverages != nullptr && residents != nullptr) {
      RETURN_IF_ERROR(DoubtCoverages(*residents, keys, *coverages));
    }
  }
  ChunkReceipt receipt;
  const auto act = [&](Transaction& tx, AuditRecord& record) -> absl::Status {
    ASSIGN_OR_RETURN(const FeedRow feed, FindFeed(tx, feeds, call.actor, chunk.feed, true));
    AddFeed(record, feed.id);
    AddDetail(record, "chunk", chunk.number);
    if (too_large) return MakeError(Reason::kFeedChunkTooLarge);
    if (truncated) return MakeError(Reason::kFeedChunkTruncated);
    if (kind != feed.kind) {
      return InvalidFields({{FieldOf(kind), "この送信の種類と異なる行は送れません。"}});
    }
    if (chunk.number < feed.next_chunk) {
      ASSIGN_OR_RETURN(const auto known, feeds.FindChunk(tx, feed.id, chunk.number));
      if (!known || known->digest != chunk.digest) return MakeError(Reason::kFeedChunkDiffers);
      AddDetail(record, "repeat", 1);
      receipt = {known->number, known->rows, known->refused};
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(StepFeed(feed.state, FeedAct::kPush).status());
    if (chunk.number > feed.next_chunk) return ExpectedChunk(feed.next_chunk);
    ASSIGN_OR_RETURN(const std::string name, InsurerName(tx, registry, call.actor));
    SetInsurerName(judged.staged, name);
    receipt = {chunk.number, rows, judged.refused};
    AddDetail(record, "rows", rows);
    AddDetail(record, "refused", judged.refused);
    if (!unchanged.empty()) {
      AddDetail(record, "unchanged", static_cast<int64_t>(unchanged.size()));
    }
    return feeds.AppendChunk(tx, feed,
                             {chunk.number, chunk.digest, rows, judged.refused, judged.implausible,
                              judged.refused_numbers},
                             judged.staged, unchanged, judged.findings);
  };
  const FeedTimes::Timer timer(times, FeedWork::kStage);
  const auto id = AuditedWrite(database, call, act);
  if (!id.ok()) return id.status();
  return receipt;
}

absl::StatusOr<FeedReport> ReportFeed(Transaction& tx, AuditRecord& record, FeedStore& feeds,
                                      const std::string& party, const FeedId& feed,
                                      int64_t after_chunk, int32_t after_row, int page_size) {
  FeedReport report;
  ASSIGN_OR_RETURN(report.feed, FindFeed(tx, feeds, party, feed, false));
  AddFeed(record, feed);
  ASSIGN_OR_RETURN(report.risks, feeds.Risk(tx, feed));
  ASSIGN_OR_RETURN(report.sample, feeds.Sample(tx, feed));
  ASSIGN_OR_RETURN(report.releases, feeds.Releases(tx, report.feed));
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
