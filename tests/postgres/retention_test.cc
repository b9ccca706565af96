// What retention drops, kind by kind, at -1, 0 and +1 of the day or month; what it leaves true.
#include "storage/postgres/retention.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <pqxx/pqxx>

#include "domain/civil_day.h"
#include "server/rpc/record_octets.h"
#include "storage/postgres/month_records.h"
#include "storage/store_error.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;
using Month = absl::CivilMonth;
using Rows = std::map<std::string, int64_t>;  // by object, without those of 0

constexpr char kReviewer[] = "113";
constexpr char kPerson[] = "00000000-0000-0000-0000-00000000000a";

StagedCoverage Lost(const std::string& reference, int who, std::optional<Day> loss,
                    RowAction action = RowAction::kNew) {
  StagedCoverage row = SampleRow(kInsurerA, reference, who, action);
  row.record.disqualification_date = loss;
  return row;
}

StagedReceipt ReceiptRow(const std::string& reference, int who, Month month,
                         DrugSource source = DrugSource::kReceipt, int prescribed = 5) {
  Receipt receipt;
  receipt.reviewer_number = kReviewer;
  receipt.reference = reference;
  receipt.treatment_month = month;
  receipt.source = source;
  receipt.facility = {"1310000019", "試験診療所"};
  receipt.drug_days = {{.dispensing_day = {},
                        .prescribing_day = Day(month.year(), month.month(), prescribed),
                        .drugs = {{.code = "620000001", .name = "薬", .times = 7}}}};
  if (source == DrugSource::kReceipt) {
    receipt.treatments = {
        {.code = "112007410", .name = "再診料", .times = 1, .days = {Day(month) + 3}},
        {.code = "150000001", .name = "手術", .times = 1, .days = {Day(month)}, .surgery = true}};
  }
  return {.action = RowAction::kNew, .individual = SampleNumber(who), .record = receipt};
}

StagedHealthCheck CheckRow(const std::string& reference, int who, Day day) {
  HealthCheck check;
  check.registrar_number = kInsurerA;
  check.registrar_name = "試験用の保険者";
  check.reference = reference;
  check.examination_day = day;
  check.facility = {"1310000019", "試験診療所"};
  check.items = {{.code = "9A755000000000001", .data_type = "PQ", .value = "128", .unit = "mmHg"}};
  return {.action = RowAction::kNew, .individual = SampleNumber(who), .record = check};
}

template <class Record>
Staged<Record> Hidden(Staged<Record> row) {
  row.individual.reset();
  return row;
}

