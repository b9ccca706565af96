#include "domain/retention.h"

#include <gtest/gtest.h>

#include <map>

namespace kakunin {
namespace {

using Day = absl::CivilDay;
using Month = absl::CivilMonth;

const RetentionRules kRules;

TEST(Retention, FiveYearKindsAreKeptThroughTheFifthAnniversary) {
  for (const auto kind : {RetainedKind::kDrug, RetainedKind::kTreatment, RetainedKind::kHealthCheck,
                          RetainedKind::kConsent}) {
    EXPECT_FALSE(MayDrop(kind, Day(2024, 11, 21), Day(2029, 11, 20), kRules));
    EXPECT_FALSE(MayDrop(kind, Day(2024, 11, 21), Day(2029, 11, 21), kRules));
    EXPECT_TRUE(MayDrop(kind, Day(2024, 11, 21), Day(2029, 11, 22), kRules));
  }
}

TEST(Retention, TenYearKindsAreKeptThroughTheTenthAnniversary) {
  for (const auto kind :
       {RetainedKind::kCoverage, RetainedKind::kAudit, RetainedKind::kConfirmation,
        RetainedKind::kRecordAccess, RetainedKind::kAlarm}) {
    EXPECT_FALSE(MayDrop(kind, Day(2026, 12, 31), Day(2036, 12, 30), kRules));
    EXPECT_FALSE(MayDrop(kind, Day(2026, 12, 31), Day(2036, 12, 31), kRules));
    EXPECT_TRUE(MayDrop(kind, Day(2026, 12, 31), Day(2037, 1, 1), kRules));
  }
}

TEST(Retention, APrescriptionIsKeptAHundredDays) {
  const Day issued(2027, 12, 31);
  for (const int after : {0, 99, 100}) {
    EXPECT_FALSE(MayDrop(RetainedKind::kElectronicPrescription, issued, issued + after, kRules));
  }
  EXPECT_TRUE(MayDrop(RetainedKind::kElectronicPrescription, issued, issued + 101, kRules));
}

TEST(Retention, WhatIsNotOverIsNeverDropped) {
  EXPECT_FALSE(MayDrop(RetainedKind::kCoverage, {}, Day(9000, 1, 1), kRules));
  EXPECT_FALSE(MayDrop(RetainedKind::kConsent, {}, Day(9000, 1, 1), kRules));
}

TEST(Retention, LeapDaysNeverLoseADay) {
  const auto kept_from = [](Day day) {
    return FirstDayKept(RetainedKind::kHealthCheck, day, kRules);
  };
  EXPECT_EQ(kept_from(Day(2028, 2, 28)), Day(2023, 2, 28));
  EXPECT_EQ(kept_from(Day(2028, 2, 29)), Day(2023, 2, 28));
  EXPECT_EQ(kept_from(Day(2028, 3, 1)), Day(2023, 3, 1));
  // An examination on a leap day is kept through 28 February of the fifth year.
  EXPECT_FALSE(MayDrop(RetainedKind::kHealthCheck, Day(2024, 2, 29), Day(2029, 2, 28), kRules));
  EXPECT_TRUE(MayDrop(RetainedKind::kHealthCheck, Day(2024, 2, 29), Day(2029, 3, 1), kRules));
}

TEST(Retention, TimeNeverBringsBackWhatMayBeDropped) {
  for (int number = 1; number <= kRetainedKinds; ++number) {
    const auto kind = static_cast<RetainedKind>(number);
    Day last = FirstDayKept(kind, Day(2024, 10, 1), kRules);
    for (Day day(2024, 10, 1); day < Day(2033, 1, 1); ++day) {
      const Day first = FirstDayKept(kind, day, kRules);
      EXPECT_GE(first, last);
      EXPECT_LE(first - last, 2);  // on 1 March of a common year, or after a leap day
      last = first;
    }
  }
}

TEST(Retention, AMonthGoesWholeWithItsLastDay) {
  EXPECT_FALSE(MayDropMonth(RetainedKind::kDrug, Month(2024, 2), Day(2029, 2, 28), kRules));
  EXPECT_TRUE(MayDropMonth(RetainedKind::kDrug, Month(2024, 2), Day(2029, 3, 1), kRules));
  EXPECT_FALSE(MayDropMonth(RetainedKind::kAudit, Month(2026, 12), Day(2036, 12, 31), kRules));
  EXPECT_TRUE(MayDropMonth(RetainedKind::kAudit, Month(2026, 12), Day(2037, 1, 1), kRules));
}

TEST(Retention, AMonthOfInstantsGoesADayAfterItsLastInJapan) {
  // The last instant of December 2026 in UTC is 08:59:59 of 1 January 2027 in Japan.
  const auto first = [](Day day) { return FirstUtcMonthKept(RetainedKind::kAudit, day, kRules); };
  EXPECT_EQ(first(Day(2036, 12, 31)), Month(2026, 12));
  EXPECT_EQ(first(Day(2037, 1, 1)), Month(2026, 12));
  EXPECT_EQ(first(Day(2037, 1, 2)), Month(2027, 1));
  EXPECT_EQ(FirstMonthKept(RetainedKind::kAudit, Day(2037, 1, 1), kRules), Month(2027, 1));
  // On 29 February the day years before is the 28th: the month it lies in is kept.
  EXPECT_EQ(FirstMonthKept(RetainedKind::kDrug, Day(2028, 2, 29), kRules), Month(2023, 2));
  EXPECT_EQ(FirstMonthKept(RetainedKind::kDrug, Day(2028, 3, 1), kRules), Month(2023, 3));
  EXPECT_EQ(FirstUtcMonthKept(RetainedKind::kAudit, Day(2038, 3, 1), kRules), Month(2028, 2));
  EXPECT_EQ(FirstUtcMonthKept(RetainedKind::kAudit, Day(2038, 3, 2), kRules), Month(2028, 3));
}

TEST(Retention, ATwinIsReckonedFromTheLatestOfItsDaysOfIssue) {
  Receipt twin;
  twin.treatment_month = Month(2026, 10);
  twin.source = DrugSource::kPrescription;
  EXPECT_EQ(DayOfIssue(twin), Day(2026, 10, 31));
  twin.drug_days = {{.dispensing_day = Day(2026, 10, 9), .prescribing_day = Day(2026, 10, 5)},
                    {.dispensing_day = {}, .prescribing_day = Day(2026, 10, 7)},
                    {.dispensing_day = Day(2026, 10, 6), .prescribing_day = {}}};
  EXPECT_EQ(DayOfIssue(twin), Day(2026, 10, 7));
  twin.source = DrugSource::kDispensing;
  EXPECT_EQ(DayOfIssue(twin), Day(2026, 10, 9));
}

TEST(Retention, ShowsNothingBeyondItsTime) {
  const Day day(2026, 11, 21);
  const auto shows = [&](RecordKind kind, bool twin, Month month, std::optional<Day> reckoned) {
    return FirstDaysKept(day, kRules).Shows(kind, twin, month, reckoned);
  };
  for (const RecordKind kind : {RecordKind::kDrug, RecordKind::kTreatment, RecordKind::kSurgery}) {
    EXPECT_FALSE(shows(kind, false, Month(2021, 10), {}));
    EXPECT_TRUE(shows(kind, false, Month(2021, 11), {}));
    EXPECT_TRUE(shows(kind, false, Month(2021, 12), {}));
  }
  const Month november(2021, 11);
  EXPECT_FALSE(shows(RecordKind::kHealthCheck, false, november, Day(2021, 11, 20)));
  EXPECT_TRUE(shows(RecordKind::kHealthCheck, false, november, Day(2021, 11, 21)));
  EXPECT_TRUE(shows(RecordKind::kHealthCheck, false, november, Day(2021, 11, 22)));
  const Month august(2026, 8);
  EXPECT_FALSE(shows(RecordKind::kDrug, true, august, Day(2026, 8, 12)));
  EXPECT_TRUE(shows(RecordKind::kDrug, true, august, Day(2026, 8, 13)));
  EXPECT_TRUE(shows(RecordKind::kDrug, true, august, {}));
  EXPECT_FALSE(shows(RecordKind::kDrug, true, Month(2026, 7), {}));
}

TEST(Retention, AThreeYearPurgeNeverDropsAnything) {
  for (const Day from : {Day(2024, 10, 1), Day(2024, 9, 30), Day(2023, 4, 1)}) {
    const RetentionRules rules{.five_years_from = from};
    ASSERT_TRUE(AreAllowed(rules));
    for (Day day(2021, 9, 1); day < Day(2026, 10, 1); ++day) {
      EXPECT_FALSE(MayDropMonth(RetainedKind::kDrug, Month(2021, 9), day, rules));
      EXPECT_FALSE(MayDropMonth(RetainedKind::kTreatment, Month(2022, 6), day, rules));
    }
    EXPECT_TRUE(MayDropMonth(RetainedKind::kDrug, Month(2021, 9), Day(2026, 10, 1), rules));
  }
}

TEST(Retention, ALaterChangeIsRefusedBecauseItWouldDropTheFirstMonth) {
  const RetentionRules late{.five_years_from = Day(2024, 10, 2)};
  EXPECT_FALSE(AreAllowed(late));
  EXPECT_TRUE(MayDropMonth(RetainedKind::kDrug, Month(2021, 9), Day(2024, 10, 1), late));
}

TEST(Retention, ARuleTellsItsSourceAndWhetherItIsAnAssumption) {
  const auto rule = [](RetainedKind kind, Day day) {
    return DescribeRule(RetentionRuleOn(kind, day, kRules));
  };
  EXPECT_EQ(rule(RetainedKind::kDrug, Day(2024, 9, 30)),
            "3 years from the month of care (seed 003 (drugs); domain.md 3, S16)");
  EXPECT_EQ(rule(RetainedKind::kDrug, Day(2024, 10, 1)).substr(0, 7), "5 years");
  EXPECT_EQ(rule(RetainedKind::kElectronicPrescription, Day(2026, 1, 1)),
            "100 days from the day of issue (domain.md 3, S18)");
  EXPECT_EQ(rule(RetainedKind::kCoverage, Day(2026, 1, 1)),
            "10 years from the disqualification date (assumption, design.md, Data)");
}

TEST(Retention, EveryKindHasExactlyOneRowOnEveryDay) {
  for (const Day day :
       {Day(2020, 1, 1), Day(2024, 9, 30), Day(2024, 10, 1), Day(2024, 10, 2), Day(2100, 1, 1)}) {
    std::map<RetainedKind, int> rows;
    for (const RetentionRow& row : RetentionTable(kRules)) {
      if (row.from <= day && day < row.to) ++rows[row.kind];
      EXPECT_FALSE(row.source.empty());
      EXPECT_FALSE(row.reckoned_from.empty());
    }
    EXPECT_EQ(rows.size(), static_cast<size_t>(kRetainedKinds));
    for (const auto& [kind, count] : rows) EXPECT_EQ(count, 1);
  }
}

}  // namespace
}  // namespace kakunin
