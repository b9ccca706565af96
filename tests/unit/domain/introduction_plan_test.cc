#include "domain/introduction_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "domain/japanese_calendar.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;
using Month = absl::CivilMonth;
using enum IntroductionStep;

const PlannedStep& Of(const IntroductionPlan& plan, IntroductionStep step) {
  return plan.steps.at(static_cast<size_t>(step) - 1);
}

TEST(IntroductionPlan, April2027ByHand) {
  const IntroductionPlan plan =
      PlanIntroduction({.start_month = Month(2027, 4)}, Day(2026, 11, 22));
  ASSERT_EQ(plan.steps.size(), static_cast<size_t>(kIntroductionSteps));
  EXPECT_FALSE(plan.outside_calendar);
  EXPECT_FALSE(plan.IsLate());
  EXPECT_EQ(Of(plan, kAccount).until, Day(2026, 12, 1));
  EXPECT_EQ(Of(plan, kReaderOrder).until, Day(2026, 12, 1));
  EXPECT_EQ(Of(plan, kVendorOrder).until, Day(2027, 3, 1));
  // Five business days before 1 April: 31, 30, 29, 26 and 25 March.
  EXPECT_EQ(Of(plan, kSetUp).from, Day(2027, 3, 25));
  // And five before that: 24, 23, 19, 18 and 17 March; 22 March is a substitute holiday.
  EXPECT_EQ(Of(plan, kUseApplication).until, Day(2027, 3, 17));
  EXPECT_EQ(Of(plan, kCertificateApplication).until, Day(2027, 3, 17));
  EXPECT_EQ(Of(plan, kDeliveryAnnounced).from, Day(2027, 1, 1));
  EXPECT_EQ(Of(plan, kDeliveryAnnounced).until, Day(2027, 1, 10));
  EXPECT_EQ(Of(plan, kReaderDelivered).from, Day(2027, 2, 1));
  EXPECT_EQ(Of(plan, kReaderDelivered).until, Day(2027, 3, 24));
  EXPECT_EQ(Of(plan, kOperationTest).until, Day(2027, 3, 31));
  EXPECT_EQ(Of(plan, kStartOfUse).from, Day(2027, 4, 1));
  EXPECT_EQ(Of(plan, kSubsidyApplication).from, Day(2027, 4, 1));
  EXPECT_EQ(Of(plan, kSubsidyApplication).until, std::nullopt);
  EXPECT_TRUE(Of(plan, kSetUp).assumption);
  EXPECT_FALSE(Of(plan, kReaderOrder).assumption);
}

TEST(IntroductionPlan, WishedDaysAreKept) {
  const IntroductionPlan plan = PlanIntroduction(
      {.start_month = Month(2027, 4), .start_day = Day(2027, 4, 15), .set_up_day = Day(2027, 4, 9)},
      Day(2026, 11, 22));
  EXPECT_EQ(Of(plan, kReaderOrder).until, Day(2026, 12, 15));
  EXPECT_EQ(Of(plan, kVendorOrder).until, Day(2027, 3, 15));
  EXPECT_EQ(Of(plan, kUseApplication).until, Day(2027, 4, 2));
  EXPECT_EQ(Of(plan, kDeliveryAnnounced).from, Day(2027, 2, 1));
  EXPECT_FALSE(Of(plan, kSetUp).assumption);
}

TEST(IntroductionPlan, WhatIsPastIsLateByTheDay) {
  for (const auto& [today, late] :
       {std::pair{Day(2026, 11, 30), 0}, {Day(2026, 12, 1), 0}, {Day(2026, 12, 2), 1}}) {
    const IntroductionPlan plan = PlanIntroduction({.start_month = Month(2027, 4)}, today);
    EXPECT_EQ(Of(plan, kReaderOrder).days_late, late) << today;
    EXPECT_EQ(plan.IsLate(), late > 0) << today;
    EXPECT_EQ(Of(plan, kVendorOrder).days_late, 0);
  }
  const IntroductionPlan plan = PlanIntroduction(
      {.start_month = Month(2027, 4), .done = {kAccount, kReaderOrder}}, Day(2026, 12, 2));
  EXPECT_TRUE(Of(plan, kReaderOrder).done);
  EXPECT_FALSE(plan.IsLate());
}