class RetentionTest : public testing::Test {
 protected:
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }
  static Rows Of(const std::vector<RetentionItem>& items) {
    Rows rows;
    for (const RetentionItem& item : items) {
      if (item.rows > 0) rows[item.object] += item.rows;
      EXPECT_FALSE(item.rule.empty());
    }
    return rows;
  }
  Rows Plan(Day day) {
    const auto items = retention_.Plan(day);
    EXPECT_TRUE(items.ok()) << items.status();
    return items.ok() ? Of(*items) : Rows();
  }
  // Apply drops what Plan tells, and no more: everything that was copied equals the truth.
  Rows Apply(Day day) {
    const Rows planned = Plan(day);
    const auto run = retention_.Apply(day, "tester", StartOfDay(day) + absl::Hours(3));
    EXPECT_TRUE(run.ok()) << run.status() << ' ' << SqlStateOf(run.status());
    if (!run.ok()) return {};
    EXPECT_EQ(Of(run->items), planned);
    EXPECT_EQ(run->by, "tester");
    EXPECT_EQ(run->day, day);
    EXPECT_TRUE(run->ended);
    EXPECT_EQ(Plan(day), Rows());
    ExpectCopiesTrue();
    return planned;
  }
  void ExpectCopiesTrue() {
    const absl::Status status = pool_->Read(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto months = CompareMonthRecords(tx, CopiesOfThisFormat());
      if (!months.ok()) return months.status();
      EXPECT_EQ(months->differ + months->missing + months->unfounded, 0);
      const auto answers = CompareAnswers(tx, CopiesOfThisFormat().answer);
      if (!answers.ok()) return answers.status();
      EXPECT_EQ(answers->answers_differ, 0);
      EXPECT_EQ(answers->lookups_missing + answers->lookups_unfounded, 0);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  // An act that agrees to drugs at the facility of its number: another act does not replace it.
  void Act(const std::string& begin, const std::string& end, int number) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.consent_act (person_id, begin_at, stream, number, facility_code,"
        " form_of_care, agreed, declined, method, end_at) VALUES ('{0}', '{1}', '{0}', {3},"
        " '131000000{3}', 2, 1, 0, 1, '{2}')",
        kPerson, begin, end, number));
  }
  void End(const std::string& at, int number) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.consent_end (person_id, at, stream, number, facility_code,"
        " form_of_care, kinds, reason) VALUES ('{0}', '{1}', '{0}', {2}, '1310000001', 2, 63, 1)",
        kPerson, at, number));
  }

  const TestDatabase database_;
  FeedDriver coverages_{database_, kInsurerA, FeedKind::kCoverages, CopiesOfThisFormat()};
  FeedDriver receipts_{database_, kReviewer, FeedKind::kReceipts, CopiesOfThisFormat()};
  FeedDriver checks_{database_, kInsurerA, FeedKind::kHealthChecks, CopiesOfThisFormat()};
  const std::unique_ptr<PostgresDatabase> pool_ = database_.Open("kakunin_migrate", 1);
  Retention retention_{*pool_, CopiesOfThisFormat(), {}, [](std::string_view, int64_t) {}};
};

TEST_F(RetentionTest, CoveragesGoTenYearsAfterTheirLossWithLookUpsAndAnswers) {
  const Day edge(2016, 5, 10);  // kept through 2026-05-10
  StagedCoverage shared = Lost("shared", 5, {});
  shared.record.key_without_branch = SampleKey(100);
  StagedCoverage old = Lost("old", 5, edge - 1);
  old.record.key_without_branch = SampleKey(100);
  old.record.key_with_branch = SampleKey(101);
  coverages_.Deliver(1, std::vector{Lost("A", 1, edge - 1), Lost("B", 2, edge),
                                    Lost("C", 3, edge + 1), Lost("D", 4, {}), shared, old});
  StagedCoverage changed = Lost("A", 1, edge - 1, RowAction::kChanged);
  changed.record.address = "大阪府";
  coverages_.Deliver(2, std::vector{changed});
  ASSERT_EQ(Count("insured_lookup"), 11);  // two a coverage; the shared one counts once

  EXPECT_EQ(Apply(Day(2026, 5, 9)), Rows());
  EXPECT_EQ(Apply(Day(2026, 5, 10)), (Rows{{"coverage", 3}}));  // both versions of A, and "old"
  EXPECT_EQ(Count("coverage WHERE coverage_reference IN ('A', 'old')"), 0);
  EXPECT_EQ(Count("coverage_by_reference"), 4);
  // A's two keys are gone; of "old" the one that "shared" has, too, stays.
  EXPECT_EQ(Count("insured_lookup"), 8);
  EXPECT_EQ(Apply(Day(2026, 5, 11)), (Rows{{"coverage", 1}}));
  EXPECT_EQ(Apply(Day(2026, 5, 12)), (Rows{{"coverage", 1}}));
  EXPECT_EQ(Apply(Day(2126, 5, 12)), Rows());
  EXPECT_EQ(Count("coverage"), 2);
  // The reference is free again: what is delivered under it is new.
  EXPECT_EQ(coverages_.Deliver(3, std::vector{Lost("A", 1, {})}).new_rows, 1);
  ExpectCopiesTrue();
}

