#include "domain/consent_state.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;

constexpr PersonId kPerson{{1}};
constexpr PersonId kOther{{2}};
constexpr char kClinic[] = "1310000001";
constexpr char kHospital[] = "1310000002";
// A Wednesday morning; the booking below is for the Friday.
const absl::Time kWednesday =
    absl::FromCivil(absl::CivilSecond(2026, 11, 18, 9, 30, 15), JapanTime());
constexpr Day kFriday(2026, 11, 20);
constexpr absl::Duration kSecond = absl::Seconds(1);

class ConsentStateTest : public testing::Test {
 protected:
  ConsentAct& Give(absl::Time at, FormOfCare form = FormOfCare::kOutpatient,
                   std::optional<Day> booking = {}) {
    return Act(at, form, booking, Decision::kAgreed);
  }
  ConsentAct& Decline(absl::Time at, FormOfCare form = FormOfCare::kOutpatient,
                      std::optional<Day> booking = {}) {
    return Act(at, form, booking, Decision::kDeclined);
  }
  ConsentEnd& End(absl::Time at, FormOfCare form = FormOfCare::kOutpatient,
                  ConsentEndReason reason = ConsentEndReason::kRevokedByFacility) {
    ConsentEnd& end = ends_.emplace_back();
    end.person = kPerson;
    end.facility_code = kClinic;
    end.form_of_care = form;
    end.at = at;
    end.reason = reason;
    return end;
  }

  ConsentState At(absl::Time at, FormOfCare form = FormOfCare::kOutpatient,
                  ConsentKind kind = ConsentKind::kDrug, std::optional<Day> booking = {}) {
    return ConsentStateAt({acts_, ends_}, {kPerson, kClinic, form, booking}, kind, at);
  }
  ConsentStanding StandingAt(absl::Time at, FormOfCare form = FormOfCare::kOutpatient) {
    return At(at, form).standing;
  }

  std::vector<ConsentAct> acts_;
  std::vector<ConsentEnd> ends_;

 private:
  ConsentAct& Act(absl::Time at, FormOfCare form, std::optional<Day> booking, Decision decision) {
    ConsentAct& act = acts_.emplace_back();
    act.person = kPerson;
    act.facility_code = kClinic;
    act.form_of_care = form;
    act.appointment_day = booking;
    act.decisions.Set(ConsentKind::kDrug, decision);
    act.begin = at;
    const auto window = ConsentWindowFor(form, at, booking);
    act.end = window ? window->end : at;
    return act;
  }
};

using enum ConsentStanding;

TEST_F(ConsentStateTest, NothingWasEverGiven) {
  const ConsentState state = At(kWednesday);
  EXPECT_EQ(state.standing, kNeverGiven);
  EXPECT_EQ(state.act, nullptr);
}

TEST_F(ConsentStateTest, RunsFromItsInstantAndNotASecondLongerThanItsWindow) {
  Give(kWednesday);
  EXPECT_EQ(StandingAt(kWednesday - kSecond), kNeverGiven);
  EXPECT_EQ(StandingAt(kWednesday), kRunning);
  EXPECT_EQ(At(kWednesday).until, kWednesday + absl::Hours(24));
  EXPECT_EQ(StandingAt(kWednesday + absl::Hours(24) - kSecond), kRunning);
  EXPECT_EQ(StandingAt(kWednesday + absl::Hours(24)), kExpired);
  EXPECT_EQ(At(kWednesday + absl::Hours(24) + kSecond).since, kWednesday + absl::Hours(24));
}

TEST_F(ConsentStateTest, AgreedAgainStartsANewWindow) {
  Give(kWednesday);
  Give(kWednesday + absl::Hours(3));
  EXPECT_EQ(At(kWednesday + absl::Hours(4)).until, kWednesday + absl::Hours(27));
}

TEST_F(ConsentStateTest, DeclinedEndsWhatRunsAndStaysUntilTheNextAct) {
  Give(kWednesday);
  EXPECT_EQ(StandingAt(kWednesday + absl::Hours(1)), kRunning);
  Decline(kWednesday + absl::Hours(1));
  EXPECT_EQ(StandingAt(kWednesday + absl::Hours(1)), kDeclined);
  EXPECT_EQ(StandingAt(kWednesday + absl::Hours(100)), kDeclined);
  Give(kWednesday + absl::Hours(200));
  EXPECT_EQ(StandingAt(kWednesday + absl::Hours(200)), kRunning);
}

