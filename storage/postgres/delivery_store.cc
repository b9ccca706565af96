#include "storage/postgres/delivery_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <pqxx/result>
#include <pqxx/transaction_base>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kProgress[] = R"(
INSERT INTO kakunin.delivery_progress (party, kind, through)
SELECT {party}, {kind}, max(began_at) FROM kakunin.feed
WHERE insurer_number = {party} AND kind = {kind} AND state = {published}
ON CONFLICT (party, kind) DO UPDATE SET through = excluded.through)";

// A coverage begins with its first row, and ends with the first one that tells its last day. Rows
// of a released case are of a feed that has counts already.
constexpr char kLag[] = R"(
INSERT INTO kakunin.feed_lag (insurer_number, feed_id, event, lag, rows)
SELECT {{party}}, {{feed}}, e.event,
  width_bucket(greatest(({{at}} AT TIME ZONE 'Asia/Tokyo')::date - e.day, 0), ARRAY[{}]) - 1,
  count(*)
FROM publishing p
CROSS JOIN LATERAL (VALUES
  ({}, CASE WHEN p.verdict = 'NEW' THEN p.qualification_date END),
  ({}, CASE WHEN p.verdict = 'NEW' OR p.running = -1 THEN p.disqualification_date END))
  e (event, day)
WHERE p.verdict IN ('NEW', 'CHANGED', 'LOST') AND e.day IS NOT NULL AND EXISTS
  (SELECT FROM kakunin.feed f WHERE f.insurer_number = {{party}} AND f.kind = {{kind}}
   AND f.published_at IS NOT NULL AND f.feed_id <> {{feed}})
GROUP BY 3, 4
ON CONFLICT (insurer_number, feed_id, event, lag)
  DO UPDATE SET rows = feed_lag.rows + excluded.rows)";

constexpr char kInsurers[] =
    "SELECT p.name, d.through FROM kakunin.party p LEFT JOIN kakunin.delivery_progress d"
    " ON d.party = p.name AND d.kind = $1 WHERE p.kind = $2 AND p.active";

constexpr char kWaiting[] =
    "SELECT feed_id, kind, feed_number, state, began_at FROM kakunin.feed"
    " WHERE insurer_number = $1 AND state IN ($2, $3, $4) ORDER BY began_at, feed_id LIMIT 1";

constexpr char kLags[] =
    "SELECT l.event, l.lag, sum(l.rows) FROM kakunin.feed f"
    " JOIN kakunin.feed_lag l ON l.insurer_number = f.insurer_number AND l.feed_id = f.feed_id"
    " WHERE f.insurer_number = $1 AND f.state = $2 AND f.published_at >= $3::timestamptz"
    " GROUP BY l.event, l.lag";

constexpr char kHiddenReason[] =
    "CASE WHEN number_hash IS NULL THEN 'NO_INDIVIDUAL_NUMBER' ELSE {} END";

std::optional<absl::Time> InstantAt(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return InstantFromText(field.c_str());
}

}  // namespace

void NoteProgress(FeedPublish& publish) { publish.Exec(kProgress); }

void NoteLag(FeedPublish& publish) {
  publish.Exec(fmt::format(kLag, fmt::join(kLagBounds, ", "),
                           static_cast<int>(CoverageEvent::kBegun),
                           static_cast<int>(CoverageEvent::kEnded)));
}

absl::StatusOr<std::vector<InsurerProgress>> PostgresDeliveryStore::Insurers(Transaction& tx) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<InsurerProgress>> {
    std::vector<InsurerProgress> insurers;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             kInsurers, static_cast<int>(FeedKind::kCoverages),
             static_cast<int>(ActorKind::kInsurer))) {
      insurers.push_back({row[0].c_str(), InstantAt(row[1])});
    }
    return insurers;
  });
}

absl::StatusOr<DeliveryStatus> PostgresDeliveryStore::Status(Transaction& tx,
                                                             const std::string& party,
                                                             absl::Time lag_since) {
  return RunStatements([&]() -> absl::StatusOr<DeliveryStatus> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    DeliveryStatus status;
    for (const auto& row : work.exec_params("SELECT kind, through FROM kakunin.delivery_progress"
                                            " WHERE party = $1 ORDER BY kind",
                                            party)) {
      status.progress.push_back({static_cast<FeedKind>(row[0].as<int>()), InstantAt(row[1])});
    }
    for (const auto& row : work.exec_params(kWaiting, party, static_cast<int>(FeedState::kOpen),
                                            static_cast<int>(FeedState::kSealed),
                                            static_cast<int>(FeedState::kQuarantined))) {
      status.waiting = {.id = UuidFromText<FeedId>(row[0].c_str()),
                        .kind = static_cast<FeedKind>(row[1].as<int>()),
                        .feed_number = row[2].as<int64_t>(),
                        .state = static_cast<FeedState>(row[3].as<int>()),
                        .began = InstantFromText(row[4].c_str())};
    }
    for (const auto& row : work.exec_params(kLags, party, static_cast<int>(FeedState::kPublished),
                                            InstantText(lag_since))) {
      const auto event = static_cast<CoverageEvent>(row[0].as<int>());
      LagCounts& counts = event == CoverageEvent::kBegun ? status.begun : status.ended;
      counts.at(row[1].as<size_t>()) = row[2].as<int64_t>();
    }
    for (const auto& row : work.exec_params(
             fmt::format("SELECT {} AS reason, count(*) FROM kakunin.hidden_coverage"
                         " WHERE insurer_number = $1 AND known_to IS NULL GROUP BY reason",
                         fmt::format(kHiddenReason, kDoubtReason)),
             party)) {
      status.hidden[row[0].c_str()] = row[1].as<int64_t>();
    }
    return status;
  });
}

absl::StatusOr<std::vector<HiddenRow>> PostgresDeliveryStore::HiddenRows(Transaction& tx,
                                                                         const std::string& insurer,
                                                                         const std::string& after,
                                                                         int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<HiddenRow>> {
    std::vector<HiddenRow> rows;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             fmt::format("SELECT coverage_reference, {}, known_from, feed_id"
                         " FROM kakunin.hidden_coverage WHERE insurer_number = $1"
                         " AND coverage_reference > $2 AND known_to IS NULL"
                         " ORDER BY coverage_reference LIMIT $3",
                         fmt::format(kHiddenReason, kDoubtReason)),
             insurer, after, limit)) {
      rows.push_back({.reference = row[0].c_str(),
                      .reason = row[1].c_str(),
                      .hidden_since = InstantFromText(row[2].c_str()),
                      .feed = UuidFromText<FeedId>(row[3].c_str())});
    }
    return rows;
  });
}

}  // namespace kakunin
