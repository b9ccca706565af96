#include <gtest/gtest.h>

#include "domain/retention.h"
#include "server/usecases/health_check_rows.h"
#include "server/usecases/receipt_rows.h"

namespace kakunin {
namespace {

constexpr char kReviewer[] = "113";
constexpr char kInsurer[] = "06139463";
constexpr char kLateElderly[] = "39131156";
constexpr char kNumber[] = "123456789018";  // its check digit is right
const absl::CivilDay kToday(2026, 6, 15);

const auth::HmacKey kNumberKey("number key of the test ........", "n");
const auth::HmacKey kLookUpKey("look-up key of the test .......", "l");
const auth::HmacKey kAuditKey("audit key of the test .........", "a");
const FeedKeys kKeys{kNumberKey, kLookUpKey, kAuditKey};

IncomingReceipt GoodReceipt() {
  IncomingReceipt row;
  row.individual_number = IndividualNumber::Parse(kNumber);
  row.record.reference = "R1";
  row.record.treatment_month = absl::CivilMonth(2026, 6);
  row.record.facility = {"1310000019", "試験診療所"};
  row.record.drug_days = {
      {absl::CivilDay(2026, 6, 15), absl::CivilDay(2026, 5, 31), {{.code = "620000001"}}}};
  row.record.treatments = {{.code = "112007410", .days = {absl::CivilDay(2026, 6, 1)}}};
  return row;
}

IncomingHealthCheck GoodCheck() {
  IncomingHealthCheck row;
  row.individual_number = IndividualNumber::Parse(kNumber);
  row.record.reference = "H1";
  row.record.examination_day = kToday;
  row.record.items = {{.code = "9A755000000000001", .data_type = "PQ", .value = "120"}};
  return row;
}

// Rows cannot be copied: they hold an individual number.
template <class Row>
std::vector<Row> ListOf(Row row) {
  std::vector<Row> list;
  list.push_back(std::move(row));
  return list;
}

// "FIELD reason" of every finding; empty: staged.
std::string FindingsOf(const std::vector<Finding>& findings) {
  std::string all;
  for (const Finding& finding : findings) all += finding.field + " " + finding.reason + ";";
  return all;
}
std::string JudgeRow(IncomingReceipt row) {
  const auto judged = JudgeReceipts(ListOf(std::move(row)), 1, kReviewer, kKeys, kToday);
  return FindingsOf(judged.findings);
}
std::string Judge(const Receipt& record, RowAction action = RowAction::kNew) {
  IncomingReceipt row = GoodReceipt();
  row.record = record;
  row.action = action;
  return JudgeRow(std::move(row));
}
std::string Judge(const HealthCheck& record, const std::string& insurer = kInsurer,
                  RowAction action = RowAction::kNew) {
  IncomingHealthCheck row = GoodCheck();
  row.record = record;
  row.action = action;
  const auto judged = JudgeHealthChecks(ListOf(std::move(row)), 1, insurer, kKeys, kToday);
  return FindingsOf(judged.findings);
}

TEST(JudgeReceipts, AGoodRowIsStagedUnderTheReviewerOfTheCertificate) {
  const auto judged = JudgeReceipts(ListOf(GoodReceipt()), 1, kReviewer, kKeys, kToday);
  ASSERT_EQ(judged.staged.size(), 1u);
  EXPECT_TRUE(judged.findings.empty());
  EXPECT_EQ(judged.staged[0].record.reviewer_number, kReviewer);
  EXPECT_EQ(judged.staged[0].individual->hash, kNumberKey.Mac(std::string_view(kNumber)));
}

TEST(JudgeReceipts, MonthsReachFromThePresentOneBackOverWhatIsKept) {
  const auto in_month = [](absl::CivilMonth month) {
    IncomingReceipt row = GoodReceipt();
    row.record.treatment_month = month;
    row.record.drug_days.clear();
    row.record.treatments[0].days.clear();
    return Judge(row.record);
  };
  const absl::CivilMonth present(kToday);
  EXPECT_EQ(in_month(present), "");
  EXPECT_EQ(in_month(present + 1), "treatment_month DATE_IN_FUTURE;");
  const absl::CivilMonth first = FirstReceiptMonthKept(kToday, RetentionRules{});
  EXPECT_EQ(first, present - 60);
  EXPECT_EQ(in_month(first), "");
  EXPECT_EQ(in_month(first - 1), "treatment_month MONTH_NOT_KEPT;");
}

TEST(JudgeReceipts, DaysLieInTheMonthAndNotAfterToday) {
  const auto dispensed = [](absl::CivilDay day) {
    IncomingReceipt row = GoodReceipt();
    row.record.drug_days[0].dispensing_day = day;
    return Judge(row.record);
  };
  EXPECT_EQ(dispensed(absl::CivilDay(2026, 6, 1)), "");
  EXPECT_EQ(dispensed(kToday), "");
  EXPECT_EQ(dispensed(kToday + 1), "drug_days[0].dispensing_date DATE_IN_FUTURE;");
  EXPECT_EQ(dispensed(absl::CivilDay(2026, 5, 31)),
            "drug_days[0].dispensing_date DAY_OUTSIDE_MONTH;");
  IncomingReceipt late = GoodReceipt();
  late.record.drug_days[0].dispensing_day = absl::CivilDay(2026, 6, 2);
  late.record.drug_days[0].prescribing_day = absl::CivilDay(2026, 6, 3);
  EXPECT_EQ(Judge(late.record), "drug_days[0].prescribing_date DATE_ORDER_IMPOSSIBLE;");
  IncomingReceipt treated = GoodReceipt();
  treated.record.treatments[0].days.push_back(absl::CivilDay(2026, 7, 1));
  EXPECT_EQ(Judge(treated.record), "treatments[0].dates[1] DAY_OUTSIDE_MONTH;");
}

TEST(JudgeReceipts, OnlyAPrescriptionHasNoDayOfDispensing) {
  IncomingReceipt row = GoodReceipt();
  row.record.treatments.clear();
  row.record.drug_days[0].dispensing_day.reset();
  row.record.drug_days[0].prescribing_day = absl::CivilDay(2026, 6, 2);
  EXPECT_EQ(Judge(row.record), "drug_days[0].dispensing_date FIELD_MISSING;");
  row.record.source = DrugSource::kPrescription;
  EXPECT_EQ(Judge(row.record), "");
  row.record.drug_days[0].prescribing_day = absl::CivilDay(2026, 5, 31);
  EXPECT_EQ(Judge(row.record), "drug_days[0].prescribing_date DAY_OUTSIDE_MONTH;");
  row.record.drug_days[0].prescribing_day = absl::CivilDay(2026, 6, 2);
  row.record.treatments = GoodReceipt().record.treatments;
  EXPECT_EQ(Judge(row.record), "treatments FIELD_MALFORMED;");
}

TEST(JudgeReceipts, CodesHaveNineDigits) {
  for (const char* code : {"62000000", "6200000011", "62000000A"}) {
    IncomingReceipt row = GoodReceipt();
    row.record.drug_days[0].drugs[0].code = code;
    row.record.treatments[0].code = code;
    EXPECT_EQ(Judge(row.record),
              "drug_days[0].drugs[0].code FIELD_MALFORMED;treatments[0].code FIELD_MALFORMED;");
  }
  IncomingReceipt row = GoodReceipt();
  row.record.drug_days[0].drugs[0].code.clear();
  EXPECT_EQ(Judge(row.record), "drug_days[0].drugs[0].code FIELD_MISSING;");
}

TEST(JudgeReceipts, AClaimOfNothingIsNone) {
  IncomingReceipt row = GoodReceipt();
  row.record.drug_days[0].drugs.clear();
  EXPECT_EQ(Judge(row.record), "drug_days[0].drugs FIELD_MISSING;");
  row.record.drug_days.clear();
  row.record.treatments.clear();
  EXPECT_EQ(Judge(row.record), "drug_days FIELD_MISSING;");
  // Of a lost one only the names are meant.
  EXPECT_EQ(Judge(row.record, RowAction::kLost), "");
}

TEST(JudgeReceipts, TheNumberIsCheckedAndItsAbsenceHides) {
  IncomingReceipt wrong = GoodReceipt();
  wrong.individual_number = IndividualNumber::Parse("123456789012");
  EXPECT_EQ(JudgeRow(std::move(wrong)), "individual_number INDIVIDUAL_NUMBER_INVALID;");
  IncomingReceipt none = GoodReceipt();
  none.individual_number.reset();
  const auto judged = JudgeReceipts(ListOf(std::move(none)), 1, kReviewer, kKeys, kToday);
  EXPECT_EQ(FindingsOf(judged.findings), "individual_number NO_INDIVIDUAL_NUMBER;");
  ASSERT_EQ(judged.staged.size(), 1u);
  EXPECT_FALSE(judged.staged[0].individual.has_value());
}

TEST(JudgeHealthChecks, TheProgrammeIsTheRegistrars) {
  IncomingHealthCheck row = GoodCheck();
  EXPECT_EQ(Judge(row.record, kInsurer), "");
  EXPECT_EQ(Judge(row.record, kLateElderly), "programme PROGRAMME_NOT_OF_REGISTRAR;");
  row.record.programme = HealthCheckProgramme::kLateElderly;
  EXPECT_EQ(Judge(row.record, kInsurer), "programme PROGRAMME_NOT_OF_REGISTRAR;");
  EXPECT_EQ(Judge(row.record, kLateElderly), "");
}

TEST(JudgeHealthChecks, NothingIsExaminedTomorrow) {
  IncomingHealthCheck row = GoodCheck();
  row.record.examination_day = kToday + 1;
  EXPECT_EQ(Judge(row.record), "examination_date DATE_IN_FUTURE;");
  EXPECT_EQ(Judge(row.record, kInsurer, RowAction::kLost), "");
}

TEST(JudgeHealthChecks, ItemCodesHaveSeventeenCharactersAndAKnownType) {
  IncomingHealthCheck row = GoodCheck();
  row.record.items.push_back({.code = "9A75500000000001", .data_type = "PQ"});
  row.record.items.push_back({.code = "9a755000000000001", .data_type = "XX"});
  EXPECT_EQ(Judge(row.record),
            "items[1].code FIELD_MALFORMED;items[2].code FIELD_MALFORMED;"
            "items[2].data_type FIELD_MALFORMED;");
  row.record.items.clear();
  EXPECT_EQ(Judge(row.record), "items FIELD_MISSING;");
}

}  // namespace
}  // namespace kakunin
