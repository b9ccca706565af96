#include "storage/postgres/housekeeping_store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "server/rpc/record_octets.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

class HousekeepingStoreTest : public testing::Test {
 protected:
  template <class Delete>
  int64_t Run(Delete deletion) {
    int64_t deleted = -1;
    const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
      const absl::StatusOr<int64_t> count = deletion(tx);
      if (count.ok()) deleted = *count;
      return count.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return deleted;
  }
  int64_t Count(const std::string& table) {
    return database_.Exec("SELECT count(*) FROM kakunin." + table)[0][0].as<int64_t>();
  }

  const TestDatabase database_;
  PostgresHousekeepingStore store_{CopiesOfThisFormat()};
  std::unique_ptr<PostgresDatabase> pool_ = database_.Open("kakunin_job");
};

TEST_F(HousekeepingStoreTest, ChallengesGoInBatchesOnceTheyExpired) {
  // Expire from TestInstant() on, one a second.
  database_.Exec(
      "INSERT INTO kakunin.challenge"
      " (challenge_id, facility_code, terminal_id, purpose, form_of_care, expires_at)"
      " SELECT gen_random_uuid(), '1312345678', 'T1', 1, 1,"
      " timestamptz '2026-04-01 03:00:00Z' + i * interval '1 second'"
      " FROM generate_series(0, 9) i");
  const auto deleted = [&](absl::Time before, int limit) {
    return Run([&](Transaction& tx) { return store_.DeleteChallenges(tx, before, limit); });
  };
  EXPECT_EQ(deleted(TestInstant(), 100), 0);  // the first instant of being expired is not before
  EXPECT_EQ(deleted(TestInstant() + absl::Microseconds(1), 100), 1);
  EXPECT_EQ(deleted(TestInstant() + absl::Seconds(8), 5), 5);
  EXPECT_EQ(deleted(TestInstant() + absl::Seconds(8), 5), 2);
  EXPECT_EQ(deleted(TestInstant() + absl::Seconds(8), 5), 0);
  EXPECT_EQ(Count("challenge"), 2);
}

TEST_F(HousekeepingStoreTest, SessionsGoInBatchesOnceTheyAreOver) {
  // Over from TestInstant() on, one a second; whether they were ended before makes no difference.
  database_.Exec(
      "INSERT INTO kakunin.account_session (token_hash, facility_code, user_name, terminal_id,"
      " certificate, role, password_change_needed, began_at, ends_at, last_used_at, ended_at,"
      " ended_why, generation) SELECT sha256(i::text::bytea), '1312345678', 'tanaka', 'T1',"
      " sha256('c'), 1, false, '2026-03-31', t, '2026-03-31',"
      " CASE WHEN i % 2 = 0 THEN timestamptz '2026-03-31' END, CASE WHEN i % 2 = 0 THEN 1 END, i"
      " FROM generate_series(0, 9) i,"
      " LATERAL (SELECT timestamptz '2026-04-01 03:00:00Z' + i * interval '1 second' AS t) x");
  const auto deleted = [&](absl::Time before, int limit) {
    return Run([&](Transaction& tx) { return store_.DeleteSessions(tx, before, limit); });
  };
  EXPECT_EQ(deleted(TestInstant(), 100), 0);
  EXPECT_EQ(deleted(TestInstant() + absl::Microseconds(1), 100), 1);
  EXPECT_EQ(deleted(TestInstant() + absl::Seconds(8), 5), 5);
  EXPECT_EQ(deleted(TestInstant() + absl::Seconds(8), 5), 2);
  EXPECT_EQ(Count("account_session"), 2);
}