TEST_F(ConsentStateTest, NotAskedLeavesWhatRuns) {
  Give(kWednesday);
  ConsentAct& other = Give(kWednesday + absl::Hours(1));
  other.decisions = ConsentDecisions();
  other.decisions.Set(ConsentKind::kTreatment, Decision::kAgreed);
  EXPECT_EQ(At(kWednesday + absl::Hours(2)).until, kWednesday + absl::Hours(24));
  EXPECT_EQ(At(kWednesday + absl::Hours(2), FormOfCare::kOutpatient, ConsentKind::kTreatment).until,
            kWednesday + absl::Hours(25));
  EXPECT_EQ(
      At(kWednesday + absl::Hours(2), FormOfCare::kOutpatient, ConsentKind::kSurgery).standing,
      kNeverGiven);
}

TEST_F(ConsentStateTest, AnOnlineConsentUntilFridaySurvivesADeskVisitOnWednesday) {
  Give(kWednesday - absl::Hours(24), FormOfCare::kOnlineCare, kFriday);
  Decline(kWednesday);
  EXPECT_EQ(StandingAt(kWednesday), kDeclined);
  EXPECT_EQ(StandingAt(kWednesday, FormOfCare::kOnlineCare), kRunning);
  EXPECT_EQ(StandingAt(EndOfDay(kFriday) - kSecond, FormOfCare::kOnlineCare), kRunning);
  EXPECT_EQ(StandingAt(EndOfDay(kFriday), FormOfCare::kOnlineCare), kExpired);
}

TEST_F(ConsentStateTest, TwoBookingsAreTwoConsents) {
  Give(kWednesday, FormOfCare::kOnlineCare, kFriday);
  Give(kWednesday + kSecond, FormOfCare::kOnlineCare, kFriday + 3);
  Decline(kWednesday + 2 * kSecond, FormOfCare::kOnlineCare, kFriday);
  const absl::Time at = kWednesday + 3 * kSecond;
  const auto of = [&](Day booking) {
    return At(at, FormOfCare::kOnlineCare, ConsentKind::kDrug, booking);
  };
  EXPECT_EQ(of(kFriday).standing, kDeclined);
  EXPECT_EQ(of(kFriday + 3).standing, kRunning);
  EXPECT_EQ(of(kFriday + 1).standing, kNeverGiven);
  const auto states =
      ConsentStatesAt({acts_, ends_}, {kPerson, kClinic, FormOfCare::kOnlineCare, std::nullopt},
                      ConsentKind::kDrug, at);
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[0].standing, kRunning);
  EXPECT_EQ(states[0].until, EndOfDay(kFriday + 3));
  EXPECT_EQ(states[1].standing, kDeclined);
}

TEST_F(ConsentStateTest, OfTwoRunningBookingsTheLongerComesFirst) {
  Give(kWednesday, FormOfCare::kOnlineCare, kFriday + 3);
  Give(kWednesday + kSecond, FormOfCare::kOnlineCare, kFriday);
  EXPECT_EQ(At(kWednesday + absl::Hours(1), FormOfCare::kOnlineCare).until, EndOfDay(kFriday + 3));
}

TEST_F(ConsentStateTest, OnOneInstantTheStricterWins) {
  Give(kWednesday);
  Decline(kWednesday);
  EXPECT_EQ(StandingAt(kWednesday), kDeclined);
  acts_.clear();
  Decline(kWednesday);
  Give(kWednesday);
  EXPECT_EQ(StandingAt(kWednesday), kDeclined);
  acts_.clear();
  Give(kWednesday);
  End(kWednesday);
  EXPECT_EQ(StandingAt(kWednesday), kRevokedByFacility);
}