TEST_F(RetentionTest, ACoverageWhoseFeedWasUndoneGoesTenYearsAfterThat) {
  const FeedId id = coverages_.Stage(1, std::vector{Lost("A", 1, {})});
  ASSERT_TRUE(coverages_.Publish(id, StartOfDay(Day(2026, 5, 9))).ok());
  const absl::Status undone = coverages_.pool().Write(Soon(), [&](Transaction& tx) {
    const auto feed = coverages_.store().Find(tx, kInsurerA, id, true);
    return coverages_.store()
        .Undo(tx, **feed, StartOfDay(Day(2026, 5, 10)), CopiesOfThisFormat(), UndoMode::kUntouched)
        .status();
  });
  ASSERT_TRUE(undone.ok()) << undone;
  ASSERT_EQ(Count("coverage_reference_past"), 1);
  const Day edge(2036, 5, 10);  // the last on which it is kept
  EXPECT_EQ(Apply(edge), Rows());
  EXPECT_EQ(Apply(edge + 1), (Rows{{"coverage", 1}}));
  EXPECT_EQ(Count("coverage_reference_past"), 0);
}

TEST_F(RetentionTest, ARowWhoseCoverageWentIsNoLongerKnownByItsHash) {
  StagedCoverage row = Lost("A", 1, Day(2016, 5, 10));
  row.row_hash = SampleKey(1000);
  const auto is_known = [&] {
    bool known = false;
    const absl::Status status = coverages_.pool().Read(Soon(), [&](Transaction& tx) {
      const std::vector<ToldRow> told = {{0, "A", *row.row_hash}};
      const auto found = coverages_.store().FindUnchanged(tx, kInsurerA, told);
      if (found.ok()) known = found->at(0);
      return found.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return known;
  };
  coverages_.Deliver(1, std::vector{row});
  EXPECT_TRUE(is_known());
  EXPECT_EQ(Apply(Day(2026, 5, 11)), (Rows{{"coverage", 1}}));
  EXPECT_FALSE(is_known());
  EXPECT_EQ(coverages_.Deliver(2, std::vector{row}).new_rows, 1);
}

TEST_F(RetentionTest, HealthChecksGoFiveYearsAfterTheirDay) {
  const Day edge(2024, 2, 29);  // kept through 2029-02-28
  checks_.Deliver(1, std::vector{CheckRow("A", 1, edge - 1), CheckRow("B", 1, edge),
                                 CheckRow("C", 1, edge + 1), CheckRow("D", 2, edge)});
  EXPECT_EQ(Apply(Day(2029, 2, 28)), Rows());  // 2024-02-28 is kept on this day
  EXPECT_EQ(Apply(Day(2029, 3, 1)), (Rows{{"health_check", 3}}));
  EXPECT_EQ(Count("health_check_by_reference"), 1);
  EXPECT_EQ(Count("month_record"), 1);
  EXPECT_EQ(Apply(Day(2029, 3, 2)), (Rows{{"health_check", 1}}));
  EXPECT_EQ(Count("month_record"), 0);
}

TEST_F(RetentionTest, OneDayOfAMonthsHealthChecksGoesAndTheOthersAreShown) {
  checks_.Deliver(
      1, std::vector{CheckRow("A", 1, Day(2024, 4, 10)), CheckRow("B", 1, Day(2024, 4, 11))});
  EXPECT_EQ(Apply(Day(2029, 4, 10)), Rows());
  EXPECT_EQ(Apply(Day(2029, 4, 11)), (Rows{{"health_check", 1}}));
  EXPECT_EQ(Count("month_record"), 1);
}

TEST_F(RetentionTest, TwinsGoAfterAHundredDaysAndTheirReceiptStays) {
  const Month month(2026, 3);
  receipts_.Deliver(1, std::vector{ReceiptRow("R", 1, month),
                                   ReceiptRow("A", 1, month, DrugSource::kPrescription, 4),
                                   ReceiptRow("B", 1, month, DrugSource::kPrescription, 5),
                                   ReceiptRow("C", 1, month, DrugSource::kDispensing, 6),
                                   ReceiptRow("D", 2, month, DrugSource::kPrescription, 4)});
  const Day edge = Day(2026, 3, 5) + 100;  // the last on which B is kept
  EXPECT_EQ(Apply(edge - 1), Rows());
  EXPECT_EQ(Apply(edge), (Rows{{"receipt", 2}}));
  EXPECT_EQ(Count("month_record"), 3);  // nothing is left of D
  EXPECT_EQ(Count("receipt_by_reference"), 3);
  EXPECT_EQ(Apply(edge + 1), (Rows{{"receipt", 1}}));
  EXPECT_EQ(Apply(edge + 2), (Rows{{"receipt", 1}}));
  EXPECT_EQ(Count("receipt"), 1);
  EXPECT_EQ(Count("receipt_by_reference"), 1);
}

TEST_F(RetentionTest, AMonthOfReceiptsGoesWholeWithItsPartitionAndItsCopies) {
  receipts_.Deliver(
      1, std::vector{ReceiptRow("A", 1, Month(2026, 2)), ReceiptRow("B", 1, Month(2026, 3)),
                     ReceiptRow("C", 2, Month(2026, 2))});
  EXPECT_EQ(Plan(Day(2031, 2, 28)), Rows());
  EXPECT_EQ(Apply(Day(2031, 3, 1)), (Rows{{"receipt_2026_02", 2}, {"month_record", 6}}));
  EXPECT_EQ(
      database_.Exec("SELECT to_regclass('kakunin.receipt_2026_02') IS NULL")[0][0].as<bool>(),
      true);
  EXPECT_EQ(Count("receipt"), 1);
  EXPECT_EQ(Count("receipt_by_reference"), 1);
  EXPECT_EQ(Count("month_record"), 3);
}

TEST_F(RetentionTest, RowsOfAMonthThatWasNeverMadeGoWithIt) {
  receipts_.Deliver(1, std::vector{ReceiptRow("A", 1, Month(2025, 12))});
  ASSERT_EQ(Count("receipt_default"), 1);
  EXPECT_EQ(Plan(Day(2030, 12, 31)), Rows());
  EXPECT_EQ(Apply(Day(2031, 1, 1)), (Rows{{"receipt_2025_12", 1}, {"month_record", 3}}));
  EXPECT_EQ(Count("receipt_default"), 0);
}

TEST_F(RetentionTest, MonthsOfInstantsAreCutInUtcAndGoADayLater) {
  // The last microsecond of April in UTC is 1 May, 08:59:59 in Japan.
  for (const char* at :
       {"2026-04-01 00:00:00Z", "2026-04-30 23:59:59.999999Z", "2026-05-01 00:00:00Z"}) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.confirmation VALUES ('{0}', '{1}', '{0}', 1, '1310000001',"
        " '2026-04-30', 1, '{0}');"
        "INSERT INTO kakunin.no_match_inquiry VALUES ('06139992', '{0}', '{1}', '{0}', 1,"
        " '1310000001', '2026-04-30');"
        "INSERT INTO kakunin.record_access VALUES ('{0}', '{1}', '{0}', 1, '1310000001', '', 50,"
        " '');"
        "INSERT INTO kakunin.facility_access VALUES ('1310000001', '{1}', '{0}', 1, 'T1', '', 1,"
        " 50, 0, '', 0, '1=SHOWN', '{0}')",
        kPerson, at));
  }
  EXPECT_EQ(Plan(Day(2036, 5, 1)), Rows());
  const Rows past = {{"confirmation_2026_04", 2},
                     {"no_match_inquiry_2026_04", 2},
                     {"record_access_2026_04", 2},
                     {"facility_access_2026_04", 2}};
  EXPECT_EQ(Apply(Day(2036, 5, 2)), past);
  EXPECT_EQ(Count("confirmation"), 1);
  EXPECT_EQ(Count("no_match_inquiry"), 1);
  EXPECT_EQ(Count("record_access"), 1);
  EXPECT_EQ(Count("facility_access"), 1);
}

