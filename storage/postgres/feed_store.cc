#include "storage/postgres/feed_store.h"

#include <fmt/format.h>

#include <memory>
#include <pqxx/result>

#include "storage/postgres/array_parameters.h"
#include "storage/postgres/card_link_publish.h"
#include "storage/postgres/certificate_publish.h"
#include "storage/postgres/coverage_publish.h"
#include "storage/postgres/database.h"
#include "storage/postgres/feed_order.h"
#include "storage/postgres/feed_undo.h"
#include "storage/postgres/month_records.h"
#include "storage/postgres/record_publish.h"
#include "storage/postgres/record_row.h"
#include "storage/postgres/staged_rows.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kFeedColumns[] =
    "feed_id, insurer_number, kind, feed_number, state, next_chunk, row_count, began_at, "
    "published_at,"
    " new_rows, changed_rows, lost_rows, unchanged_rows, hidden_rows, refused_rows, new_persons,"
    " coalesce(corrected_rows, 0), coalesce(judgement, 0), coalesce(risk_score, 0), undone_at";

FeedRow FeedFrom(const pqxx::row& row) {
  FeedRow feed{.id = UuidFromText<FeedId>(row[0].c_str()),
               .party = row[1].c_str(),
               .kind = static_cast<FeedKind>(row[2].as<int>()),
               .feed_number = row[3].as<int64_t>(),
               .state = static_cast<FeedState>(row[4].as<int>()),
               .next_chunk = row[5].as<int64_t>(),
               .row_count = row[6].as<int64_t>(),
               .began = InstantFromText(row[7].c_str())};
  if (!row[8].is_null()) feed.published = InstantFromText(row[8].c_str());
  int64_t* const counts[] = {&feed.counts.new_rows,    &feed.counts.changed_rows,
                             &feed.counts.lost_rows,   &feed.counts.unchanged_rows,
                             &feed.counts.hidden_rows, &feed.counts.refused_rows,
                             &feed.counts.new_persons, &feed.counts.corrected_rows};
  for (int i = 0; i < 8; ++i) *counts[i] = row[9 + i].as<int64_t>();
  feed.judgement = row[17].as<int>();
  feed.risk_score = row[18].as<int>();
  if (!row[19].is_null()) feed.undone = InstantFromText(row[19].c_str());
  return feed;
}

std::unique_ptr<FeedContent> ContentOf(FeedKind kind, const CopyBuilders& build) {
  switch (kind) {
    case FeedKind::kCoverages:
      return std::make_unique<CoveragePublish>(build.answer);
    case FeedKind::kReceipts:
      return std::make_unique<RecordPublish>(
          "receipt", kReceiptColumns, build.answer,
          [&build](pqxx::transaction_base& work, std::span<const PersonMonth> months, bool shrink) {
            return WriteReceiptMonths(work, months, build.receipt_month, shrink);
          });
    case FeedKind::kHealthChecks:
      return std::make_unique<RecordPublish>(
          "health_check", kHealthCheckColumns, build.answer,
          [&build](pqxx::transaction_base& work, std::span<const PersonMonth> months, bool shrink) {
            return WriteHealthCheckMonths(work, months, build.health_check_month, shrink);
          });
    case FeedKind::kElderlyRecipientCertificates:
    case FeedKind::kLimitCertificates:
    case FeedKind::kSpecificDiseaseCertificates:
      return std::make_unique<CertificatePublish>(kind, build.answer);
    case FeedKind::kCardLinks:
      return std::make_unique<CardLinkPublish>(build.answer);
  }
  return nullptr;
}

// Rows that told what is known already leave one row a chunk.
void StoreUnchanged(pqxx::transaction_base& work, const FeedId& feed, int64_t chunk,
                    std::span<const ToldRow> rows) {
  if (rows.empty()) return;
  BinaryArray indexes;
  BinaryArray references;
  BinaryArray hashes;
  indexes.Begin(ElementType::kInt4, rows.size());
  references.Begin(ElementType::kText, rows.size());
  hashes.Begin(ElementType::kUuid, rows.size());
  for (const ToldRow& row : rows) {
    indexes.Int4(row.row_index);
    references.Octets(row.reference);
    hashes.Uuid(row.hash);
  }
  ArrayParameters parameters;
  parameters.Add(BinaryScalar(feed));
  parameters.Add(BinaryScalar(chunk));
  for (const BinaryArray* array : {&indexes, &references, &hashes}) parameters.Add(*array);
  parameters.Exec(work,
                  "INSERT INTO kakunin.feed_unchanged (feed_id, chunk_number, row_indexes,"
                  " row_references, row_hashes)"
                  " VALUES ($1::uuid, $2::int8, $3::int4[], $4::text[], $5::uuid[])");
}