TEST(IntroductionPlan, TheFundIsNeverTheFacilitysDelay) {
  const IntroductionPlan plan = PlanIntroduction({.start_month = Month(2027, 4)}, Day(2027, 3, 31));
  EXPECT_EQ(Of(plan, kDeliveryAnnounced).days_late, 0);
  EXPECT_EQ(Of(plan, kReaderDelivered).days_late, 0);
  EXPECT_EQ(Of(plan, kUseApplication).days_late, 14);
}

TEST(IntroductionPlan, AWishThatContradictsItselfIsToldAtOnce) {
  const IntroductionPlan plan = PlanIntroduction({.start_month = Month(2026, 10),
                                                  .start_day = Day(2026, 12, 1),
                                                  .set_up_day = Day(2026, 12, 1)},
                                                 Day(2026, 11, 22));
  EXPECT_TRUE(plan.steps.empty());
  std::vector<std::string> fields;
  for (const FieldViolation& violation : plan.violations) fields.push_back(violation.field);
  EXPECT_THAT(fields, ::testing::ElementsAre("start_month", "start_day", "set_up_day"));
  EXPECT_TRUE(
      PlanIntroduction({.start_month = Month(2026, 11)}, Day(2026, 11, 30)).violations.empty());
  EXPECT_FALSE(
      PlanIntroduction({.start_month = Month(2026, 11)}, Day(2026, 12, 1)).violations.empty());
}

TEST(IntroductionPlan, OutsideTheCalendarItSaysSo) {
  // Every business day before 1 January 2028 is known, none after it.
  const IntroductionPlan known =
      PlanIntroduction({.start_month = Month(2028, 1)}, Day(2026, 11, 22));
  EXPECT_FALSE(known.outside_calendar);
  const IntroductionPlan plan =
      PlanIntroduction({.start_month = Month(2028, 2)}, Day(2026, 11, 22));
  EXPECT_TRUE(plan.outside_calendar);
  EXPECT_EQ(Of(plan, kSetUp).until, std::nullopt);
  EXPECT_EQ(Of(plan, kUseApplication).until, std::nullopt);
  EXPECT_EQ(Of(plan, kReaderOrder).until, Day(2027, 10, 1));
}

TEST(IntroductionPlan, TheEarliestMonthHasNothingLate) {
  EXPECT_EQ(EarliestStartMonth({}, Day(2026, 12, 1)), Month(2027, 4));
  EXPECT_EQ(EarliestStartMonth({}, Day(2026, 12, 2)), Month(2027, 5));
  EXPECT_EQ(EarliestStartMonth({kAccount, kReaderOrder}, Day(2026, 12, 1)), Month(2027, 1));
  EXPECT_EQ(EarliestStartMonth({}, Day(2027, 8, 1)), Month(2027, 12));
  EXPECT_EQ(EarliestStartMonth({}, Day(2027, 8, 2)), Month(2028, 1));
  EXPECT_EQ(EarliestStartMonth({}, Day(2027, 9, 1)), Month(2028, 1));
  EXPECT_EQ(EarliestStartMonth({}, Day(2027, 9, 2)), std::nullopt);
  EXPECT_EQ(EarliestStartMonth({}, Day(2019, 12, 1)), std::nullopt);
}

TEST(IntroductionPlan, EveryStepHasItsFacts) {
  std::set<std::string_view> keys;
  for (int number = 1; number <= kIntroductionSteps; ++number) {
    const auto step = static_cast<IntroductionStep>(number);
    EXPECT_EQ(FactsOf(step).step, step);
    EXPECT_TRUE(keys.insert(FactsOf(step).key).second);
    EXPECT_FALSE(FactsOf(step).source.empty());
  }
}

// Every plan of the calendar: what is applied for lies five business days before the set-up.
TEST(IntroductionPlan, TheFiveDaysHoldForEveryMonth) {
  for (Month month(2020, 3); month <= Month(2027, 12); ++month) {
    const IntroductionPlan plan = PlanIntroduction({.start_month = month}, Day(2020, 3, 1));
    ASSERT_FALSE(plan.outside_calendar) << month;
    int between = 0;
    for (Day day = *Of(plan, kUseApplication).until; day < *Of(plan, kSetUp).from; ++day) {
      if (*IsBusinessDay(day)) ++between;
    }
    EXPECT_EQ(between, kApplicationBusinessDays) << month;
    EXPECT_TRUE(*IsBusinessDay(*Of(plan, kSetUp).from));
    EXPECT_LT(*Of(plan, kReaderOrder).until, *Of(plan, kVendorOrder).until);
  }
}

}  // namespace
}  // namespace kakunin