TEST_F(RetentionTest, ConsentsGoFiveYearsAfterTheirEndAtMidnightInJapan) {
  // 15:00 UTC is midnight in Japan: the first ended on 2021-11-19, the others on the 20th.
  Act("2021-11-18 14:59:59Z", "2021-11-19 14:59:59Z", 1);
  Act("2021-11-18 15:00:00Z", "2021-11-19 15:00:00Z", 2);
  Act("2021-11-18 15:00:01Z", "2021-11-19 15:00:01Z", 3);
  EXPECT_EQ(Apply(Day(2026, 11, 19)), Rows());
  EXPECT_EQ(Apply(Day(2026, 11, 20)), (Rows{{"consent_act", 1}}));
  EXPECT_EQ(Count("consent_act WHERE number = 1"), 0);
  EXPECT_EQ(Apply(Day(2026, 11, 21)), (Rows{{"consent_act", 2}}));
}

TEST_F(RetentionTest, AConsentThatRunsStaysAndOneThatWasEndedGoesWithItsEnd) {
  Act("2016-04-01 00:00:00Z", "infinity", 1);
  EXPECT_EQ(Apply(Day(2090, 1, 1)), Rows());
  End("2021-11-20 00:00:00Z", 1);
  EXPECT_EQ(Apply(Day(2026, 11, 20)), Rows());
  EXPECT_EQ(Apply(Day(2026, 11, 21)), (Rows{{"consent_act", 1}, {"consent_end", 1}}));
}