void StoreRefusedNumbers(pqxx::transaction_base& work, const FeedId& feed,
                         std::span<const Digest32> numbers) {
  if (numbers.empty()) return;
  BinaryArray array;
  array.Begin(ElementType::kOctets, numbers.size());
  for (const Digest32& number : numbers) {
    array.Octets({reinterpret_cast<const char*>(number.data()), number.size()});
  }
  ArrayParameters parameters;
  parameters.Add(BinaryScalar(feed));
  parameters.Add(array);
  parameters.Exec(work,
                  "INSERT INTO kakunin.feed_refused_number (feed_id, number_hash)"
                  " SELECT DISTINCT $1::uuid, n FROM unnest($2::bytea[]) n ORDER BY n"
                  " ON CONFLICT DO NOTHING");
}

void StoreFindings(pqxx::transaction_base& work, const FeedId& feed,
                   std::span<const Finding> findings) {
  if (findings.empty()) return;
  std::array<BinaryArray, 6> arrays;
  constexpr ElementType kTypes[] = {ElementType::kInt8, ElementType::kInt4, ElementType::kText,
                                    ElementType::kText, ElementType::kText, ElementType::kBool};
  for (size_t i = 0; i < arrays.size(); ++i) arrays[i].Begin(kTypes[i], findings.size());
  for (const Finding& finding : findings) {
    arrays[0].Int8(finding.chunk);
    arrays[1].Int4(finding.row_index);
    arrays[2].Octets(finding.field);
    arrays[3].Octets(finding.reference);
    arrays[4].Octets(finding.reason);
    arrays[5].Bool(finding.hidden);
  }
  ArrayParameters parameters;
  parameters.Add(BinaryScalar(feed));
  parameters.Add(arrays);
  parameters.Exec(
      work,
      "INSERT INTO kakunin.feed_finding"
      " (feed_id, chunk_number, row_index, field, coverage_reference, reason, hidden)"
      " SELECT $1::uuid, * FROM unnest($2::int8[], $3::int4[], $4::text[], $5::text[], $6::text[],"
      " $7::bool[])");
}

}  // namespace

absl::StatusOr<FeedRow> PostgresFeedStore::Begin(Transaction& tx, const std::string& party,
                                                 FeedKind kind, int64_t feed_number,
                                                 const FeedId& id, absl::Time at) {
  return RunStatements([&]() -> absl::StatusOr<FeedRow> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec_params(
        "INSERT INTO kakunin.feed (insurer_number, feed_id, kind, feed_number, state, next_chunk, "
        "row_count,"
        " began_at, changed_at, new_rows, changed_rows, lost_rows, unchanged_rows, hidden_rows, "
        "refused_rows,"
        " new_persons, truth_seen) SELECT $1, $2::uuid, $3, $4, $5, 1, 0, $6, $6, 0, 0, 0, 0, 0, 0,"
        " 0, count(published_at) + count(undone_at) +"
        " (SELECT applied FROM kakunin.person_repair_progress)"
        " FROM kakunin.feed WHERE insurer_number = $1"
        " ON CONFLICT (insurer_number, kind, feed_number) DO NOTHING",
        party, UuidText(id), static_cast<int>(kind), feed_number,
        static_cast<int>(FeedState::kOpen), InstantText(at));
    return FeedFrom(
        work.exec_params(fmt::format("SELECT {} FROM kakunin.feed WHERE insurer_number = $1"
                                     " AND kind = $2 AND feed_number = $3",
                                     kFeedColumns),
                         party, static_cast<int>(kind), feed_number)
            .front());
  });
}

absl::StatusOr<std::optional<int64_t>> PostgresFeedStore::NumberAfter(Transaction& tx,
                                                                      const std::string& party,
                                                                      FeedKind kind,
                                                                      int64_t feed_number) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<int64_t>> {
    const pqxx::result rows = PostgresTransaction::Work(tx).exec_params(
        "SELECT max(feed_number) + 1 FROM kakunin.feed WHERE insurer_number = $1 AND kind = $2"
        " HAVING count(*) > 0 AND NOT bool_or(feed_number = $3)",
        party, static_cast<int>(kind), feed_number);
    if (rows.empty()) return std::nullopt;
    return rows[0][0].as<int64_t>();
  });
}

