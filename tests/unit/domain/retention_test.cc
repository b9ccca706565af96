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
       {RetainedKind::kCoverage, RetainedKind::kAudit, RetainedKind::kConfirmation}) {
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