TEST_F(RetentionTest, RowsThatNobodySeesGo) {
  coverages_.Deliver(
      1, std::vector{Hidden(Lost("A", 1, Day(2016, 5, 9))), Hidden(Lost("B", 2, Day(2016, 5, 10))),
                     Hidden(Lost("C", 3, {}))});
  // Replaced by a row with a number: what was hidden is reckoned from then.
  coverages_.Deliver(2, std::vector{Lost("C", 3, {}, RowAction::kChanged)});
  EXPECT_EQ(Apply(Day(2026, 5, 10)), (Rows{{"hidden_coverage", 1}}));
  EXPECT_EQ(Apply(Day(2026, 5, 11)), (Rows{{"hidden_coverage", 1}}));
  EXPECT_EQ(Plan(Day(2036, 4, 1)), Rows());
  EXPECT_EQ(Apply(Day(2036, 4, 2)), (Rows{{"hidden_coverage", 1}}));

  receipts_.Deliver(
      1, std::vector{Hidden(ReceiptRow("A", 1, Month(2026, 3))),
                     Hidden(ReceiptRow("B", 1, Month(2026, 3), DrugSource::kPrescription))});
  checks_.Deliver(7, std::vector{Hidden(CheckRow("A", 1, Day(2026, 3, 9)))});
  EXPECT_EQ(Plan(Day(2026, 7, 9)), Rows());
  EXPECT_EQ(Apply(Day(2026, 7, 10)), (Rows{{"hidden_receipt", 1}}));
  EXPECT_EQ(Plan(Day(2031, 3, 9)), Rows());
  EXPECT_EQ(Plan(Day(2031, 3, 10)), (Rows{{"hidden_health_check", 1}}));
  EXPECT_EQ(Apply(Day(2031, 4, 1)), (Rows{{"hidden_health_check", 1}, {"hidden_receipt", 1}}));
}

