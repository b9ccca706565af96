#include "storage/postgres/partitions.h"

#include <gtest/gtest.h>

#include "storage/postgres/migrator.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

using Names = std::vector<std::string>;

absl::Time Utc(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second),
                         absl::UTCTimeZone());
}

PartitionReport ReadAs(const TestDatabase& database, const std::string& role, absl::Time now) {
  PartitionReport report;
  const auto pool = database.Open(role);
  const absl::Status status = pool->Read(Soon(), [&](Transaction& tx) {
    auto read = ReadPartitions(tx, now);
    if (read.ok()) report = *std::move(read);
    return read.status();
  });
  EXPECT_TRUE(status.ok()) << status;
  return report;
}

std::string PartitionOf(const TestDatabase& database, const std::string& at) {
  return database
      .Exec("INSERT INTO kakunin.confirmation VALUES (gen_random_uuid(), '" + at +
            "', gen_random_uuid(), 1, '1312345678', '2026-04-01', 1, gen_random_uuid())"
            " RETURNING tableoid::regclass::text")[0][0]
      .c_str();
}

TEST(Partitions, MonthsReachThreeAheadAndCutInUtc) {
  const TestDatabase database;
  EXPECT_EQ(PartitionOf(database, "2026-03-31T23:59:59.999999Z"), "kakunin.confirmation_default");
  EXPECT_EQ(PartitionOf(database, "2026-04-01T00:00:00Z"), "kakunin.confirmation_2026_04");
  EXPECT_EQ(PartitionOf(database, "2026-04-30T23:59:59.999999Z"), "kakunin.confirmation_2026_04");
  EXPECT_EQ(PartitionOf(database, "2026-05-01T00:00:00Z"), "kakunin.confirmation_2026_05");
  EXPECT_EQ(PartitionOf(database, "2026-07-31T23:59:59.999999Z"), "kakunin.confirmation_2026_07");
  EXPECT_EQ(PartitionOf(database, "2026-08-01T00:00:00Z"), "kakunin.confirmation_default");
}

TEST(Partitions, AnyServingRoleSeesHowManyDaysAreLeft) {
  const TestDatabase database;
  for (const char* role : {"kakunin_terminal", "kakunin_insurer", "kakunin_operator"}) {
    EXPECT_EQ(ReadAs(database, role, Utc(2026, 7, 18)).days_left, 14);
    EXPECT_EQ(ReadAs(database, role, Utc(2026, 7, 18, 0, 0, 1)).days_left, 13);
    EXPECT_EQ(ReadAs(database, role, Utc(2026, 7, 31, 23, 59, 59)).days_left, 0);
    EXPECT_EQ(ReadAs(database, role, Utc(2026, 8, 1)).days_left, 0);
  }
}

TEST(Partitions, TheShortestTableCounts) {
  const TestDatabase database;
  database.Exec("DROP TABLE kakunin.confirmation_2026_06");
  EXPECT_EQ(ReadAs(database, "kakunin_terminal", Utc(2026, 5, 1)).days_left, 31);
}

TEST(Partitions, RowsInADefaultPartitionAreReported) {
  const TestDatabase database;
  EXPECT_EQ(ReadAs(database, "kakunin_job", TestInstant()).default_holds_rows, Names());
  PartitionOf(database, "2026-09-15T00:00:00Z");
  EXPECT_EQ(ReadAs(database, "kakunin_job", TestInstant()).default_holds_rows,
            Names{"confirmation"});
}

TEST(Partitions, MakingMonthsEmptiesTheDefaultPartitionsWhateverTheirMonths) {
  const TestDatabase database;
  PartitionOf(database, "2019-12-31T23:59:59Z");
  PartitionOf(database, "2031-01-01T00:00:00Z");
  PartitionOf(database, "2031-01-31T23:59:59Z");
  auto migrator = Migrator::Connect(database.ConnInfo("kakunin_migrate"));
  ASSERT_TRUE(migrator.ok());
  const auto report = (*migrator)->Partitions(1, TestInstant(), 0);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->created, (Names{"confirmation_2019_12", "confirmation_2031_01"}));
  EXPECT_EQ(report->default_holds_rows, Names());
  EXPECT_EQ(database.Exec("SELECT FROM kakunin.confirmation_2031_01").size(), 2u);
}

TEST(Partitions, MakingALateMonthMovesItsRowsOutOfTheDefaultPartition) {
  const TestDatabase database;
  PartitionOf(database, "2026-09-15T00:00:00Z");
  auto migrator = Migrator::Connect(database.ConnInfo("kakunin_migrate"));
  ASSERT_TRUE(migrator.ok());
  const auto report = (*migrator)->Partitions(1, Utc(2026, 8, 20), 0);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->created,
            (Names{"audit_event_2026_08", "audit_event_2026_09", "confirmation_2026_08",
                   "confirmation_2026_09", "facility_access_2026_08", "facility_access_2026_09",
                   "no_match_inquiry_2026_08", "no_match_inquiry_2026_09", "receipt_2026_08",
                   "receipt_2026_09", "record_access_2026_08", "record_access_2026_09"}));
  EXPECT_EQ(report->days_left, 42);
  EXPECT_EQ(report->default_holds_rows, Names());
  EXPECT_EQ(database.Exec("SELECT FROM kakunin.confirmation_2026_09").size(), 1u);
  EXPECT_EQ((*migrator)->Partitions(1, Utc(2026, 8, 20), 0)->created, Names());
  EXPECT_EQ(*(*migrator)->Verify(), Names());
}

TEST(Partitions, ReceiptsHaveEveryMonthThatIsKept) {
  const TestDatabase database;
  auto migrator = Migrator::Connect(database.ConnInfo("kakunin_migrate"));
  ASSERT_TRUE(migrator.ok());
  ASSERT_TRUE((*migrator)->Partitions(3, TestInstant()).ok());
  const auto months = database.Exec(
      "SELECT min(relname), max(relname), count(*) FROM pg_class WHERE relkind = 'r' AND"
      " relname ~ '^receipt_2'");
  EXPECT_STREQ(months[0][0].c_str(), "receipt_2021_04");
  EXPECT_STREQ(months[0][1].c_str(), "receipt_2026_07");
  EXPECT_EQ(months[0][2].as<int>(), 60 + 1 + 3);
}

TEST(Partitions, AMonthHasTheIndexesOfItsTable) {
  const TestDatabase database;
  EXPECT_EQ(database
                .Exec("SELECT FROM pg_index WHERE indrelid ="
                      " 'kakunin.audit_event_2026_05'::regclass AND indexrelid IN (SELECT inhrelid"
                      " FROM pg_inherits)")
                .size(),
            2u);
}

}  // namespace
}  // namespace kakunin
