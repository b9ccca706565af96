#include "storage/postgres/request_store.h"

#include <gtest/gtest.h>

#include <future>
#include <pqxx/pqxx>

#include "tests/support/test_database.h"

namespace kakunin {
namespace {

constexpr char kActor[] = "operator-1";
constexpr int kOperation = 41;
const RequestId kId{{1, 2, 3, 4}};

class RequestStoreTest : public testing::Test {
 protected:
  std::optional<RequestOutcome> Find(const std::string& actor, int operation, const RequestId& id) {
    std::optional<RequestOutcome> outcome;
    const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
      auto found = store_.Find(tx, actor, operation, id);
      if (found.ok()) outcome = *found;
      return found.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return outcome;
  }
  absl::Status Put(Transaction& tx, const std::string& response) {
    return store_.Put(tx, kActor, kOperation, kId, {.body_digest = {5}, .response = response},
                      TestInstant());
  }
  void PutOne() {
    ASSERT_TRUE(pool_->Write(Soon(), [&](Transaction& tx) { return Put(tx, {"a\0b", 3}); }).ok());
  }

  const TestDatabase database_;
  PostgresRequestStore store_;
  std::unique_ptr<PostgresDatabase> pool_ = database_.Open("kakunin_operator");
};

TEST_F(RequestStoreTest, FindsWhatTheSameCallerPutUnderTheSameMethodAndId) {
  PutOne();
  const auto outcome = Find(kActor, kOperation, kId);
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->body_digest, Digest32{5});
  EXPECT_EQ(outcome->response, std::string("a\0b", 3));
  EXPECT_FALSE(Find("operator-2", kOperation, kId).has_value());
  EXPECT_FALSE(Find(kActor, kOperation + 1, kId).has_value());
  EXPECT_FALSE(Find(kActor, kOperation, RequestId{{9}}).has_value());
}

TEST_F(RequestStoreTest, ALookThatPutNothingLeavesTheIdFree) {
  EXPECT_FALSE(Find(kActor, kOperation, kId).has_value());
  EXPECT_FALSE(Find(kActor, kOperation, kId).has_value());
  PutOne();
  EXPECT_TRUE(Find(kActor, kOperation, kId).has_value());
}

TEST_F(RequestStoreTest, OfTwoAtOnceTheSecondSeesTheFirstsOutcome) {
  std::promise<void> found_none;
  std::promise<void> may_put;
  auto first = std::async(std::launch::async, [&] {
    return pool_->Write(Soon(), [&](Transaction& tx) {
      EXPECT_FALSE((*store_.Find(tx, kActor, kOperation, kId)).has_value());
      found_none.set_value();
      may_put.get_future().wait();
      return Put(tx, "first");
    });
  });
  found_none.get_future().wait();
  auto second = std::async(std::launch::async, [&] { return Find(kActor, kOperation, kId); });
  const auto end = Soon();
  while (database_
             .Exec("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname ="
                   " current_database()")
             .empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
  }
  may_put.set_value();
  EXPECT_TRUE(first.get().ok());
  const auto outcome = second.get();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->response, "first");
}

TEST(RequestStore, ApplicantsPortSeesAndWritesApplicantsOutcomesAlone) {
  const TestDatabase database;
  database.Exec(
      "INSERT INTO kakunin.request_outcome (actor, operation, request_id) VALUES"
      " ('operator-1', 180, gen_random_uuid()),"
      " ('applicant/acc-0123456789ab', 164, gen_random_uuid()),"
      " ('address/192.0.2.1', 160, gen_random_uuid())");
  pqxx::connection connection(database.ConnInfo("kakunin_onboarding"));
  pqxx::work work(connection);
  EXPECT_EQ(work.exec("SELECT count(*) FROM kakunin.request_outcome")[0][0].as<int>(), 2);
  EXPECT_EQ(work.exec("UPDATE kakunin.request_outcome SET actor = actor WHERE"
                      " actor NOT LIKE 'a%'")
                .affected_rows(),
            0u);
  EXPECT_EQ(work.exec("UPDATE kakunin.request_outcome SET actor = actor").affected_rows(), 2u);
  EXPECT_THROW(work.exec("INSERT INTO kakunin.request_outcome (actor, operation, request_id)"
                         " VALUES ('operator-1', 181, gen_random_uuid())"),
               pqxx::sql_error);
  pqxx::connection operators(database.ConnInfo("kakunin_operator"));
  pqxx::work theirs(operators);
  EXPECT_EQ(theirs.exec("SELECT count(*) FROM kakunin.request_outcome")[0][0].as<int>(), 3);
}

}  // namespace
}  // namespace kakunin