absl::StatusOr<std::optional<FeedRow>> PostgresFeedStore::Find(Transaction& tx,
                                                               const std::string& party,
                                                               const FeedId& id, bool lock) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<FeedRow>> {
    const pqxx::result rows = PostgresTransaction::Work(tx).exec_params(
        fmt::format(
            "SELECT {} FROM kakunin.feed WHERE insurer_number = $1 AND feed_id = $2::uuid{}",
            kFeedColumns, lock ? " FOR UPDATE" : ""),
        party, UuidText(id));
    if (rows.empty()) return std::nullopt;
    return FeedFrom(rows.front());
  });
}

absl::StatusOr<std::optional<ChunkRecord>> PostgresFeedStore::FindChunk(Transaction& tx,
                                                                        const FeedId& id,
                                                                        int64_t chunk) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<ChunkRecord>> {
    const pqxx::result rows = PostgresTransaction::Work(tx).exec_params(
        "SELECT digest, rows, refused FROM kakunin.feed_chunk WHERE feed_id = $1::uuid AND "
        "chunk_number = $2",
        UuidText(id), chunk);
    if (rows.empty()) return std::nullopt;
    return ChunkRecord{.number = chunk,
                       .digest = DigestFromText<32>(rows[0][0].c_str()),
                       .rows = rows[0][1].as<int64_t>(),
                       .refused = rows[0][2].as<int64_t>()};
  });
}

absl::StatusOr<std::vector<bool>> PostgresFeedStore::FindUnchanged(Transaction& tx,
                                                                   const std::string& party,
                                                                   std::span<const ToldRow> rows) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<bool>> {
    BinaryArray references;
    BinaryArray hashes;
    references.Begin(ElementType::kText, rows.size());
    hashes.Begin(ElementType::kUuid, rows.size());
    for (const ToldRow& row : rows) {
      references.Octets(row.reference);
      hashes.Uuid(row.hash);
    }
    ArrayParameters parameters;
    parameters.Add(references);
    parameters.Add(hashes);
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    // One look-up a row, whatever the statistics say of the insurer.
    const std::string sql = fmt::format(
        "SELECT told.place FROM unnest($1::text[], $2::uuid[])"
        "  WITH ORDINALITY AS told (reference, hash, place)"
        " CROSS JOIN LATERAL (SELECT row_hash FROM kakunin.coverage_by_reference b"
        "  WHERE b.insurer_number = {} AND b.coverage_reference = told.reference OFFSET 0) b"
        " WHERE b.row_hash = told.hash",
        work.quote(party));
    std::vector<bool> unchanged(rows.size());
    const pqxx::result found = parameters.Exec(work, sql);
    for (const auto& row : found) unchanged[row[0].as<size_t>() - 1] = true;
    return unchanged;
  });
}

absl::Status PostgresFeedStore::AppendChunk(Transaction& tx, const FeedRow& feed,
                                            const ChunkRecord& chunk, const StagedRows& rows,
                                            std::span<const ToldRow> unchanged,
                                            std::span<const Finding> findings) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    StageRows(work, feed.id, chunk.number, rows);
    StoreUnchanged(work, feed.id, chunk.number, unchanged);
    StoreFindings(work, feed.id, findings);
    StoreRefusedNumbers(work, feed.id, chunk.refused_numbers);
    work.exec_params(
        "INSERT INTO kakunin.feed_chunk"
        " (feed_id, chunk_number, digest, rows, refused, implausible, unchanged)"
        " VALUES ($1::uuid, $2, $3, $4, $5, $6, $7)",
        UuidText(feed.id), chunk.number, ByteaText(chunk.digest), chunk.rows, chunk.refused,
        chunk.implausible, static_cast<int64_t>(unchanged.size()));
    work.exec_params(
        "UPDATE kakunin.feed SET next_chunk = $3, row_count = row_count + $4"
        " WHERE insurer_number = $1 AND feed_id = $2::uuid",
        feed.party, UuidText(feed.id), chunk.number + 1, chunk.rows);
    return absl::OkStatus();
  });
}

absl::StatusOr<FeedFigures> PostgresFeedStore::Judge(Transaction& tx, const FeedRow& feed,
                                                     absl::Time at) {
  const CopyBuilders none;
  const std::unique_ptr<FeedContent> content = ContentOf(feed.kind, none);
  if (content == nullptr) return StoreError(StoreFailure::kBroken);
  return RunStatements([&]() -> absl::StatusOr<FeedFigures> {
    return FeedPublish(PostgresTransaction::Work(tx), feed, at, *content).Judge();
  });
}