// As long as the confirmations of the month in which they were found, in UTC.
TEST_F(RetentionTest, NoticesGoWithTheirMonthAndTheWorkBehindThem) {
  for (const char* found : {"2026-04-30 23:59:59Z", "2026-05-01 00:00:00Z"}) {
    database_.Exec(fmt::format(
        "WITH w AS (INSERT INTO kakunin.notice_work VALUES (gen_random_uuid(), 1, '{0}',"
        " gen_random_uuid(), '{1}', '{1}', '{1}', '{1}') RETURNING work_id)"
        "INSERT INTO kakunin.notice SELECT '1312345678', extract(epoch FROM '{1}'::timestamptz),"
        " '{1}', work_id, 4, gen_random_uuid(), '2026-04-01', NULL, NULL, 256, '{1}' FROM w",
        kInsurerA, found));
  }
  EXPECT_EQ(Plan(Day(2036, 5, 1)), Rows());
  EXPECT_EQ(Plan(Day(2036, 5, 2)), (Rows{{"notice", 1}, {"notice_work", 1}}));
  EXPECT_EQ(Apply(Day(2036, 5, 31)), (Rows{{"notice", 1}, {"notice_work", 1}}));
  EXPECT_EQ(Plan(Day(2036, 6, 1)), Rows());
  EXPECT_EQ(Apply(Day(2036, 6, 2)), (Rows{{"notice", 1}, {"notice_work", 1}}));
}

// As long as the audit of the calls that raised it, in UTC months; nothing of a call goes with it.
TEST_F(RetentionTest, AlarmsGoWithTheMonthOfTheAuditOfTheirCalls) {
  for (const char* at : {"2026-04-30 23:59:59.999999Z", "2026-05-01 00:00:00Z"}) {
    database_.Exec(
        fmt::format("INSERT INTO kakunin.alarm (facility_code, terminal_id, hour, kind, at) VALUES"
                    " ('1312345678', 't-1', floor(extract(epoch FROM '{0}'::timestamptz) / 3600),"
                    " 'INQUIRY_LIMIT', '{0}')",
                    at));
  }
  EXPECT_EQ(Plan(Day(2036, 5, 1)), Rows());
  EXPECT_EQ(Plan(Day(2036, 5, 2)), (Rows{{"alarm", 1}}));
  EXPECT_EQ(Apply(Day(2036, 5, 31)), (Rows{{"alarm", 1}}));
  EXPECT_EQ(Plan(Day(2036, 6, 1)), Rows());
  EXPECT_EQ(Apply(Day(2036, 6, 2)), (Rows{{"alarm", 1}}));
  EXPECT_EQ(Count("alarm"), 0);
}

// As long as the looks at records that it opened, in UTC months, and as the audit.
TEST_F(RetentionTest, ViewsInAbnormalTimesGoWithTheMonthOfTheLooksThatTheyOpened) {
  for (const char* at : {"2026-04-30 23:59:59Z", "2026-05-01 00:00:00Z"}) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.abnormal_times_view VALUES (gen_random_uuid(), gen_random_uuid(),"
        " '{0}', '{0}', '1312345678', 't-1', 'u', 3, 192, 1, NULL, 1, NULL, gen_random_uuid(), 1)",
        at));
  }
  EXPECT_EQ(Plan(Day(2036, 5, 1)), Rows());
  EXPECT_EQ(Plan(Day(2036, 5, 2)), (Rows{{"abnormal_times_view", 1}}));
  EXPECT_EQ(Apply(Day(2036, 5, 31)), (Rows{{"abnormal_times_view", 1}}));
  EXPECT_EQ(Plan(Day(2036, 6, 1)), Rows());
  EXPECT_EQ(Apply(Day(2036, 6, 2)), (Rows{{"abnormal_times_view", 1}}));
}

// A look at records of the next month, which is kept a month longer, may rest on it.
TEST_F(RetentionTest, AViewAcrossTheEndOfAMonthStaysAsLongAsTheLastLookThatItMayOpen) {
  for (const char* ends :
       {"2026-04-30 23:59:59Z", "2026-05-01 00:00:00Z", "2026-05-01 00:30:00Z"}) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.abnormal_times_view VALUES (gen_random_uuid(), gen_random_uuid(),"
        " '2026-04-30 23:30:00Z', '{0}', '1312345678', 't-1', 'u', 3, 192, 1, NULL, 1, NULL,"
        " gen_random_uuid(), 1)",
        ends));
  }
  EXPECT_EQ(Apply(Day(2036, 5, 2)), (Rows{{"abnormal_times_view", 1}}));
  EXPECT_EQ(Plan(Day(2036, 6, 1)), Rows());
  EXPECT_EQ(Apply(Day(2036, 6, 2)), (Rows{{"abnormal_times_view", 2}}));
}