TEST_F(ConsentStateTest, AnEndClosesAHomeVisitUntilTheNextConsent) {
  Give(kWednesday, FormOfCare::kHomeVisit);
  const absl::Time end = kWednesday + absl::Hours(24 * 300);
  for (const auto& [reason, standing] :
       {std::pair(ConsentEndReason::kRevokedByFacility, kRevokedByFacility),
        std::pair(ConsentEndReason::kRevokedByPatient, kRevokedByPatient),
        std::pair(ConsentEndReason::kChangeOfUse, kChangeOfUse)}) {
    ends_.clear();
    EXPECT_EQ(StandingAt(end, FormOfCare::kHomeVisit), kRunning);
    End(end, FormOfCare::kHomeVisit, reason);
    EXPECT_EQ(StandingAt(end, FormOfCare::kHomeVisit), standing);
    EXPECT_EQ(StandingAt(end + absl::Hours(24 * 3000), FormOfCare::kHomeVisit), standing);
    EXPECT_EQ(At(end, FormOfCare::kHomeVisit).since, end);
  }
  Give(end + kSecond, FormOfCare::kHomeVisit);
  EXPECT_EQ(StandingAt(end + kSecond, FormOfCare::kHomeVisit), kRunning);
}

TEST_F(ConsentStateTest, RevokingTwiceKeepsTheFirstEnd) {
  Give(kWednesday);
  End(kWednesday + absl::Hours(2), FormOfCare::kOutpatient, ConsentEndReason::kRevokedByPatient);
  End(kWednesday + absl::Hours(1));
  const ConsentState state = At(kWednesday + absl::Hours(3));
  EXPECT_EQ(state.standing, kRevokedByFacility);
  EXPECT_EQ(state.since, kWednesday + absl::Hours(1));
}

TEST_F(ConsentStateTest, AnEndAfterTheWindowChangesNothing) {
  Give(kWednesday);
  End(kWednesday + absl::Hours(24));
  EXPECT_EQ(StandingAt(kWednesday + absl::Hours(25)), kExpired);
  ends_.clear();
  End(kWednesday + absl::Hours(24) - kSecond);
  EXPECT_EQ(StandingAt(kWednesday + absl::Hours(25)), kRevokedByFacility);
}

// Nobody stores what is yet to come: the writer's clock was ahead of ours.
TEST_F(ConsentStateTest, AnEndThatIsStoredHasHappenedWhateverItsInstant) {
  Give(kWednesday);
  End(kWednesday + absl::Hours(1));
  for (const absl::Duration offset : {-kSecond, absl::ZeroDuration(), kSecond}) {
    const ConsentState state = At(kWednesday + absl::Hours(1) + offset);
    EXPECT_EQ(state.standing, kRevokedByFacility) << offset;
    EXPECT_EQ(state.since, kWednesday + absl::Hours(1)) << offset;
  }
  // Also when by the writer's clock the window had just closed and by ours it has not.
  ends_.clear();
  const absl::Time closed = kWednesday + absl::Hours(24);
  End(closed);
  EXPECT_EQ(StandingAt(closed - kSecond), kRevokedByFacility);
  EXPECT_EQ(StandingAt(closed), kExpired);
  EXPECT_EQ(StandingAt(closed + kSecond), kExpired);
}

TEST_F(ConsentStateTest, ADeclineThatIsStoredHasHappenedAndAWindowOpensAtItsInstant) {
  Give(kWednesday);
  Decline(kWednesday + kSecond);
  EXPECT_EQ(StandingAt(kWednesday), kDeclined);
  Give(kWednesday + 2 * kSecond);
  EXPECT_EQ(StandingAt(kWednesday + kSecond), kDeclined);
  EXPECT_EQ(StandingAt(kWednesday + 2 * kSecond), kRunning);
  EXPECT_EQ(StandingAt(kWednesday + 3 * kSecond), kRunning);
}

