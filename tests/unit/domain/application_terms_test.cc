#include "domain/application_terms.h"

#include <gtest/gtest.h>

#include <vector>

namespace kakunin {
namespace {

constexpr absl::CivilDay kDay(2026, 12, 10);
using Form = std::vector<FormField>;

FacilityTerms Approved(const FacilityTerms& before, IntroductionType type, const Form& form,
                       bool in_use) {
  return TermsAfter(before, {.kind = ApplicationKind::kUse,
                             .introduction_type = type,
                             .form = form,
                             .facility_in_use = in_use});
}
FacilityTerms Approved(const FacilityTerms& before, ApplicationKind kind, const Form& form) {
  return TermsAfter(before, {.kind = kind, .form = form, .facility_in_use = true});
}

const Form kRestricted = {{"ground", "measure-2"}, {"ground_ending_day", "2026-06-10"}};

TEST(ApplicationTerms, AFacilityThatBeginsHasWhatItAppliedForAndNoHomeCare) {
  const FacilityTerms old{.closure = {.last_day = kDay}, .home_visits_from = kDay};
  const FacilityTerms full = Approved(old, IntroductionType::kFull, {}, false);
  EXPECT_EQ(full, (FacilityTerms{.introduction_type = IntroductionType::kFull,
                                 .home_visits_from = kNotAdded,
                                 .online_care_from = kNotAdded}));
  const FacilityTerms restricted = Approved({}, IntroductionType::kRestricted, kRestricted, false);
  EXPECT_EQ(restricted, (FacilityTerms{.introduction_type = IntroductionType::kRestricted,
                                       .ground = RestrictedGround::kNoOpticalLine,
                                       .ground_ending_day = absl::CivilDay(2026, 6, 10),
                                       .home_visits_from = kNotAdded,
                                       .online_care_from = kNotAdded}));
}

TEST(ApplicationTerms, OneInUseRisesToTheFullTypeAndNeverFalls) {
  const FacilityTerms restricted = Approved({}, IntroductionType::kRestricted, kRestricted, false);
  const FacilityTerms risen = Approved(restricted, IntroductionType::kFull, {}, true);
  EXPECT_EQ(risen.introduction_type, IntroductionType::kFull);
  EXPECT_FALSE(risen.ground || risen.ground_ending_day);
  EXPECT_EQ(risen.home_visits_from, kNotAdded);
  EXPECT_EQ(Approved(risen, IntroductionType::kRestricted, kRestricted, true), risen);
  // One that operators registered keeps its home visits, whatever it applies for.
  EXPECT_EQ(Approved({}, IntroductionType::kRestricted, kRestricted, true), FacilityTerms{});
  EXPECT_FALSE(Approved({}, IntroductionType::kFull, {}, true).home_visits_from);
  // Another ground takes the first one's place.
  const FacilityTerms other =
      Approved(restricted, IntroductionType::kRestricted, {{"ground", "measure-6"}}, true);
  EXPECT_EQ(other.ground, RestrictedGround::kHardship);
  EXPECT_FALSE(other.ground_ending_day);
}

TEST(ApplicationTerms, AdditionsAndClosuresSetTheirDays) {
  const FacilityTerms before = Approved({}, IntroductionType::kFull, {}, false);
  const FacilityTerms home =
      Approved(before, ApplicationKind::kServiceAddition,
               {{"form_of_care", "home-visit"}, {"start_day", "2026-12-10"}});
  EXPECT_EQ(home.home_visits_from, kDay);
  EXPECT_EQ(home.online_care_from, kNotAdded);
  const FacilityTerms both =
      Approved(home, ApplicationKind::kServiceAddition,
               {{"form_of_care", "online-care"}, {"start_day", "2026-12-11"}});
  EXPECT_EQ(both.home_visits_from, kDay);
  EXPECT_EQ(both.online_care_from, kDay + 1);
  // What works already, or will sooner, is put off by no later application.
  const auto later = [](const FacilityTerms& terms) {
    return Approved(terms, ApplicationKind::kServiceAddition,
                    {{"form_of_care", "online-care"}, {"start_day", "2026-12-12"}})
        .online_care_from;
  };
  EXPECT_EQ(later(both), kDay + 1);
  EXPECT_EQ(later(FacilityTerms()), std::nullopt);
  const FacilityTerms closed = Approved(both, ApplicationKind::kClosure,
                                        {{"last_day", "2026-12-10"}, {"resume_day", "2027-02-01"}});
  EXPECT_EQ(closed.closure.last_day, kDay);
  EXPECT_EQ(closed.closure.resume_day, absl::CivilDay(2027, 2, 1));
  EXPECT_EQ(Approved(closed, ApplicationKind::kSubsidy, {{"last_day", "2026-01-01"}}), closed);
  EXPECT_EQ(Approved(closed, ApplicationKind::kCardReaders, {}), closed);
}

TEST(ApplicationTerms, APredecessorEndsOnTheDayBeforeItsSuccessorStarts) {
  EXPECT_EQ(PredecessorIn(Form{{"predecessor_code", "1310000003"}}), "1310000003");
  EXPECT_EQ(PredecessorIn({}), "");
  EXPECT_EQ(AfterSuccession({}, kDay).closure.last_day, kDay - 1);
  // One that had closed before stays closed since then, and a pause does not end again.
  EXPECT_EQ(AfterSuccession({.closure = {.last_day = kDay - 10}}, kDay).closure.last_day,
            kDay - 10);
  const FacilityTerms paused{.closure = {.last_day = kDay - 10, .resume_day = kDay + 10}};
  EXPECT_EQ(AfterSuccession(paused, kDay).closure.last_day, kDay - 1);
  EXPECT_FALSE(AfterSuccession(paused, kDay).closure.resume_day);
}

TEST(ApplicationTerms, OnlyTheSecondFourthAndSixthMeasuresEndsAreReported) {
  for (int number = 1; number <= kRestrictedGrounds; ++number) {
    const auto ground = static_cast<RestrictedGround>(number);
    const FacilityTerms terms{.introduction_type = IntroductionType::kRestricted, .ground = ground};
    EXPECT_EQ(ReportsGroundEnd(terms), number == 2 || number == 4 || number == 6) << number;
  }
  EXPECT_FALSE(ReportsGroundEnd(
      {.introduction_type = IntroductionType::kFull, .ground = RestrictedGround::kHardship}));
  EXPECT_FALSE(ReportsGroundEnd({}));
}

TEST(ApplicationTerms, TheNewestReminderThatHasComeIsDue) {
  EXPECT_FALSE(ReminderDue(kDay, kDay - 91));
  EXPECT_EQ(ReminderDue(kDay, kDay - 90), kDay - 90);
  EXPECT_EQ(ReminderDue(kDay, kDay - 61), kDay - 90);
  EXPECT_EQ(ReminderDue(kDay, kDay - 60), kDay - 60);
  EXPECT_EQ(ReminderDue(kDay, kDay - 1), kDay - 1);
  EXPECT_EQ(ReminderDue(kDay, kDay), kDay - 1);
  EXPECT_EQ(ReminderDue(kDay, kDay + 1), kDay + 1);
  EXPECT_EQ(ReminderDue(kDay, kDay + 100), kDay + 1);
}

}  // namespace
}  // namespace kakunin