TEST_F(RetentionTest, AThreeYearPurgeNeverDropsAReceipt) {
  receipts_.Deliver(
      1, std::vector{ReceiptRow("A", 1, Month(2021, 9)), ReceiptRow("B", 1, Month(2022, 6))});
  for (const Day day :
       {Day(2023, 4, 1), Day(2024, 9, 30), Day(2024, 10, 1), Day(2024, 10, 2), Day(2026, 9, 30)}) {
    EXPECT_EQ(Plan(day), Rows()) << day;
  }
  EXPECT_EQ(Apply(Day(2026, 10, 1)), (Rows{{"receipt_2021_09", 1}, {"month_record", 3}}));
}

TEST_F(RetentionTest, PlanChangesNothing) {
  coverages_.Deliver(1, std::vector{Lost("A", 1, Day(2000, 1, 1))});
  receipts_.Deliver(1, std::vector{ReceiptRow("A", 1, Month(2026, 3))});
  const Rows planned = Plan(Day(2031, 4, 1));
  EXPECT_EQ(planned, (Rows{{"coverage", 1}, {"month_record", 3}, {"receipt_2026_03", 1}}));
  EXPECT_EQ(Plan(Day(2031, 4, 1)), planned);
  EXPECT_EQ(Count("retention_run"), 0);
  EXPECT_EQ(Count("retention_drop"), 0);
}

TEST_F(RetentionTest, ARunThatWasBrokenOffIsGoneOnWithAndCountsWhatItDropped) {
  coverages_.Deliver(1, std::vector{Lost("A", 1, Day(2000, 1, 1)), Lost("B", 2, Day(2000, 1, 1))});
  // Feeds are in the way of the first month: it gives up after its attempts.
  pqxx::connection other(database_.ConnInfo("postgres"));
  auto busy = std::make_unique<pqxx::work>(other);
  busy->exec("LOCK TABLE kakunin.receipt IN ROW EXCLUSIVE MODE");
  const Day day(2031, 4, 1);
  const auto first = retention_.Apply(day, "tester", StartOfDay(day));
  EXPECT_EQ(SqlStateOf(first.status()), "55P03") << first.status();
  busy.reset();
  auto history = retention_.History(10);
  ASSERT_TRUE(history.ok());
  ASSERT_EQ(history->size(), 1u);
  EXPECT_FALSE(history->front().ended);
  EXPECT_EQ(Count("coverage"), 2);

  const auto second = retention_.Apply(day, "somebody else", StartOfDay(day) + absl::Hours(1));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->id, history->front().id);
  EXPECT_EQ(Of(second->items), (Rows{{"coverage", 2}}));
  // The empty months that went are told, too.
  EXPECT_EQ(second->items.size(), 3u);
  EXPECT_EQ(second->items[0].object, "receipt_2026_02");
  EXPECT_EQ(second->items[0].month, Month(2026, 2));
  const auto third = retention_.Apply(day, "tester", StartOfDay(day) + absl::Hours(2));
  ASSERT_TRUE(third.ok());
  EXPECT_NE(third->id, second->id);
  EXPECT_TRUE(third->items.empty());
}

TEST_F(RetentionTest, AnyOtherRoleIsRefused) {
  for (const char* role : kTestRoles) {
    const auto pool = database_.Open(role, 1);
    Retention retention(*pool, CopiesOfThisFormat(), {}, [](std::string_view, int64_t) {});
    EXPECT_EQ(SqlStateOf(retention.Plan(Day(2031, 4, 1)).status()), "42501") << role;
    EXPECT_EQ(SqlStateOf(retention.Apply(Day(2031, 4, 1), "x", TestInstant()).status()), "42501")
        << role;
  }
}

}  // namespace
}  // namespace kakunin
