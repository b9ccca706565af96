#include "domain/consent.h"

#include <gtest/gtest.h>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

const absl::Time kGiven = absl::FromCivil(absl::CivilSecond(2026, 11, 21, 9, 30, 15), JapanTime());

bool Shows(const ConsentWindow& window, absl::Time at) {
  return window.begin <= at && at < window.end;
}

TEST(ConsentDecisions, AreNotAskedUntilSetAndTellTheirKindsAsBits) {
  ConsentDecisions decisions;
  EXPECT_EQ(decisions.Bits(Decision::kNotAsked), 63);
  decisions.Set(ConsentKind::kDrug, Decision::kAgreed);
  decisions.Set(ConsentKind::kSpecificDiseaseCertificate, Decision::kAgreed);
  decisions.Set(ConsentKind::kSurgery, Decision::kDeclined);
  EXPECT_EQ(decisions.Bits(Decision::kAgreed), 0b100001);
  EXPECT_EQ(decisions.Bits(Decision::kDeclined), 0b000100);
  EXPECT_TRUE(decisions.Agreed(ConsentKind::kDrug));
  EXPECT_FALSE(decisions.Agreed(ConsentKind::kSurgery));
  EXPECT_FALSE(decisions.Agreed(ConsentKind::kTreatment));
}

TEST(ConsentWindow, OutpatientLastsTwentyFourHoursToTheSecond) {
  const auto window = ConsentWindowFor(FormOfCare::kOutpatient, kGiven, {});
  ASSERT_TRUE(window);
  EXPECT_FALSE(Shows(*window, kGiven - absl::Seconds(1)));
  EXPECT_TRUE(Shows(*window, kGiven));
  EXPECT_TRUE(Shows(*window, kGiven + absl::Hours(24) - absl::Seconds(1)));
  EXPECT_FALSE(Shows(*window, kGiven + absl::Hours(24)));
  EXPECT_FALSE(Shows(*window, kGiven + absl::Hours(24) + absl::Seconds(1)));
}

TEST(ConsentWindow, OnlineCareEndsWithTheAppointmentDayInJapan) {
  const auto window =
      ConsentWindowFor(FormOfCare::kOnlineCare, kGiven, absl::CivilDay(2026, 12, 31));
  ASSERT_TRUE(window);
  const absl::Time midnight = absl::FromCivil(absl::CivilSecond(2027, 1, 1, 0, 0, 0), JapanTime());
  EXPECT_TRUE(Shows(*window, midnight - absl::Seconds(1)));
  EXPECT_FALSE(Shows(*window, midnight));
}

TEST(ConsentWindow, OnlineCareNeedsADayThatIsNotOver) {
  EXPECT_FALSE(ConsentWindowFor(FormOfCare::kOnlineCare, kGiven, {}));
  EXPECT_FALSE(ConsentWindowFor(FormOfCare::kOnlineCare, kGiven, absl::CivilDay(2026, 11, 20)));
  EXPECT_TRUE(ConsentWindowFor(FormOfCare::kOnlineCare, kGiven, absl::CivilDay(2026, 11, 21)));
}

TEST(ConsentWindow, HomeVisitLastsUntilItIsEndedAndEmergencyOpensNothing) {
  const auto home = ConsentWindowFor(FormOfCare::kHomeVisit, kGiven, {});
  ASSERT_TRUE(home);
  EXPECT_EQ(home->end, absl::InfiniteFuture());
  EXPECT_FALSE(ConsentWindowFor(FormOfCare::kEmergency, kGiven, {}));
}

TEST(ConsentWindow, OutpatientCrossesMidnightLeapDayAndYearEnd) {
  for (const absl::CivilDay day : {absl::CivilDay(2024, 2, 28), absl::CivilDay(2024, 2, 29),
                                   absl::CivilDay(2023, 2, 28), absl::CivilDay(2025, 12, 31)}) {
    const absl::Time given = EndOfDay(day) - absl::Seconds(1);
    const auto window = ConsentWindowFor(FormOfCare::kOutpatient, given, {});
    ASSERT_TRUE(window);
    EXPECT_EQ(window->end, EndOfDay(day + 1) - absl::Seconds(1));
  }
}

TEST(ConsentWindow, OnlineCareEndsAtMidnightAfterALeapDay) {
  const auto window =
      ConsentWindowFor(FormOfCare::kOnlineCare, StartOfDay(absl::CivilDay(2028, 2, 20)),
                       absl::CivilDay(2028, 2, 29));
  ASSERT_TRUE(window);
  EXPECT_EQ(window->end, StartOfDay(absl::CivilDay(2028, 3, 1)));
}

TEST(ConsentWindow, NoFormOpensAWindowBeforeItsStart) {
  const absl::Time service = StartOfDay(absl::CivilDay(2021, 10, 20));
  EXPECT_FALSE(ConsentWindowFor(FormOfCare::kOutpatient, service - absl::Seconds(1), {}));
  EXPECT_TRUE(ConsentWindowFor(FormOfCare::kOutpatient, service, {}));
  const absl::Time others = StartOfDay(absl::CivilDay(2024, 4, 1));
  const absl::CivilDay booking(2024, 4, 2);
  for (const FormOfCare form : {FormOfCare::kHomeVisit, FormOfCare::kOnlineCare}) {
    EXPECT_FALSE(ConsentWindowFor(form, others - absl::Seconds(1), booking));
    EXPECT_TRUE(ConsentWindowFor(form, others, booking));
  }
}

TEST(ConsentWindow, EveryLengthTellsItsSource) {
  EXPECT_EQ(AllConsentLengths().size(), 3u);
  for (const ConsentLength& length : AllConsentLengths()) EXPECT_FALSE(length.source.empty());
}

}  // namespace
}  // namespace kakunin
