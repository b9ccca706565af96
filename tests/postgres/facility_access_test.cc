// The projection in which a facility's calls are listed: what the job role's copy takes, and when.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "domain/access_log.h"
#include "storage/postgres/housekeeping_store.h"
#include "storage/postgres/text_value.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

constexpr char kStream[] = "00000000-0000-0000-0000-0000000000aa";
constexpr char kPerson[] = "00000000-0000-0000-0000-0000000000bb";

class FacilityAccessTest : public testing::Test {
 protected:
  // A call as a lane writes it; terminals are actors of kind 1.
  void Call(int number, absl::Time at, const std::string& actor = "1312345678/desk-1",
            int actor_kind = 1, const std::string& details = "") {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.audit_event (stream, number, at, operation, actor_kind, actor,"
        " facility_user, role, role_evidence, form_of_care, situation, code, reason, validity,"
        " details, request_id, request_digest, answer_digest, key_id, previous_hash, hash)"
        " VALUES ('{0}', {1}, '{2}', 50, {3}, '{4}', 'u1', 3, 1, 1, 0, 0, '', 0, '{5}',"
        " '{0}', '{0}', '{0}', 'k', '', '')",
        kStream, number, InstantText(at), actor_kind, actor, details));
  }

  CopiedAccesses Step(absl::Time now, absl::Duration overlap = kAccessCopyOverlap) {
    CopiedAccesses copied;
    const absl::Status status = jobs_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(copied, store_.CopyFacilityAccesses(tx, now, overlap));
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return copied;
  }

  std::string Copied() {
    return database_
        .Exec(
            "SELECT coalesce(string_agg(facility_code || '/' || terminal_id || ' ' || number, ','"
            " ORDER BY number), '') FROM kakunin.facility_access")[0][0]
        .as<std::string>();
  }

  const TestDatabase database_;
  const absl::Time noon_ = TestInstant();
  PostgresHousekeepingStore store_{CopyBuilders()};
  std::unique_ptr<PostgresDatabase> jobs_ = database_.Open("kakunin_job");
};

TEST_F(FacilityAccessTest, CallsOfTerminalsAreCopiedOnceAndOthersNever) {
  Call(1, noon_);
  Call(2, noon_ + absl::Seconds(1), "1398765432/T1");
  Call(3, noon_ + absl::Seconds(2), "06139463", 2);  // an insurer
  Call(4, noon_ + absl::Seconds(2), "");             // a certificate that nobody knows
  EXPECT_TRUE(Step(noon_ + absl::Seconds(3)).all);
  EXPECT_EQ(Copied(), "1312345678/desk-1 1,1398765432/T1 2");
  EXPECT_TRUE(Step(noon_ + absl::Seconds(4)).all);  // the slices overlap
  EXPECT_EQ(Copied(), "1312345678/desk-1 1,1398765432/T1 2");
}

TEST_F(FacilityAccessTest, ASliceEndsBeforeItsInstant) {
  Call(1, noon_);
  Step(noon_);
  EXPECT_EQ(Copied(), "");
  Step(noon_ + absl::Microseconds(1));
  EXPECT_EQ(Copied(), "1312345678/desk-1 1");
}

TEST_F(FacilityAccessTest, WhoWasMeantComesFromTheRowsBesideTheAudit) {
  Call(1, noon_);
  Call(2, noon_, "1312345678/desk-1", 1,
       "kinds:2=SHOWN;3=NO_CONSENT;months:2026-01..2026-03;consents:2@1;terminal:1@2");
  Call(3, noon_);
  database_.Exec(fmt::format(
      "INSERT INTO kakunin.confirmation (person_id, at, stream, number, facility_code, day,"
      " validity, answer_digest) VALUES ('{0}', '{1}', '{2}', 1, '1312345678', '2026-04-01', 1,"
      " '{0}');"
      "INSERT INTO kakunin.record_access (person_id, at, stream, number, facility_code,"
      " facility_user, operation, reason) VALUES ('{0}', '{1}', '{2}', 2, '1312345678', 'u1', 50,"
      " '')",
      kPerson, InstantText(noon_), kStream));
  Step(noon_ + absl::Seconds(1));
  const pqxx::result rows =
      database_.Exec("SELECT person_id, kinds, role FROM kakunin.facility_access ORDER BY number");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0][0].as<std::string>(), kPerson);
  EXPECT_EQ(rows[0][1].as<std::string>(), "");
  EXPECT_EQ(rows[1][0].as<std::string>(), kPerson);
  EXPECT_EQ(rows[1][1].as<std::string>(), "2=SHOWN;3=NO_CONSENT");
  EXPECT_TRUE(rows[2][0].is_null());
  EXPECT_EQ(rows[2][2].as<int>(), 3);
}

TEST_F(FacilityAccessTest, ARowThatCommitsLateIsFoundWithinTheOverlap) {
  Call(1, noon_);
  Step(noon_ + absl::Minutes(5));
  Call(2, noon_ + absl::Minutes(3));  // two minutes before what was copied
  Call(3, noon_ + absl::Minutes(3) - absl::Microseconds(1));
  Step(noon_ + absl::Minutes(5));
  EXPECT_EQ(Copied(), "1312345678/desk-1 1,1312345678/desk-1 2");
  Step(noon_ + absl::Minutes(5), kWideAccessCopyOverlap);
  EXPECT_EQ(Copied(), "1312345678/desk-1 1,1312345678/desk-1 2,1312345678/desk-1 3");
}

TEST_F(FacilityAccessTest, ALongPauseIsMadeGoodInSlicesThatAreBounded) {
  Call(1, noon_);
  Call(2, noon_ + absl::Hours(2));
  int steps = 0;
  CopiedAccesses copied;
  while (!copied.all && steps < 100) {
    const absl::Time before = copied.through;
    copied = Step(noon_ + absl::Hours(3));
    if (steps > 0) {
      EXPECT_LE(copied.through, before + absl::Minutes(20));
    }
    ++steps;
  }
  EXPECT_EQ(steps, 10);  // the first of 20 minutes, then 18 more each
  EXPECT_EQ(Copied(), "1312345678/desk-1 1,1312345678/desk-1 2");
}

TEST_F(FacilityAccessTest, AClockThatWentBackLosesNothing) {
  Step(noon_ + absl::Hours(5));
  Call(1, noon_);
  Step(noon_ + absl::Seconds(1));
  EXPECT_EQ(Copied(), "1312345678/desk-1 1");
}

TEST_F(FacilityAccessTest, BlockRangesOfTheSourcesAreSummarisedAsTheyFill) {
  const pqxx::result without = database_.Exec(
      "SELECT c.relname FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'brin'"
      " AND c.relkind = 'i' AND NOT 'autosummarize=on' = ANY(coalesce(c.reloptions, '{}'))");
  for (const auto& row : without) ADD_FAILURE() << row[0].c_str();
}

}  // namespace
}  // namespace kakunin
