// The oracles themselves, before anything is held against them.
#include "tests/faults/oracles.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "domain/access_policy.h"
#include "tests/faults/fault_fixture.h"

namespace kakunin::faults {
namespace {

// Runs first: what finds nothing when something is wrong proves nothing below.
TEST_F(FaultTest, TheOraclesFindWhatIsPlantedAndNothingElse) {
  {
    Load load(installation(), ledger_, TestSeed());
    ASSERT_TRUE(ledger_.AwaitAnswered(1000, kPatience));
    while (ledger_.Answered(Act::kPushFeed) < 3 || ledger_.Answered(Act::kFetchResults) < 1) {
      ASSERT_TRUE(ledger_.AwaitAnswered(kAnswersBetween, kPatience));
    }
  }
  const Verdict clean = JudgeCalls(Fault::kNone);
  ASSERT_TRUE(clean.clean()) << clean.Text();
  EXPECT_EQ(clean.refused, 0);
  fmt::print("nothing planted: {}\n", clean.Text());

  pqxx::connection database(installation().database_info());
  pqxx::work work(database);  // never committed: the audit stays whole
  std::vector<std::string> ids;
  for (const Call& call : ledger_.calls()) {
    if (call.act == Act::kConfirmByNumber && call.confirmed) ids.push_back(call.audit_id);
  }
  ASSERT_GE(ids.size(), 5u);
  const auto plant = [&](const std::string& statement, const std::string& id) {
    const size_t hyphen = id.find('-');
    work.exec(fmt::format("{} WHERE stream = '{}' AND number = {}", statement, id.substr(0, hyphen),
                          id.substr(hyphen + 1)));
  };
  plant("DELETE FROM kakunin.confirmation", ids[0]);
  plant("DELETE FROM kakunin.audit_event", ids[1]);
  plant(
      "INSERT INTO kakunin.confirmation SELECT person_id, at + interval '1 us', stream, number,"
      " facility_code, day, validity, answer_digest FROM kakunin.confirmation",
      ids[3]);
  // Of feeds and lists: a feed that is not published, one without the audit row of its seal, one
  // told before it was, and a stream of results and the end of a list without theirs.
  std::vector<const Call*> feeds;
  const std::vector<Call> before = ledger_.calls();
  for (const Call& call : before) {
    if (call.act == Act::kPushFeed) feeds.push_back(&call);
  }
  ASSERT_GE(feeds.size(), 3u);
  const auto of_feed = [&](const Call& feed) {
    return fmt::format("insurer_number = '{}' AND feed_number = {} AND kind = 1", feed.insurer,
                       feed.feed_number);
  };
  work.exec("UPDATE kakunin.feed SET published_at = NULL WHERE " + of_feed(*feeds[0]));
  work.exec(
      "DELETE FROM kakunin.audit_event WHERE details LIKE '%step=seal%' AND details LIKE '%feed=' "
      "||"
      " (SELECT replace(feed_id::text, '-', '') FROM kakunin.feed WHERE " +
      of_feed(*feeds[1]) + ") || '%'");
  work.exec(fmt::format(
      "DELETE FROM kakunin.audit_event WHERE operation = {}"
      " AND at = (SELECT max(at) FROM kakunin.audit_event WHERE operation = {} AND code = 0)",
      static_cast<int>(Operation::kStreamBulkResults),
      static_cast<int>(Operation::kStreamBulkResults)));
  const auto list = std::ranges::find(before, Act::kListAct, &Call::act);
  ASSERT_NE(list, before.end());
  plant("DELETE FROM kakunin.audit_event", list->audit_id);
  // An act that nobody was told of, and one whose answer came before its audit row.
  std::vector<Call> calls = ledger_.calls();
  std::erase_if(calls, [&](const Call& call) { return call.audit_id == ids[2]; });
  for (Call& call : calls) {
    if (call.audit_id == ids[4]) call.returned = call.began;
    if (call.act == Act::kPushFeed && call.feed_number == feeds[2]->feed_number) {
      call.returned = call.began;
    }
  }
  const absl::Time now = absl::Now();
  const Call refused{.act = Act::kReadDrugs, .began = now, .returned = now};
  calls.insert(calls.end(), 5, refused);
  // Ours, and it does not say when to ask again.
  calls[calls.size() - 5].code = grpc::StatusCode::UNAVAILABLE;
  calls[calls.size() - 5].reason = "DATABASE_UNAVAILABLE";
  calls[calls.size() - 4].code = grpc::StatusCode::INTERNAL;
  calls[calls.size() - 3].code = grpc::StatusCode::UNAVAILABLE;  // without any fault
  calls[calls.size() - 2].code = grpc::StatusCode::PERMISSION_DENIED;
  calls[calls.size() - 2].against_the_model = "a consent is not there";
  calls[calls.size() - 1].code = grpc::StatusCode::PERMISSION_DENIED;
  calls[calls.size() - 1].reason = "ROLE_NOT_ALLOWED";  // not the patient's decision
  const Verdict verdict = Judge(calls, Fault::kNone, work);
  const auto tell = [](const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& one : all) text += one + "\n";
    return text;
  };
  EXPECT_EQ(verdict.lost.size(), 4u) << tell(verdict.lost);
  EXPECT_EQ(verdict.unaudited.size(), 6u) << tell(verdict.unaudited);
  EXPECT_EQ(verdict.miscoded.size(), 4u) << verdict.Text();
  EXPECT_EQ(verdict.wrong.size(), 1u) << verdict.Text();
}

}  // namespace
}  // namespace kakunin::faults