absl::StatusOr<FeedRow> PostgresFeedStore::Publish(Transaction& tx, const FeedRow& feed,
                                                   absl::Time at, const CopyBuilders& build) {
  const std::unique_ptr<FeedContent> content = ContentOf(feed.kind, build);
  if (content == nullptr) return StoreError(StoreFailure::kBroken);
  absl::Status status = RunStatements(
      [&] { return FeedPublish(PostgresTransaction::Work(tx), feed, at, *content).Run(); });
  if (!status.ok()) return status;
  const absl::StatusOr<std::optional<FeedRow>> published =
      Find(tx, feed.party, feed.id, /*lock=*/false);
  if (!published.ok()) return published.status();
  if (!published->has_value()) return StoreError(StoreFailure::kBroken);
  return **published;
}

absl::StatusOr<FeedUndone> PostgresFeedStore::Undo(Transaction& tx, const FeedRow& feed,
                                                   absl::Time at, const CopyBuilders& build,
                                                   UndoMode mode) {
  const std::unique_ptr<FeedContent> content = ContentOf(feed.kind, build);
  if (content == nullptr || !feed.published) return StoreError(StoreFailure::kBroken);
  return RunStatements([&]() -> absl::StatusOr<FeedUndone> {
    FeedPublish publish(PostgresTransaction::Work(tx), feed, at, *content);
    if (feed.kind == FeedKind::kCardLinks) return UndoCardLinks(publish, mode);
    return UndoFeed(publish, *content, mode);
  });
}

absl::Status PostgresFeedStore::SetState(Transaction& tx, const FeedRow& feed, FeedState state,
                                         absl::Time at) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec_params(
        "UPDATE kakunin.feed SET state = $3, changed_at = $4"
        " WHERE insurer_number = $1 AND feed_id = $2::uuid",
        feed.party, UuidText(feed.id), static_cast<int>(state), InstantText(at));
    if (state != FeedState::kCancelled) return absl::OkStatus();
    const CopyBuilders none;
    const auto content = ContentOf(feed.kind, none);
    FeedPublish cancelled(work, feed, at, *content);
    cancelled.LockParty();
    ForgetTold(cancelled);
    for (const std::string& table : {content->staging(), std::string("kakunin.feed_unchanged"),
                                     std::string("kakunin.feed_refused_number")}) {
      work.exec_params(fmt::format("DELETE FROM {} WHERE feed_id = $1::uuid", table),
                       UuidText(feed.id));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<FeedRow>> PostgresFeedStore::List(Transaction& tx,
                                                             const std::string& party,
                                                             absl::Time before,
                                                             const FeedId& before_id, int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<FeedRow>> {
    std::vector<FeedRow> feeds;
    const pqxx::result rows = PostgresTransaction::Work(tx).exec_params(
        fmt::format("SELECT {} FROM kakunin.feed WHERE insurer_number = $1"
                    " AND (began_at, feed_id) < ($2, $3::uuid)"
                    " ORDER BY began_at DESC, feed_id DESC LIMIT $4",
                    kFeedColumns),
        party, InstantText(before), UuidText(before_id), limit);
    for (const auto& row : rows) feeds.push_back(FeedFrom(row));
    return feeds;
  });
}

absl::StatusOr<std::vector<Finding>> PostgresFeedStore::Findings(Transaction& tx, const FeedId& id,
                                                                 int64_t after_chunk,
                                                                 int32_t after_row, int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<Finding>> {
    std::vector<Finding> findings;
    const pqxx::result rows = PostgresTransaction::Work(tx).exec_params(
        "SELECT chunk_number, row_index, coverage_reference, reason, field, hidden,"
        " coalesce(noted, false) FROM "
        "kakunin.feed_finding"
        " WHERE feed_id = $1::uuid AND (chunk_number, row_index) > ($2, $3)"
        " ORDER BY chunk_number, row_index, field LIMIT $4",
        UuidText(id), after_chunk, after_row, limit);
    for (const auto& row : rows) {
      findings.push_back({.chunk = row[0].as<int64_t>(),
                          .row_index = row[1].as<int32_t>(),
                          .reference = row[2].c_str(),
                          .reason = row[3].c_str(),
                          .field = row[4].c_str(),
                          .hidden = row[5].as<bool>(),
                          .noted = row[6].as<bool>()});
    }
    return findings;
  });
}

}  // namespace kakunin
