#include "domain/restricted_grounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace kakunin {
namespace {

using Day = absl::CivilDay;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using enum RestrictedGround;
using enum RestrictedFinding;

const RestrictedGroundRules kNothingOpened;

RestrictedFinding On(RestrictedGround ground, Day day, const RestrictedFacts& facts = {},
                     const RestrictedGroundRules& rules = kNothingOpened) {
  return MayUseRestrictedType(ground, facts, rules, day).finding;
}

TEST(RestrictedGrounds, TheTableIsInOrderAndItsKeysAreUnique) {
  std::set<std::string_view> keys;
  int number = 0;
  for (const GroundRow& row : RestrictedGroundTable()) {
    EXPECT_EQ(static_cast<int>(row.ground), ++number);
    EXPECT_TRUE(keys.insert(row.key).second);
    EXPECT_EQ(RestrictedGroundNamed(row.key), row.ground);
    EXPECT_FALSE(row.source.empty());
    EXPECT_EQ(&RowOf(row.ground), &row);
  }
  EXPECT_EQ(number, kRestrictedGrounds);
  EXPECT_EQ(RestrictedGroundNamed("measure-7"), std::nullopt);
}

TEST(RestrictedGrounds, OnlyTheMeasures2And4And6GiveTheRight) {
  for (const GroundRow& row : RestrictedGroundTable().first(6)) {
    const bool gives =
        row.ground == kNoOpticalLine || row.ground == kRebuilding || row.ground == kHardship;
    EXPECT_EQ(row.gives_right, gives) << row.name;
    EXPECT_EQ(On(row.ground, Day(2024, 11, 15)) == kMayUse, gives) << row.name;
  }
}

TEST(RestrictedGrounds, TheOtherMeasuresHaveTheirEnds) {
  EXPECT_EQ(On(kSystemUnderWay, Day(2023, 9, 29)), kGivesNoRight);
  EXPECT_EQ(On(kSystemUnderWay, Day(2023, 9, 30)), kGivesNoRight);
  EXPECT_EQ(On(kSystemUnderWay, Day(2023, 10, 1)), kMeasureOver);
  for (const RestrictedGround ground : {kHomeVisitsOnly, kClosing}) {
    EXPECT_EQ(On(ground, Day(2024, 11, 30)), kGivesNoRight);
    EXPECT_EQ(On(ground, Day(2024, 12, 1)), kGivesNoRight);
    EXPECT_EQ(On(ground, Day(2024, 12, 2)), kMeasureOver);
    EXPECT_EQ(MayUseRestrictedType(ground, {}, kNothingOpened, Day(2024, 12, 2)).last_day,
              Day(2024, 12, 1));
  }
}

TEST(RestrictedGrounds, TheRightBeginsWithTheLeafletsMonth) {
  for (const RestrictedGround ground : {kNoOpticalLine, kRebuilding, kHardship}) {
    EXPECT_EQ(On(ground, Day(2024, 10, 31)), kNotBegun);
    EXPECT_EQ(On(ground, Day(2024, 11, 1)), kMayUse);
    EXPECT_EQ(On(ground, Day(2024, 11, 2)), kMayUse);
    EXPECT_EQ(On(ground, Day(2040, 1, 1)), kMayUse);  // nothing was reported
  }
}

TEST(RestrictedGrounds, Measure2EndsSixMonthsAfterTheLine) {
  const RestrictedFacts facts{.ending_day = Day(2026, 6, 10)};
  EXPECT_EQ(LastDayOf(kNoOpticalLine, facts, kNothingOpened), Day(2026, 12, 10));
  EXPECT_EQ(On(kNoOpticalLine, Day(2026, 12, 9), facts), kMayUse);
  EXPECT_EQ(On(kNoOpticalLine, Day(2026, 12, 10), facts), kMayUse);
  EXPECT_EQ(On(kNoOpticalLine, Day(2026, 12, 11), facts), kEnded);
  // A month without the day ends with its last one.
  EXPECT_EQ(LastDayOf(kNoOpticalLine, {.ending_day = Day(2026, 8, 31)}, kNothingOpened),
            Day(2027, 2, 28));
  EXPECT_EQ(LastDayOf(kNoOpticalLine, {.ending_day = Day(2026, 8, 28)}, kNothingOpened),
            Day(2027, 2, 28));
}

TEST(RestrictedGrounds, Measures4And6EndWithTheReportedDay) {
  const RestrictedFacts facts{.ending_day = Day(2026, 12, 10)};
  for (const RestrictedGround ground : {kRebuilding, kHardship}) {
    EXPECT_EQ(On(ground, Day(2026, 12, 9), facts), kMayUse);
    EXPECT_EQ(On(ground, Day(2026, 12, 10), facts), kMayUse);
    EXPECT_EQ(On(ground, Day(2026, 12, 11), facts), kEnded);
  }
}

TEST(RestrictedGrounds, OthersOpenByConfiguration) {
  RestrictedGroundRules rules;
  const struct {
    RestrictedGround ground;
    std::optional<OpenedGround>* opened;
  } kConfigured[] = {{kTreatmentHouse, &rules.treatment_houses},
                     {kPaperClaims, &rules.paper_claims},
                     {kCheckUpBody, &rules.check_up_bodies},
                     {kMidwife, &rules.midwives}};
  for (const auto& one : kConfigured) {
    EXPECT_EQ(On(one.ground, Day(2026, 4, 1), {}, rules), kNotOpened);
    *one.opened = OpenedGround{.from = Day(2026, 4, 1), .last_day = {}};
    EXPECT_EQ(On(one.ground, Day(2026, 3, 31), {}, rules), kNotBegun);
    EXPECT_EQ(On(one.ground, Day(2026, 4, 1), {}, rules), kMayUse);
    EXPECT_EQ(On(one.ground, Day(2026, 4, 2), {}, rules), kMayUse);
    (*one.opened)->last_day = Day(2027, 3, 31);
    EXPECT_EQ(On(one.ground, Day(2027, 3, 30), {}, rules), kMayUse);
    EXPECT_EQ(On(one.ground, Day(2027, 3, 31), {}, rules), kMayUse);
    EXPECT_EQ(On(one.ground, Day(2027, 4, 1), {}, rules), kEnded);
    one.opened->reset();  // one of them never opens another
  }
}

TEST(RestrictedGrounds, EverySentenceTellsTheNextStep) {
  const auto told = [](RestrictedGround ground, Day day, const RestrictedFacts& facts = {}) {
    return SentenceOf(ground, MayUseRestrictedType(ground, facts, kNothingOpened, day));
  };
  EXPECT_EQ(
      told(kNoOpticalLine, Day(2026, 12, 11), {.ending_day = Day(2026, 6, 10)}),
      "経過措置(2) "
      "ネットワーク環境事情による資格確認限定型の利用は2026年12月10日で終わりました。顔認証付き"
      "カードリーダーによるオンライン資格確認（外来型）の利用申請をしてください。");
  EXPECT_THAT(told(kRebuilding, Day(2026, 1, 1)), HasSubstr("届け出てください"));
  EXPECT_THAT(told(kHomeVisitsOnly, Day(2024, 11, 1)), HasSubstr("(2)・(4)・(6)"));
  EXPECT_THAT(told(kClosing, Day(2025, 1, 1)), HasSubstr("2024年12月1日"));
  EXPECT_THAT(told(kMidwife, Day(2026, 1, 1)), HasSubstr("まだ始まっていません"));
}

TEST(RestrictedGrounds, RemindsBeforeTheLastDay) {
  const Day last(2026, 12, 10);
  EXPECT_THAT(ReminderDays(last, Day(2026, 6, 10)),
              ElementsAre(Day(2026, 9, 11), Day(2026, 10, 11), Day(2026, 11, 10), Day(2026, 11, 25),
                          Day(2026, 12, 3), Day(2026, 12, 9)));
  // Reported 20 days before: told at once, then at 15, 7 and 1.
  EXPECT_THAT(
      ReminderDays(last, Day(2026, 11, 20)),
      ElementsAre(Day(2026, 11, 20), Day(2026, 11, 25), Day(2026, 12, 3), Day(2026, 12, 9)));
  // On the very day of a reminder it is told once.
  EXPECT_THAT(ReminderDays(last, Day(2026, 12, 3)),
              ElementsAre(Day(2026, 12, 3), Day(2026, 12, 9)));
  EXPECT_THAT(ReminderDays(last, last), ElementsAre(last));
  EXPECT_THAT(ReminderDays(last, last + 1), IsEmpty());
}

}  // namespace
}  // namespace kakunin