TEST_F(ConsentStateTest, AnEndTouchesItsOwnScopeAndKindsAlone) {
  const absl::Time at = kWednesday + absl::Hours(2);
  const auto runs_beside = [&](auto change) {
    acts_.clear();
    ends_.clear();
    Give(kWednesday, FormOfCare::kOnlineCare, kFriday);
    ConsentEnd& end = End(kWednesday + absl::Hours(1), FormOfCare::kOnlineCare);
    change(end);
    return StandingAt(at, FormOfCare::kOnlineCare) == kRunning;
  };
  EXPECT_FALSE(runs_beside([](ConsentEnd&) {}));
  EXPECT_FALSE(runs_beside([](ConsentEnd& end) { end.appointment_day = kFriday; }));
  EXPECT_FALSE(
      runs_beside([](ConsentEnd& end) { end.kinds = ConsentKindBit(ConsentKind::kDrug); }));
  EXPECT_TRUE(runs_beside([](ConsentEnd& end) { end.appointment_day = kFriday + 1; }));
  EXPECT_TRUE(runs_beside(
      [](ConsentEnd& end) { end.kinds = kAllConsentKinds - ConsentKindBit(ConsentKind::kDrug); }));
  EXPECT_TRUE(runs_beside([](ConsentEnd& end) { end.person = kOther; }));
  EXPECT_TRUE(runs_beside([](ConsentEnd& end) { end.facility_code = kHospital; }));
  EXPECT_TRUE(runs_beside([](ConsentEnd& end) { end.form_of_care = FormOfCare::kHomeVisit; }));
  EXPECT_TRUE(runs_beside([](ConsentEnd& end) { end.at = kWednesday - kSecond; }));
}

TEST_F(ConsentStateTest, OtherPersonsAndOtherFacilitiesConsentsCountForNothing) {
  Give(kWednesday).person = kOther;
  Give(kWednesday).facility_code = kHospital;
  EXPECT_EQ(StandingAt(kWednesday), kNeverGiven);
}

TEST_F(ConsentStateTest, AnOralActOpensTheLimitCertificateAndNothingElse) {
  ConsentAct& act = Give(kWednesday);
  act.method = ConsentMethod::kOral;
  for (int number = 1; number <= kConsentKinds; ++number) {
    act.decisions.Set(static_cast<ConsentKind>(number), Decision::kAgreed);
  }
  for (int number = 1; number <= kConsentKinds; ++number) {
    const auto kind = static_cast<ConsentKind>(number);
    EXPECT_EQ(At(kWednesday, FormOfCare::kOutpatient, kind).standing,
              kind == ConsentKind::kLimitCertificate ? kRunning : kNeverGiven)
        << number;
  }
}

TEST_F(ConsentStateTest, TheOrderOfTheHistoryDoesNotMatter) {
  Give(kWednesday + absl::Hours(2));
  Decline(kWednesday + absl::Hours(1));
  Give(kWednesday);
  EXPECT_EQ(StandingAt(kWednesday + absl::Hours(1)), kDeclined);
  EXPECT_EQ(StandingAt(kWednesday + absl::Hours(2)), kRunning);
}

TEST_F(ConsentStateTest, ListsEveryConsentOfTheFacility) {
  Give(kWednesday);
  Give(kWednesday, FormOfCare::kOnlineCare, kFriday);
  Give(kWednesday, FormOfCare::kOnlineCare, kFriday + 3);
  Give(kWednesday, FormOfCare::kHomeVisit).facility_code = kHospital;
  const auto listed = ConsentsAt({acts_, ends_}, kPerson, kClinic, kWednesday + absl::Hours(25));
  ASSERT_EQ(listed.size(), 3u);
  EXPECT_EQ(listed[0].state.standing, kExpired);
  EXPECT_EQ(listed[1].state.act->appointment_day, kFriday + 3);
  EXPECT_EQ(listed[2].state.act->appointment_day, kFriday);
  for (const ListedConsent& one : listed) EXPECT_EQ(one.kind, ConsentKind::kDrug);
  EXPECT_TRUE(ConsentsAt({acts_, ends_}, kOther, kClinic, kWednesday).empty());
}

TEST(ConsentEndCode, IsTheFieldsOwn) {
  EXPECT_EQ(EndCodeOf(kExpired), 0);
  EXPECT_EQ(EndCodeOf(kRevokedByFacility), 1);
  EXPECT_EQ(EndCodeOf(kRevokedByPatient), 2);
  EXPECT_EQ(EndCodeOf(kChangeOfUse), 3);
  EXPECT_EQ(EndCodeOf(kRunning), std::nullopt);
  EXPECT_EQ(EndCodeOf(kDeclined), std::nullopt);
  EXPECT_EQ(EndCodeOf(kNeverGiven), std::nullopt);
}

}  // namespace
}  // namespace kakunin
