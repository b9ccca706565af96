// The rules of subsidies: days, classes, what is missing, what is assumed.
#include "domain/subsidy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "domain/subsidy_sentence.h"
#include "tests/unit/domain/subsidy_cases.h"

namespace kakunin {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Day = absl::CivilDay;

TEST(Subsidy, TheReadersDayDecidesAndNotTheSubsidys) {
  for (const auto& [day, subsidy] : {std::pair{Day(2021, 3, 30), 429'000},
                                     {Day(2021, 3, 31), 429'000},
                                     {Day(2021, 4, 1), 321'000},
                                     {Day(2020, 8, 7), 429'000}}) {
    SubsidyFacts facts = System(kClinic, 1, day, 429'000);
    for (const Day applied : {Day(2021, 3, 31), Day(2021, 4, 1), Day(2022, 6, 1)}) {
      facts.subsidy_applied = applied;
      EXPECT_EQ(CalculateSubsidy(facts).subsidy_yen, subsidy) << day << " " << applied;
    }
  }
}

TEST(Subsidy, TheGroupsSizeDecidesTheClass) {
  for (const auto& [prescriptions, subsidy] :
       {std::pair{39'999, 300'000}, {40'000, 200'000}, {40'001, 200'000}, {0, 300'000}}) {
    SubsidyFacts facts = System(kPharmacyAt, 1, kLate, 400'000);
    facts.group_prescriptions = prescriptions;
    EXPECT_EQ(CalculateSubsidy(facts).subsidy_yen, subsidy) << prescriptions;
  }
  SubsidyFacts unknown = System(kPharmacyAt, 1, kLate, 400'000);
  unknown.group_prescriptions.reset();
  EXPECT_EQ(CalculateSubsidy(unknown).subsidy_yen, std::nullopt);
  EXPECT_THAT(CalculateSubsidy(unknown).gaps, ElementsAre(SubsidyGap::kGroupSizeNotTold));
}

TEST(Subsidy, TheRestrictedTypesDeadline) {
  SubsidyFacts facts = Restricted(40'000);
  for (const auto& [day, subsidy] : {std::pair{Day(2025, 1, 31), std::optional<int64_t>(30'000)},
                                     {Day(2025, 2, 1), std::optional<int64_t>(30'000)},
                                     {Day(2025, 2, 2), std::optional<int64_t>()}}) {
    facts.subsidy_applied = day;
    const SubsidyAnswer answer = CalculateSubsidy(facts);
    EXPECT_EQ(answer.subsidy_yen, subsidy) << day;
    if (!subsidy) {
      EXPECT_THAT(answer.gaps, ElementsAre(SubsidyGap::kDeadlinePassed));
    }
  }
  facts.subsidy_applied.reset();
  EXPECT_THAT(CalculateSubsidy(facts).gaps, ElementsAre(SubsidyGap::kSubsidyDayNotTold));
}

TEST(Subsidy, TheRestrictedTypesGrounds) {
  for (int number = 1; number <= kRestrictedGrounds; ++number) {
    SubsidyFacts facts = Restricted(40'000);
    facts.ground = static_cast<RestrictedGround>(number);
    const SubsidyAnswer answer = CalculateSubsidy(facts);
    if (number == 2 || number == 4 || number == 6) {
      EXPECT_EQ(answer.subsidy_yen, 30'000);
    } else {
      EXPECT_THAT(answer.gaps, ElementsAre(number < 7 ? SubsidyGap::kGroundNotCovered
                                                      : SubsidyGap::kNoRuleForGround));
    }
  }
}

TEST(Subsidy, OnlineCareHasNoRuleBeforeNovember2023) {
  SubsidyFacts facts = Facts(SubsidyMeasure::kOnlineCare, kClinic, 128'000);
  facts.subsidy_applied = Day(2023, 10, 31);
  EXPECT_THAT(CalculateSubsidy(facts).gaps, ElementsAre(SubsidyGap::kNoRuleBeforeSchedule));
  for (const Day day : {Day(2023, 11, 1), Day(2023, 11, 2)}) {
    facts.subsidy_applied = day;
    const SubsidyAnswer answer = CalculateSubsidy(facts);
    EXPECT_EQ(answer.subsidy_yen, 96'000);
    EXPECT_THAT(answer.assumptions, Contains(SubsidyAssumption::kGoverningDayNotStated));
  }
}

TEST(Subsidy, WhatNoSourceStatesIsNamedAndNotGuessed) {
  SubsidyFacts home = Facts(SubsidyMeasure::kHomeVisits, kClinic, 100'000);
  EXPECT_THAT(CalculateSubsidy(home).gaps, ElementsAre(SubsidyGap::kNoScheduleForMeasure));
  EXPECT_EQ(CalculateSubsidy(home).least_yen, std::nullopt);

  SubsidyFacts nursing = System(kClinic, 1, kLate, 400'000);
  nursing.facility_type = FacilityType::kHomeNursing;
  EXPECT_THAT(CalculateSubsidy(nursing).gaps, ElementsAre(SubsidyGap::kNoClassForFacility));

  SubsidyFacts none = System(kHospital, 0, kLate, 400'000);
  EXPECT_THAT(CalculateSubsidy(none).gaps, ElementsAre(SubsidyGap::kNoRuleWithoutReader));
  none.reader_applied.reset();
  EXPECT_THAT(CalculateSubsidy(none).gaps, ElementsAre(SubsidyGap::kNoRuleWithoutReader));

  EXPECT_THAT(CalculateSubsidy(System(kHospital, 4, kLate, 1)).gaps,
              ElementsAre(SubsidyGap::kNoRuleForSoManyReaders));
  EXPECT_THAT(CalculateSubsidy(System(kClinic, 2, kLate, 1)).gaps,
              ElementsAre(SubsidyGap::kNoRuleForSoManyReaders));
}

TEST(Subsidy, EverythingThatIsMissingIsToldAtOnce) {
  SubsidyFacts facts;
  facts.facility_type = FacilityType::kPharmacy;
  EXPECT_THAT(CalculateSubsidy(facts).gaps,
              ElementsAre(SubsidyGap::kCostNotTold, SubsidyGap::kGroupSizeNotTold,
                          SubsidyGap::kReaderDayNotTold, SubsidyGap::kReadersNotTold));
  for (const int64_t cost : {int64_t{-1}, kMostCostYen + 1}) {
    EXPECT_THAT(CalculateSubsidy(System(kClinic, 1, kLate, cost)).gaps,
                ElementsAre(SubsidyGap::kCostNotTold));
  }
  EXPECT_EQ(CalculateSubsidy(System(kClinic, 1, kLate, kMostCostYen)).subsidy_yen, 321'000);
  EXPECT_EQ(CalculateSubsidy(System(kClinic, 1, kLate, 0)).subsidy_yen, 0);
}

TEST(Subsidy, TheTaxCountsWhereTheDocumentsSaySo) {
  // 390,000 and 10 % are 429,000: the ceiling of section 3 without tax.
  SubsidyFacts facts = System(kClinic, 1, kLate, 390'000);
  facts.cost_includes_tax = false;
  const SubsidyAnswer answer = CalculateSubsidy(facts);
  EXPECT_EQ(answer.subsidy_yen, 321'000);
  EXPECT_EQ(answer.facility_pays_yen, 108'000);
  EXPECT_THAT(answer.assumptions, IsEmpty());

  facts.reader_applied = kEarly;
  EXPECT_EQ(CalculateSubsidy(facts).subsidy_yen, 429'000);
  EXPECT_THAT(CalculateSubsidy(facts).assumptions, ElementsAre(SubsidyAssumption::kTaxAsInS1));

  SubsidyFacts online = Facts(SubsidyMeasure::kOnlineCare, kClinic, 100'000);
  online.cost_includes_tax = false;
  EXPECT_THAT(CalculateSubsidy(online).gaps, ElementsAre(SubsidyGap::kTaxNotStated));
  // 9 yen and a tenth: the fraction of the tax is dropped.
  facts.cost_yen = 9;
  EXPECT_EQ(CalculateSubsidy(facts).subsidy_yen, 9);
  EXPECT_THAT(CalculateSubsidy(facts).assumptions,
              Contains(SubsidyAssumption::kYenFractionDropped));
}

TEST(Subsidy, ADentalClinicIsAClinicByTheLaw) {
  SubsidyFacts facts = System(kClinic, 1, kLate, 400'000);
  facts.facility_type = FacilityType::kDental;
  EXPECT_EQ(CalculateSubsidy(facts).subsidy_yen, 300'000);
  EXPECT_THAT(CalculateSubsidy(facts).assumptions, ElementsAre(SubsidyAssumption::kDentalIsClinic));
}

TEST(Subsidy, PublicPagesCountOnlyWhenAskedFor) {
  for (const auto& [day, page] : {std::pair{Day(2022, 6, 6), false},
                                  {Day(2022, 6, 7), true},
                                  {Day(2022, 12, 31), true},
                                  {Day(2023, 1, 1), false}}) {
    SubsidyFacts facts = System(kClinic, 1, day, 429'000);
    SubsidyAnswer answer = CalculateSubsidy(facts);
    EXPECT_EQ(answer.subsidy_yen, 321'000);
    EXPECT_EQ(answer.assumptions.size(), page ? 1u : 0u) << day;
    facts.with_public_pages = true;
    answer = CalculateSubsidy(facts);
    EXPECT_EQ(answer.subsidy_yen, page ? 429'000 : 321'000) << day;
  }
  SubsidyFacts hospital = System(kHospital, 1, Day(2022, 7, 1), 2'101'000);
  hospital.with_public_pages = true;
  EXPECT_THAT(CalculateSubsidy(hospital).gaps, ElementsAre(SubsidyGap::kRateNotStated));

  SubsidyFacts home = Facts(SubsidyMeasure::kHomeVisits, kHospital, 822'000);
  home.with_public_pages = true;
  EXPECT_EQ(CalculateSubsidy(home).subsidy_yen, 411'000);
  EXPECT_THAT(CalculateSubsidy(home).assumptions, Contains(SubsidyAssumption::kPublicPage));
}

TEST(Subsidy, HandWorkedExamplesShowTheirWorking) {
  // A clinic, reader applied for in May 2021, 600,000 yen: 429,000 x 3/4 = 321,750, cap 321,000.
  const SubsidyAnswer answer = CalculateSubsidy(System(kClinic, 1, Day(2021, 5, 6), 600'000));
  std::vector<std::string> told;
  for (const SubsidyStep& step : answer.working) {
    told.push_back(std::string(LabelOf(step.kind)) + ": " + SentenceOf(step, answer));
  }
  EXPECT_THAT(told, ElementsAre("区分: 診療所・薬局（大型チェーン薬局以外）",
                                "補助の表: S1: 顔認証付きカードリーダーの申込が令和3年4月1日以降",
                                "事業額の上限: 600,000円と429,000円の小さい方 = 429,000円",
                                "補助率: 429,000円 × 3/4 = 321,750円",
                                "補助の上限額: 321,750円と321,000円の小さい方 = 321,000円",
                                "自己負担: 600,000円 − 321,000円 = 279,000円"));
  EXPECT_EQ(ResultSentence(answer), "補助額は321,000円です。");

  // A pharmacy of a group of 39,999, 123,457 yen: x 3/4 is 92,592.75.
  const SubsidyAnswer odd = CalculateSubsidy(System(kPharmacyBelow, 1, kLate, 123'457));
  EXPECT_EQ(odd.least_yen, 92'000);
  EXPECT_EQ(odd.most_yen, 92'592);
  EXPECT_EQ(ResultSentence(odd),
            "補助額は92,000円から92,592円までのどれかで、資料からは決まりません。");
  // The same cost in full: no rule on fractions is needed.
  EXPECT_EQ(CalculateSubsidy(System(kPharmacyBelow, 1, kEarly, 123'457)).subsidy_yen, 123'457);
}

TEST(Subsidy, AHigherCostNeverBringsLess) {
  for (const Who who : {kHospital, kChain, kClinic}) {
    for (const Day day : {kEarly, kLate}) {
      int64_t least = 0;
      for (int64_t cost = 0; cost < 2'200'000; cost += 777) {
        const SubsidyAnswer answer = CalculateSubsidy(System(who, 1, day, cost));
        ASSERT_TRUE(answer.least_yen && answer.most_yen);
        ASSERT_LE(*answer.least_yen, *answer.most_yen);
        ASSERT_LE(least, *answer.least_yen) << cost;
        ASSERT_LE(*answer.most_yen, cost);
        least = *answer.least_yen;
      }
    }
  }
}

TEST(Subsidy, EveryGapAndAssumptionHasItsWords) {
  std::set<std::string_view> names;
  for (int i = 1; i <= static_cast<int>(SubsidyGap::kGroundNotCovered); ++i) {
    const auto gap = static_cast<SubsidyGap>(i);
    EXPECT_FALSE(SentenceOf(gap).empty());
    EXPECT_TRUE(names.insert(NameOf(gap)).second);
  }
  for (int i = 1; i <= static_cast<int>(SubsidyAssumption::kLaterPageExists); ++i) {
    EXPECT_FALSE(SentenceOf(static_cast<SubsidyAssumption>(i)).empty());
    EXPECT_TRUE(names.insert(NameOf(static_cast<SubsidyAssumption>(i))).second);
  }
  EXPECT_EQ(NameOf(SubsidyGap::kCostNotTold), "COST_NOT_TOLD");
  EXPECT_EQ(NameOf(SubsidyGap::kGroundNotCovered), "GROUND_NOT_COVERED");
  EXPECT_EQ(NameOf(SubsidyAssumption::kLaterPageExists), "LATER_PAGE_EXISTS");
  EXPECT_EQ(YenText(0), "0円");
  EXPECT_EQ(YenText(999), "999円");
  EXPECT_EQ(YenText(1'000), "1,000円");
  EXPECT_EQ(YenText(10'000'000), "10,000,000円");
}

}  // namespace
}  // namespace kakunin
