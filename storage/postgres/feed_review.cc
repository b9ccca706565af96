// What judging a feed came to, and who let it go: the other half of PostgresFeedStore.

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// Names of columns hold no comma.
std::vector<std::string> SplitNames(std::string_view joined) {
  std::vector<std::string> names;
  while (!joined.empty()) {
    const size_t comma = joined.find(',');
    names.emplace_back(joined.substr(0, comma));
    joined.remove_prefix(comma == std::string_view::npos ? joined.size() : comma + 1);
  }
  return names;
}

}  // namespace

absl::Status PostgresFeedStore::PutRisk(Transaction& tx, const FeedRow& feed, const FeedRisk& risk,
                                        FeedState state, absl::Time at) {
  return RunStatements([&] {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const std::string id = UuidText(feed.id);
    work.exec_params("DELETE FROM kakunin.feed_risk WHERE feed_id = $1::uuid", id);
    for (const RiskFinding& finding : risk.findings) {
      work.exec_params(
          "INSERT INTO kakunin.feed_risk (feed_id, reason, points, observed, base)"
          " VALUES ($1::uuid, $2, $3, $4, $5)",
          id, finding.reason, finding.points, finding.observed, finding.of);
    }
    work.exec_params(
        "UPDATE kakunin.feed SET state = $3, changed_at = $4, risk_score = $5,"
        " judgement = coalesce(judgement, 0) + 1"
        " WHERE insurer_number = $1 AND feed_id = $2::uuid",
        feed.party, id, static_cast<int>(state), InstantText(at), risk.score);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<RiskFinding>> PostgresFeedStore::Risk(Transaction& tx,
                                                                 const FeedId& id) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<RiskFinding>> {
    std::vector<RiskFinding> findings;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             "SELECT reason, points, observed, base FROM kakunin.feed_risk"
             " WHERE feed_id = $1::uuid ORDER BY points DESC, reason",
             UuidText(id))) {
      findings.push_back(
          {row[0].c_str(), row[1].as<int>(), row[2].as<int64_t>(), row[3].as<int64_t>()});
    }
    return findings;
  });
}

absl::StatusOr<std::vector<SampledRow>> PostgresFeedStore::Sample(Transaction& tx,
                                                                  const FeedId& id) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<SampledRow>> {
    std::vector<SampledRow> sample;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             "SELECT verdict, reference, array_to_string(changed_fields, ',')"
             " FROM kakunin.feed_sample WHERE feed_id = $1::uuid ORDER BY verdict, reference",
             UuidText(id))) {
      sample.push_back({row[0].c_str(), row[1].c_str(), SplitNames(row[2].c_str())});
    }
    return sample;
  });
}

absl::Status PostgresFeedStore::PutRelease(Transaction& tx, const FeedRow& feed,
                                           const FeedRelease& release) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(
        "INSERT INTO kakunin.feed_release (insurer_number, feed_id, judgement, actor_kind, actor,"
        " released_by, released_at) VALUES ($1, $2::uuid, $3, $4, $5, $6, $7)"
        " ON CONFLICT (insurer_number, feed_id, judgement, actor_kind) DO NOTHING",
        feed.party, UuidText(feed.id), release.judgement, static_cast<int>(release.actor_kind),
        release.actor, release.released_by, InstantText(release.at));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<FeedRelease>> PostgresFeedStore::Releases(Transaction& tx,
                                                                     const FeedRow& feed) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<FeedRelease>> {
    std::vector<FeedRelease> releases;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             "SELECT actor_kind, actor, released_by, released_at FROM kakunin.feed_release"
             " WHERE insurer_number = $1 AND feed_id = $2::uuid AND judgement = $3"
             " ORDER BY released_at, actor_kind",
             feed.party, UuidText(feed.id), feed.judgement)) {
      releases.push_back({.judgement = feed.judgement,
                          .actor_kind = static_cast<ActorKind>(row[0].as<int>()),
                          .actor = row[1].c_str(),
                          .released_by = row[2].c_str(),
                          .at = InstantFromText(row[3].c_str())});
    }
    return releases;
  });
}

}  // namespace kakunin