TEST_F(HousekeepingStoreTest, ReceptionLinksGoInBatchesWithTheirTokens) {
  // Expire from TestInstant() on, one a second; the first was revoked an hour before, its token is
  // gone.
  database_.Exec(
      "INSERT INTO kakunin.reception_link (facility_code, link_id, form_of_care, booking_name,"
      " token_hash, created_at, expires_at, revoked_at)"
      " SELECT '1312345678', gen_random_uuid(), 2, '', gen_random_uuid(), '2025-04-01',"
      " timestamptz '2026-04-01 03:00:00Z' + i * interval '1 second',"
      " CASE WHEN i = 0 THEN timestamptz '2026-04-01 02:00:00Z' END"
      " FROM generate_series(0, 9) i;"
      "INSERT INTO kakunin.reception_token (token_hash, facility_code, link_id)"
      " SELECT token_hash, facility_code, link_id FROM kakunin.reception_link"
      " WHERE revoked_at IS NULL");
  const auto deleted = [&](absl::Time before, int limit) {
    return Run([&](Transaction& tx) { return store_.DeleteReceptionLinks(tx, before, limit); });
  };
  const absl::Time revoked = TestInstant() - absl::Hours(1);
  EXPECT_EQ(deleted(revoked, 100), 0);
  EXPECT_EQ(deleted(revoked + absl::Microseconds(1), 100), 1);
  EXPECT_EQ(deleted(TestInstant() + absl::Seconds(1), 100), 0);
  EXPECT_EQ(Count("reception_token"), 9);
  EXPECT_EQ(deleted(TestInstant() + absl::Seconds(8), 5), 5);
  EXPECT_EQ(deleted(TestInstant() + absl::Seconds(8), 5), 2);
  EXPECT_EQ(deleted(TestInstant() + absl::Seconds(8), 5), 0);
  EXPECT_EQ(Count("reception_link"), 2);
  EXPECT_EQ(Count("reception_token"), 2);
}

TEST_F(HousekeepingStoreTest, ALinkThatIsRenewedMeanwhileStays) {
  database_.Exec(
      "INSERT INTO kakunin.reception_link (facility_code, link_id, form_of_care, booking_name,"
      " token_hash, created_at, expires_at) VALUES ('1312345678', gen_random_uuid(), 2, '',"
      " gen_random_uuid(), '2024-04-01', '2025-04-02')");
  const auto terminals = database_.Open("kakunin_terminal");
  std::thread job;
  std::atomic<int64_t> deleted = -1;
  const absl::Status renewed = terminals->Write(Soon(), [&](Transaction& tx) {
    PostgresTransaction::Work(tx).exec(
        "UPDATE kakunin.reception_link SET expires_at = '2028-04-01'");
    if (!job.joinable()) {
      job = std::thread([&] {
        deleted = Run(
            [&](Transaction& work) { return store_.DeleteReceptionLinks(work, TestInstant(), 5); });
      });
      // It waits for the row that is held here.
      while (deleted < 0 && database_
                                .Exec("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                      " AND datname = current_database()")
                                .empty()) {
        std::this_thread::yield();
      }
    }
    return absl::OkStatus();
  });
  job.join();
  EXPECT_TRUE(renewed.ok()) << renewed;
  EXPECT_EQ(deleted, 0);
  EXPECT_EQ(Count("reception_link"), 1);
}

TEST_F(HousekeepingStoreTest, RequestOutcomesAndKeysWithoutOneGoInBatches) {
  database_.Exec(
      "INSERT INTO kakunin.request_outcome (actor, operation, request_id, body_digest, response, "
      "at)"
      " SELECT 'operator-1', 1, gen_random_uuid(), '\\x01', '\\x02',"
      " timestamptz '2026-04-01 03:00:00Z' + i * interval '1 second'"
      " FROM generate_series(0, 5) i;"
      "INSERT INTO kakunin.request_outcome (actor, operation, request_id)"
      " VALUES ('operator-1', 1, gen_random_uuid())");
  const auto deleted = [&](absl::Time before, int limit) {
    return Run([&](Transaction& tx) { return store_.DeleteRequestOutcomes(tx, before, limit); });
  };
  EXPECT_EQ(deleted(TestInstant(), 100), 1);  // the key without an outcome
  EXPECT_EQ(deleted(TestInstant() + absl::Seconds(4), 3), 3);
  EXPECT_EQ(deleted(TestInstant() + absl::Seconds(4), 3), 1);
  EXPECT_EQ(Count("request_outcome"), 2);
}

TEST_F(HousekeepingStoreTest, InquiryCountsOfEarlierHoursGo) {
  database_.Exec(
      "INSERT INTO kakunin.inquiry_count"
      " (facility_code, terminal_id, hour, writer, no_match, persons)"
      " SELECT '1312345678', 'T1', i, gen_random_uuid(), 1, 1 FROM generate_series(10, 14) i");
  EXPECT_EQ(Run([&](Transaction& tx) { return store_.DeleteInquiryCounts(tx, 12); }), 2);
  EXPECT_EQ(Count("inquiry_count"), 3);
}

}  // namespace
}  // namespace kakunin
