#include "tests/faults/batch_oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "domain/access_policy.h"

namespace kakunin::faults {
namespace {

// What the database keeps of one feed.
struct KeptFeed {
  bool published = false;
  int64_t chunks = 0;
  // Of each step's audit rows that are done: how many, and when the first was committed.
  std::map<std::string, int64_t> steps;
  std::map<std::string, absl::Time> first;
};

using FeedName = std::pair<std::string, int64_t>;  // whose, and its number

std::map<FeedName, KeptFeed> ReadFeeds(pqxx::transaction_base& work) {
  std::map<FeedName, KeptFeed> feeds;
  for (const auto& row : work.exec(fmt::format(
           "WITH acts AS (SELECT substring(details from 'feed=([0-9a-f]{{32}})')::uuid AS feed_id,"
           " CASE operation WHEN {} THEN 'begun' WHEN {} THEN 'chunk'"
           " ELSE coalesce(substring(details from 'step=([a-z]+)'), '') END AS step,"
           " (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint AS committed"
           " FROM kakunin.audit_event WHERE operation IN ({}, {}, {}) AND code = 0)"
           " SELECT insurer_number, feed_number, published_at IS NOT NULL, next_chunk - 1,"
           " coalesce(step, ''), count(step), coalesce(min(committed), 0)"
           " FROM kakunin.feed LEFT JOIN acts USING (feed_id) WHERE kind = 1 GROUP BY 1, 2, 3, 4, "
           "5",
           static_cast<int>(Operation::kBeginFeed), static_cast<int>(Operation::kPushRows),
           static_cast<int>(Operation::kBeginFeed), static_cast<int>(Operation::kPushRows),
           static_cast<int>(Operation::kSealFeed)))) {
    KeptFeed& feed = feeds[{row[0].as<std::string>(), row[1].as<int64_t>()}];
    feed.published = row[2].as<bool>();
    feed.chunks = row[3].as<int64_t>();
    const auto step = row[4].as<std::string>();
    feed.steps[step] = row[5].as<int64_t>();
    feed.first[step] = absl::FromUnixMicros(row[6].as<int64_t>());
  }
  return feeds;
}

void JudgeFeed(const Call& call, const std::map<FeedName, KeptFeed>& feeds, Verdict& verdict) {
  const auto found = feeds.find({call.insurer, call.feed_number});
  const KeptFeed& feed = found == feeds.end() ? KeptFeed{} : found->second;
  if (!feed.published) {
    verdict.lost.push_back(fmt::format("feed {}: told published, and is not", call.feed_number));
    return;
  }
  for (const auto& [step, least] :
       {std::pair{"begun", int64_t{1}}, std::pair{"chunk", feed.chunks},
        std::pair{"seal", int64_t{1}}, std::pair{"publish", int64_t{1}}}) {
    const auto times = feed.steps.find(step);
    const int64_t there = times == feed.steps.end() ? 0 : times->second;
    if (there < std::max<int64_t>(least, 1)) {
      verdict.unaudited.push_back(fmt::format("feed {}: {} audit rows of {}, {} acknowledged",
                                              call.feed_number, there, step, least));
      return;
    }
    if (feed.first.at(step) > call.returned) {
      verdict.unaudited.push_back(
          fmt::format("feed {}: told before the audit row of {}", call.feed_number, step));
      return;
    }
  }
}

}  // namespace

void JudgeBatches(std::span<const Call> calls, pqxx::transaction_base& work, Verdict& verdict) {
  const std::map<FeedName, KeptFeed> feeds = ReadFeeds(work);
  std::multiset<absl::Time> fetches;
  for (const auto& row :
       work.exec(fmt::format("SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) *"
                             " 1000000)::bigint FROM kakunin.audit_event WHERE operation = {}"
                             " AND code = 0",
                             static_cast<int>(Operation::kStreamBulkResults)))) {
    fetches.insert(absl::FromUnixMicros(row[0].as<int64_t>()));
  }
  for (const Call& call : calls) {
    if (call.code != grpc::StatusCode::OK) continue;
    if (call.act == Act::kPushFeed) JudgeFeed(call, feeds, verdict);
    if (call.act != Act::kFetchResults) continue;
    const auto row = fetches.lower_bound(call.began);
    if (row == fetches.end() || *row > call.returned) {
      verdict.unaudited.push_back(fmt::format("{}: no audit row of it", ActName(call.act)));
    } else {
      fetches.erase(row);
    }
  }
}

}  // namespace kakunin::faults
