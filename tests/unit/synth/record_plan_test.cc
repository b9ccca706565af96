#include "server/synth/record_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "server/synth/record_table.h"
#include "server/synth/test_persons.h"
#include "server/synth/test_records.h"

namespace kakunin::synth {
namespace {

constexpr absl::CivilDay kToday(2026, 11, 21);

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

struct Records {
  std::vector<std::pair<size_t, v1::ReceiptRow>> receipts;
  std::vector<std::pair<size_t, v1::HealthCheckRow>> checks;

  RecordSinks Sinks() {
    return {.receipt = [this](size_t reviewer,
                              const v1::ReceiptRow& row) { receipts.emplace_back(reviewer, row); },
            .health_check =
                [this](size_t insurer, const v1::HealthCheckRow& row) {
                  checks.emplace_back(insurer, row);
                }};
  }
};

Records RecordsOf(const NationOptions& options) {
  Records records;
  Nation(options).ForEachRecord(records.Sinks(), {});
  return records;
}

Records RecordsOfTestPerson(const std::string& id) {
  Records all;
  EmitTestRecords(kToday, all.Sinks());
  const std::string number = FindTestPerson(kToday, id).individual_number;
  Records mine;
  for (auto& entry : all.receipts) {
    if (entry.second.individual_number() == number) mine.receipts.push_back(entry);
  }
  for (auto& entry : all.checks) {
    if (entry.second.individual_number() == number) mine.checks.push_back(entry);
  }
  return mine;
}

const NationOptions kSmall{.seed = 3, .persons = 600, .records_for = 500, .today = kToday};

TEST(EmitRecords, TheSameSeedAndDayGiveTheSameRows) {
  const Records once = RecordsOf(kSmall);
  const Records again = RecordsOf(kSmall);
  ASSERT_EQ(once.receipts.size(), again.receipts.size());
  for (size_t i = 0; i < once.receipts.size(); ++i) {
    ASSERT_EQ(once.receipts[i].second.SerializeAsString(),
              again.receipts[i].second.SerializeAsString());
  }
  ASSERT_EQ(once.checks.size(), again.checks.size());
  EXPECT_GT(once.receipts.size(), 5'000u);
  EXPECT_GT(once.checks.size(), 300u);
}

TEST(EmitRecords, APersonsRecordsDoNotDependOnHowManyHaveThem) {
  NationOptions fewer = kSmall;
  fewer.records_for = 100;
  const Records few = RecordsOf(fewer);
  const Records many = RecordsOf(kSmall);
  for (size_t i = 0; i < few.receipts.size(); ++i) {
    ASSERT_EQ(few.receipts[i].second.receipt_reference(),
              many.receipts[i].second.receipt_reference());
  }
}

TEST(EmitRecords, ReferencesAreUniqueAndDaysLieInTheirMonth) {
  std::set<std::string> references;
  for (const auto& [reviewer, row] : RecordsOf(kSmall).receipts) {
    ASSERT_LE(row.receipt_reference().size(), 40u);
    ASSERT_TRUE(references.insert(row.receipt_reference()).second) << row.receipt_reference();
    ASSERT_FALSE(row.drug_days().empty() && row.treatments().empty());
    for (const v1::DrugDay& day : row.drug_days()) {
      const absl::CivilDay given =
          DayOf(day.has_dispensing_date() ? day.dispensing_date() : day.prescribing_date());
      ASSERT_LE(given, kToday);
      ASSERT_EQ(absl::FormatCivilTime(absl::CivilMonth(given)), row.treatment_month());
      for (const v1::Drug& drug : day.drugs()) ASSERT_EQ(drug.code().size(), 9u);
    }
  }
}

// Receipts of October have arrived by 21 November, those of November have not; the e-prescription
// service knows of a hundred days.
TEST(EmitRecords, ReceiptsLagAndTheTwinsDoNot) {
  std::string newest;
  std::string newest_twin;
  std::map<v1::DrugSource, int> twins;
  for (const auto& [reviewer, row] : RecordsOf(kSmall).receipts) {
    ++twins[row.source()];
    std::string& latest = row.source() == v1::DRUG_SOURCE_RECEIPT ? newest : newest_twin;
    latest = std::max(latest, row.treatment_month());
    if (row.source() == v1::DRUG_SOURCE_RECEIPT) continue;
    ASSERT_LT(kToday - DayOf(row.drug_days(0).prescribing_date()), 100);
    ASSERT_EQ(row.drug_days(0).has_dispensing_date(), row.source() == v1::DRUG_SOURCE_DISPENSING);
  }
  EXPECT_EQ(newest, "2026-10");
  EXPECT_EQ(newest_twin, "2026-11");
  EXPECT_EQ(twins[v1::DRUG_SOURCE_DISPENSING], twins[v1::DRUG_SOURCE_PRESCRIPTION]);
  EXPECT_GT(twins[v1::DRUG_SOURCE_PRESCRIPTION], 50);
}

TEST(EmitRecords, CheckUpsAreTheInsurersBefore75AndTheAssociationsFromThen) {
  std::map<v1::HealthCheckProgramme, int> programmes;
  std::set<std::string> persons[2];
  for (const auto& [insurer, row] :
       RecordsOf({.seed = 3, .persons = 6'000, .records_for = 6'000, .today = kToday}).checks) {
    ++programmes[row.programme()];
    const bool late = Insurers()[insurer].kind == InsurerKind::kLateElderly;
    ASSERT_EQ(late, row.programme() == v1::HEALTH_CHECK_PROGRAMME_LATE_ELDERLY);
    persons[late ? 1 : 0].insert(row.individual_number());
    for (const v1::HealthCheckItem& item : row.items()) ASSERT_EQ(item.code().size(), 17u);
  }
  EXPECT_EQ(programmes.size(), 2u);
  int both = 0;
  for (const std::string& person : persons[0]) both += persons[1].contains(person) ? 1 : 0;
  EXPECT_GT(both, 0) << "somebody turned 75 and kept the first programme's";
}

// The list of domain.md 3, with the four measures of a body (group 9N).
TEST(EmitRecords, ACheckUpHasEveryItemOfTheList) {
  const std::set<std::string> listed = {
      "9N001000000000001", "9N006000000000001", "9N011000000000001", "9N016160100000001",
      "9A751000000000001", "9A752000000000001", "9A755000000000001", "9A761000000000001",
      "9A762000000000001", "9A765000000000001", "3F015000002327101", "3F070000002327101",
      "3F077000002327101", "3B035000002327201", "3B045000002327201", "3B090000002327101",
      "3C015000002327101", "8A065000002391901", "3D010000001927201", "3D046000001920402",
      "1A020000000190111", "1A010000000190111", "2A040000001930102", "2A030000001930101",
      "2A020000001930101", "9A110160700000011"};
  const std::string text_of_finding = "9A110160800000049";
  int found = 0;
  for (const auto& [insurer, row] : RecordsOf(kSmall).checks) {
    std::map<std::string, v1::HealthCheckItem> items;
    for (const v1::HealthCheckItem& item : row.items()) {
      ASSERT_TRUE(items.emplace(item.code(), item).second) << item.code();
      EXPECT_FALSE(item.value().empty());
    }
    for (const std::string& code : listed) EXPECT_TRUE(items.contains(code)) << code;
    // What was found is written where something was.
    const v1::HealthCheckItem& finding = items["9A110160700000011"];
    EXPECT_EQ(finding.data_type(), "CD");
    const bool something = finding.value() == "1";
    EXPECT_EQ(finding.value_name(), something ? "所見あり" : "所見なし");
    EXPECT_EQ(items.contains(text_of_finding), something);
    EXPECT_EQ(items.size(), listed.size() + (something ? 1 : 0));
    if (something) EXPECT_EQ(items[text_of_finding].data_type(), "ST");
    found += something ? 1 : 0;
    const auto number = [&](const char* code) { return std::stoi(items[code].value()); };
    EXPECT_NEAR(number("9A751000000000001"), number("9A755000000000001"), 12);
    EXPECT_NEAR(number("9A762000000000001"), number("9A765000000000001"), 9);
  }
  EXPECT_GT(found, 0);
}

TEST(EmitRecords, TheBodyMassIndexFollowsFromHeightAndWeight) {
  const Records records = RecordsOf(kSmall);
  ASSERT_FALSE(records.checks.empty());
  for (const auto& [insurer, row] : records.checks) {
    const double metres = std::stod(row.items(0).value()) / 100;
    const double kilograms = std::stod(row.items(1).value());
    EXPECT_NEAR(std::stod(row.items(2).value()), kilograms / (metres * metres), 0.1);
  }
}

TEST(EmitTestRecords, TheFourDrugsOfTheSourceDocumentsAreThere) {
  for (const char* id : {"TP01", "SD01"}) {
    std::set<std::string> names;
    bool surgery = false;
    const Records records = RecordsOfTestPerson(id);
    for (const auto& [reviewer, row] : records.receipts) {
      EXPECT_EQ(Reviewers()[reviewer].number, "113");
      for (const v1::DrugDay& day : row.drug_days()) {
        for (const v1::Drug& drug : day.drugs()) names.insert(drug.name());
      }
      for (const v1::Treatment& line : row.treatments()) surgery = surgery || line.surgery();
    }
    EXPECT_THAT(names, testing::IsSupersetOf({"ガスターD錠20mg", "ブロプレス錠12 12mg",
                                              "アリナミンF10注 10mg", "アーチスト錠10mg"}));
    if (std::string(id) == "TP01") {
      EXPECT_TRUE(surgery);
    }
    EXPECT_FALSE(records.checks.empty());
  }
}

TEST(EmitTestRecords, WhoeverIsNotInTheTableHasNone) {
  std::set<std::string> expected;
  for (const TestRecords& records : AllTestRecords()) {
    expected.insert(FindTestPerson(kToday, std::string(records.person)).individual_number);
  }
  Records all;
  EmitTestRecords(kToday, all.Sinks());
  std::set<std::string> found;
  for (const auto& [reviewer, row] : all.receipts) found.insert(row.individual_number());
  EXPECT_EQ(found, expected);
  EXPECT_TRUE(RecordsOfTestPerson("TP28").receipts.empty());
  EXPECT_TRUE(RecordsOfTestPerson("TP04").receipts.empty());
  EXPECT_TRUE(RecordsOfTestPerson("TP03").checks.empty());
  for (const auto& [insurer, row] : RecordsOfTestPerson("TP08").checks) {
    EXPECT_EQ(row.programme(), v1::HEALTH_CHECK_PROGRAMME_LATE_ELDERLY);
  }
}

}  // namespace
}  // namespace kakunin::synth
