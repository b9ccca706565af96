#include "storage/postgres/migrator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/transaction>
#include <thread>

#include "tests/support/test_database.h"

namespace kakunin {
namespace {

using Names = std::vector<std::string>;

std::unique_ptr<Migrator> Connect(const TestDatabase& database,
                                  std::span<const Migration> migrations = EmbeddedMigrations()) {
  auto migrator = Migrator::Connect(database.ConnInfo("kakunin_migrate"), migrations);
  EXPECT_TRUE(migrator.ok()) << migrator.status();
  return *std::move(migrator);
}

size_t EmbeddedCount() { return EmbeddedMigrations().size(); }

TEST(Migrator, MakesTheWholeSchemaFromAnEmptyDatabase) {
  const TestDatabase database(TestDatabase::Start::kEmpty);
  const auto migrator = Connect(database);
  const auto applied = migrator->Up(TestInstant(), false);
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_EQ(applied->size(), EmbeddedCount());
  EXPECT_EQ(applied->front(), "0001_roles_and_schema");
  const auto findings = migrator->Verify();
  ASSERT_TRUE(findings.ok()) << findings.status();
  EXPECT_EQ(*findings, Names());
  const auto status = migrator->Status();
  ASSERT_TRUE(status.ok());
  for (const MigrationStatus& step : *status) EXPECT_EQ(step.applied_at, TestInstant());
}

TEST(Migrator, ASecondRunChangesNothing) {
  const TestDatabase database;
  const auto applied = Connect(database)->Up(TestInstant(), false);
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_EQ(*applied, Names());
}

TEST(Migrator, ADryRunTellsAndChangesNothing) {
  const TestDatabase database(TestDatabase::Start::kEmpty);
  const auto migrator = Connect(database);
  const auto would = migrator->Up(TestInstant(), true);
  ASSERT_TRUE(would.ok()) << would.status();
  EXPECT_EQ(would->size(), EmbeddedCount());
  EXPECT_TRUE(database.Exec("SELECT to_regnamespace('kakunin')")[0][0].is_null());
}

// The months need every table, so only the steps themselves are run as an older binary would.
void RunSteps(const TestDatabase& database, std::span<const Migration> steps) {
  for (const Migration& step : steps) {
    database.Exec("SET LOCAL ROLE kakunin_migrate; " + std::string(step.sql) +
                  "; INSERT INTO kakunin.schema_migration VALUES (" + std::to_string(step.version) +
                  ", '" + std::string(step.name) + "', '\\x" + std::string(step.checksum) +
                  "', '2026-03-01T00:00:00Z')");
  }
}

TEST(Migrator, UpgradesFromThePreviousMigrationAndKeepsItsRows) {
  const TestDatabase database(TestDatabase::Start::kEmpty);
  const auto all = EmbeddedMigrations();
  RunSteps(database, all.first(all.size() - 1));
  database.Exec(
      "INSERT INTO kakunin.person VALUES ('00000000-0000-4000-8000-000000000001',"
      " '2026-03-01T00:00:00Z')");
  const auto migrator = Connect(database);
  const auto applied = migrator->Up(TestInstant(), false);
  ASSERT_TRUE(applied.ok()) << applied.status();
  EXPECT_EQ(applied->size(), 1u);
  EXPECT_EQ(*migrator->Verify(), Names());
  EXPECT_EQ(database.Exec("SELECT FROM kakunin.person").size(), 1u);
}

// 0034: facilities that had joined before go on on the terms of their newest approved application.
TEST(Migrator, GivesFacilitiesTheTermsOfTheirOldApplications) {
  const TestDatabase database(TestDatabase::Start::kEmpty);
  const auto all = EmbeddedMigrations();
  const auto terms = std::ranges::find(all, 34, &Migration::version);
  ASSERT_NE(terms, all.end());
  RunSteps(database, {all.begin(), terms});
  database.Exec(
      "INSERT INTO kakunin.facility (facility_code, facility_type, name, active, generation)"
      " SELECT code, 2, 'x', true, 1 FROM unnest(ARRAY['1310000001', '1310000002', '1310000003',"
      " '1310000004']) code");
  const auto apply = [&](int id, const std::string& code, int kind, int state, const char* type,
                         const std::string& submitted, const std::string& form, int version = 1) {
    const std::string uuid = "00000000-0000-4000-8000-00000000000" + std::to_string(id);
    if (version == 1) {
      database.Exec(
          "INSERT INTO kakunin.application (application_id, account, kind, state, facility_code,"
          " facility_type, facility_name, introduction_type, group_name, version, steps,"
          " first_submitted_at, changed_at) VALUES ('" +
          uuid + "', 'acc-1', " + std::to_string(kind) + ", " + std::to_string(state) + ", '" +
          code + "', 2, 'x', " + type + ", '', 1, 1, '" + submitted + "', '" + submitted + "')");
    } else {
      database.Exec("UPDATE kakunin.application SET version = " + std::to_string(version) +
                    " WHERE application_id = '" + uuid + "'");
    }
    database.Exec(
        "INSERT INTO kakunin.application_version (application_id, version, submitted_at, "
        "content_format,"
        " content, working, password_given_by) VALUES ('" +
        uuid + "', " + std::to_string(version) + ", '" + submitted + "', 1, convert_to(E'" + form +
        "', 'UTF8'), '', 'operator-1')");
  };
  // The newest version counts; of two that were approved the one that was handed in last.
  apply(1, "1310000001", 1, 5, "2", "2025-01-01Z", "ground=measure-2\\n");
  apply(1, "1310000001", 1, 5, "2", "2025-01-02Z",
        "ground=measure-4\\nground_ending_day=2027-03-31\\nstart_month=2025-04\\n", 2);
  apply(2, "1310000002", 1, 5, "2", "2025-01-01Z", "ground=measure-6\\n");
  apply(3, "1310000002", 1, 4, "1", "2025-06-01Z", "ground=measure-6\\nline_kind=ipsec-ike\\n");
  // Neither what waits nor what is no application for use says anything.
  apply(4, "1310000003", 1, 2, "2", "2025-01-01Z", "ground=measure-2\\n");
  apply(5, "1310000003", 2, 5, "NULL", "2025-01-01Z", "ground=measure-2\\n");
  const auto migrator = Connect(database);
  ASSERT_TRUE(migrator->Up(TestInstant(), false).ok());
  std::vector<std::string> found;
  for (const auto& row : database.Exec(
           "SELECT concat_ws(' ', facility_code, introduction_type, ground, ground_ending_day,"
           " home_visits_from, online_care_from, closure_last_day) FROM kakunin.facility"
           " ORDER BY 1")) {
    found.emplace_back(row[0].c_str());
  }
  EXPECT_EQ(found, (std::vector<std::string>{"1310000001 2 4 2027-03-31", "1310000002 1",
                                             "1310000003", "1310000004"}));
}

// 0038 and 0033: a body has one spelling, and an operator a key of their own.
TEST(Migrator, OperatorsHaveBodiesOfOneSpellingAndKeysOfTheirOwn) {
  const TestDatabase database;
  const auto put = [&](const std::string& name, const std::string& body, const std::string& key,
                       int kind = 3) {
    try {
      database.Exec(
          "INSERT INTO kakunin.party (kind, name, display_name, fingerprint, not_before, not_after,"
          " active, generation, body, key_fingerprint) VALUES (" +
          std::to_string(kind) + ", '" + name + "', '', sha256(convert_to('" + name +
          "', 'UTF8')), '2026-01-01Z', '2027-01-01Z', true, 1, " + body + ", " + key + ")");
    } catch (const pqxx::sql_error& error) {
      return error.sqlstate();
    }
    return std::string();
  };
  const auto key = [](const char* hex) {
    return "decode(repeat('" + std::string(hex) + "', 32), 'hex')";
  };
  EXPECT_EQ(put("a", "'payment-fund'", key("01")), "");
  EXPECT_EQ(put("b", "'mhlw'", key("01")), "23505");
  EXPECT_EQ(put("b", "'mhlw'", key("02")), "");
  EXPECT_EQ(put("c", "NULL", "NULL"), "");
  EXPECT_EQ(put("d", "NULL", "NULL"), "") << "registered before keys were kept";
  EXPECT_EQ(put("e", "NULL", key("01"), 2), "") << "an insurer approves nothing";
  const std::string long_one = "'" + std::string(41, 'a') + "'";
  for (const char* body :
       {"'Mhlw'", "'m'", "'-mhlw'", "'mhlw '", "'payment_fund'", "'省'", "''", long_one.c_str()}) {
    EXPECT_EQ(put("f", body, "NULL"), "23514") << body;
  }
  EXPECT_EQ(put("f", "'" + std::string(40, 'a') + "'", "NULL"), "");
  EXPECT_EQ(put("g", "'0-'", "NULL"), "");
}

TEST(Migrator, RefusesADatabaseWhoseStepWasAltered) {
  const TestDatabase database;
  database.Exec("UPDATE kakunin.schema_migration SET checksum = '\\x00' WHERE version = 2");
  const auto migrator = Connect(database);
  const auto applied = migrator->Up(TestInstant(), false);
  EXPECT_EQ(applied.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(applied.status().message().find("0002_registry"), std::string::npos);
  EXPECT_EQ(migrator->Verify()->size(), 1u);
  const auto pool = database.Open("kakunin_terminal");
  EXPECT_EQ(pool->Read(Soon(), [](Transaction& tx) { return CheckSchema(tx); }).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(Migrator, RefusesADatabaseThatIsNewerThanTheBinary) {
  const TestDatabase database;
  const auto older = EmbeddedMigrations().first(EmbeddedCount() - 1);
  const auto applied = Connect(database, older)->Up(TestInstant(), false);
  EXPECT_EQ(applied.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Migrator, AServerStartsOnItsOwnSchemaAndOnANewerOneOnly) {
  const TestDatabase database;
  const auto pool = database.Open("kakunin_terminal");
  const auto check = [&](std::span<const Migration> migrations) {
    return pool->Read(Soon(), [&](Transaction& tx) { return CheckSchema(tx, migrations); });
  };
  EXPECT_TRUE(check(EmbeddedMigrations()).ok());
  EXPECT_TRUE(check(EmbeddedMigrations().first(EmbeddedCount() - 1)).ok());
  std::vector<Migration> newer(EmbeddedMigrations().begin(), EmbeddedMigrations().end());
  newer.push_back({.version = static_cast<int>(newer.size()) + 1, .name = "later"});
  EXPECT_EQ(check(newer).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Migrator, TwoAtOnceApplyEachStepOnce) {
  const TestDatabase database(TestDatabase::Start::kEmpty);
  std::vector<absl::StatusOr<Names>> results(3, Names());
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&] { result = Connect(database)->Up(TestInstant(), false); });
  }
  for (std::thread& thread : threads) thread.join();
  size_t applied = 0;
  for (const auto& result : results) {
    ASSERT_TRUE(result.ok()) << result.status();
    applied += result->size();
  }
  EXPECT_EQ(applied, EmbeddedCount());
  EXPECT_EQ(*Connect(database)->Verify(), Names());
}

TEST(Migrator, AFailingStepLeavesNothingBehindAndIsNamedWithoutValues) {
  const TestDatabase database;
  std::vector<Migration> migrations(EmbeddedMigrations().begin(), EmbeddedMigrations().end());
  migrations.push_back({.version = static_cast<int>(migrations.size()) + 1,
                        .name = "broken",
                        .checksum = "00",
                        .sql = "SET LOCAL ROLE kakunin_owner; CREATE TABLE kakunin.half (x int);"
                               "SELECT 'secret value'::int"});
  const auto migrator = Connect(database, migrations);
  const auto applied = migrator->Up(TestInstant(), false);
  EXPECT_EQ(applied.status().code(), absl::StatusCode::kInternal);
  EXPECT_NE(applied.status().message().find("_broken: SQLSTATE 22P02"), std::string::npos)
      << applied.status();
  EXPECT_EQ(applied.status().message().find("secret"), std::string::npos);
  EXPECT_TRUE(database.Exec("SELECT to_regclass('kakunin.half')")[0][0].is_null());
}

// Servers that go on beside it take the same tables in another order; the step is the victim.
TEST(Migrator, AStepThatMeetsARingOfLocksIsAppliedAgain) {
  const TestDatabase database;
  std::vector<Migration> migrations(EmbeddedMigrations().begin(), EmbeddedMigrations().end());
  migrations.push_back({.version = static_cast<int>(migrations.size()) + 1,
                        .name = "ring",
                        .checksum = "00",
                        .sql = "SET LOCAL ROLE kakunin_owner;"
                               "ALTER TABLE kakunin.consent_act ADD COLUMN told_next text;"
                               "ALTER TABLE kakunin.confirmation ADD COLUMN told_next text"});
  pqxx::connection server(database.ConnInfo("postgres"));
  pqxx::work work(server);
  work.exec("SET LOCAL deadlock_timeout = '1min'; LOCK kakunin.confirmation IN ROW SHARE MODE");
  absl::StatusOr<Names> applied;
  std::atomic<bool> ended = false;
  std::thread migrating([&] {
    applied = Connect(database, migrations)->Up(TestInstant(), false);
    ended = true;
  });
  const auto waits = [&] {
    return !database
                .Exec(
                    "SELECT FROM pg_locks WHERE NOT granted AND relation ="
                    " 'kakunin.confirmation'::regclass AND database ="
                    " (SELECT oid FROM pg_database WHERE datname = current_database())")
                .empty();
  };
  while (!ended && !waits()) std::this_thread::yield();
  work.exec("LOCK kakunin.consent_act IN ROW SHARE MODE");
  work.commit();
  migrating.join();
  ASSERT_TRUE(applied.ok()) << applied.status();
  ASSERT_EQ(applied->size(), 1u);
  EXPECT_FALSE(database
                   .Exec("SELECT FROM information_schema.columns WHERE table_name = 'confirmation'"
                         " AND column_name = 'told_next'")
                   .empty());
}

TEST(Migrator, TellsWhatToDoWithoutTheRightToMakeASchema) {
  const TestDatabase database(TestDatabase::Start::kEmpty);
  database.Exec("ALTER DATABASE " + database.name() + " OWNER TO postgres");
  const auto migrator = Migrator::Connect(database.ConnInfo("kakunin_migrate"));
  EXPECT_EQ(migrator.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(migrator.status().message().find("OWNER kakunin_migrate"), std::string::npos);
}

TEST(Migrator, TellsWhenNobodyAnswers) {
  const auto migrator = Migrator::Connect("host=/nonexistent dbname=kakunin");
  EXPECT_EQ(migrator.status().code(), absl::StatusCode::kUnavailable);
}

TEST(Migrator, VerifyFindsForeignOwners) {
  const TestDatabase database;
  database.Exec("ALTER TABLE kakunin.alarm OWNER TO postgres");
  const auto findings = Connect(database)->Verify();
  ASSERT_TRUE(findings.ok());
  ASSERT_EQ(findings->size(), 2u);  // the table and its key's index
  EXPECT_EQ(findings->front(), "kakunin.alarm is not owned by kakunin_owner");
}

}  // namespace
}  // namespace kakunin
