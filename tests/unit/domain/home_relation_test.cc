#include "domain/home_relation.h"

#include <gtest/gtest.h>

#include <vector>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;
using enum ConsentStanding;

constexpr PersonId kPerson{{1}};
constexpr char kClinic[] = "1310000001";
constexpr Day kMonday(2026, 11, 16);
constexpr Day kThursday(2026, 11, 19);
const absl::Time kBooked = StartOfDay(kMonday) + absl::Hours(10);
constexpr absl::Duration kSecond = absl::Seconds(1);

class HomeRelationTest : public testing::Test {
 protected:
  ConsentAct& Act(absl::Time at, FormOfCare form, std::optional<Day> booking,
                  Decision drugs = Decision::kAgreed) {
    ConsentAct& act = acts_.emplace_back();
    act.person = kPerson;
    act.facility_code = kClinic;
    act.form_of_care = form;
    act.appointment_day = booking;
    act.decisions.Set(ConsentKind::kDrug, drugs);
    act.begin = at;
    act.end = ConsentWindowFor(form, at, booking)->end;
    act.audit_id.number = static_cast<int64_t>(acts_.size());
    return act;
  }
  ConsentAct& Visit(absl::Time at, Decision drugs = Decision::kAgreed) {
    return Act(at, FormOfCare::kHomeVisit, std::nullopt, drugs);
  }
  ConsentAct& Book(absl::Time at, Day day, Decision drugs = Decision::kAgreed) {
    return Act(at, FormOfCare::kOnlineCare, day, drugs);
  }
  ConsentEnd& End(absl::Time at, FormOfCare form, int kinds = kAllConsentKinds,
                  ConsentEndReason reason = ConsentEndReason::kRevokedByPatient) {
    ConsentEnd& end = ends_.emplace_back();
    end.person = kPerson;
    end.facility_code = kClinic;
    end.form_of_care = form;
    end.kinds = kinds;
    end.reason = reason;
    end.at = at;
    return end;
  }
  HomeRelation At(absl::Time at, FormOfCare form, std::optional<Day> booking = {}) const {
    std::vector<CertificateFinding> findings = findings_;
    findings.resize(acts_.size(), CertificateFinding::kGood);
    return RelationAt({acts_, ends_}, {findings, rules_}, {kPerson, kClinic, form, booking}, at);
  }
  HomeRelation VisitsAt(absl::Time at) const { return At(at, FormOfCare::kHomeVisit); }

  std::vector<ConsentAct> acts_;
  std::vector<CertificateFinding> findings_;  // of the first acts; the others' are good
  CertificateRules rules_;
  std::vector<ConsentEnd> ends_;
};

TEST_F(HomeRelationTest, IsNoneWithoutAnAct) {
  EXPECT_EQ(VisitsAt(kBooked).standing, kNeverGiven);
  EXPECT_EQ(DenialOf(VisitsAt(kBooked), kMonday), Reason::kNoConsent);
}

TEST_F(HomeRelationTest, BeginsWithTheActAndNotBefore) {
  Visit(kBooked);
  EXPECT_EQ(VisitsAt(kBooked - kSecond).standing, kNeverGiven);
  EXPECT_EQ(VisitsAt(kBooked).standing, kRunning);
  EXPECT_EQ(VisitsAt(kBooked).act.number, 1);
}

TEST_F(HomeRelationTest, LosesNothingByAnOralAgreement) {
  Visit(kBooked).decisions.Set(ConsentKind::kLimitCertificate, Decision::kAgreed);
  ConsentAct& oral = Visit(kBooked + kSecond, Decision::kNotAsked);
  oral.method = ConsentMethod::kOral;
  oral.decisions.Set(ConsentKind::kLimitCertificate, Decision::kAgreed);
  const HomeRelation relation = VisitsAt(kBooked + 2 * kSecond);
  EXPECT_EQ(relation.act.number, 1);
  EXPECT_TRUE(relation.open.Agreed(ConsentKind::kLimitCertificate));
  End(kBooked + 3 * kSecond, FormOfCare::kHomeVisit, ConsentKindBit(ConsentKind::kDrug));
  EXPECT_EQ(VisitsAt(kBooked + 4 * kSecond).standing, kRunning);
}

TEST_F(HomeRelationTest, IsClosedByWhatIsDeclinedOrally) {
  Visit(kBooked).decisions.Set(ConsentKind::kLimitCertificate, Decision::kAgreed);
  ConsentAct& oral = Visit(kBooked + kSecond, Decision::kNotAsked);
  oral.method = ConsentMethod::kOral;
  oral.decisions.Set(ConsentKind::kLimitCertificate, Decision::kDeclined);
  EXPECT_FALSE(VisitsAt(kBooked + 2 * kSecond).open.Agreed(ConsentKind::kLimitCertificate));
}

TEST_F(HomeRelationTest, OutlivesTheCardThatBeganItButWhatThatOpenedCloses) {
  Visit(kBooked);
  const struct {
    CertificateFinding finding;
    bool opens;
  } cases[] = {
      {CertificateFinding::kGood, true},          {CertificateFinding::kRevoked, false},
      {CertificateFinding::kSuperseded, true},    {CertificateFinding::kExpired, true},
      {CertificateFinding::kUnknown, false},      {CertificateFinding::kUntraceable, false},
      {CertificateFinding::kNoCertificate, false}};
  for (const auto& [finding, opens] : cases) {
    findings_ = {finding};
    const HomeRelation relation = VisitsAt(kBooked + kSecond);
    EXPECT_EQ(relation.open.Agreed(ConsentKind::kDrug), opens) << static_cast<int>(finding);
    EXPECT_EQ(relation.unknown.Agreed(ConsentKind::kDrug), finding == CertificateFinding::kUnknown);
    EXPECT_FALSE(relation.unknown.Agreed(ConsentKind::kTreatment));
    EXPECT_EQ(DenialOf(relation, kMonday), std::nullopt);
  }
}

TEST_F(HomeRelationTest, ALapsedCardOpensNothingOutsideTheSwitchsDates) {
  Visit(kBooked);
  rules_.lapse_ignored_to = kBooked + 10 * kSecond;
  for (const CertificateFinding lapse :
       {CertificateFinding::kSuperseded, CertificateFinding::kExpired}) {
    findings_ = {lapse};
    for (const int edge : {-1, 0, 1}) {
      const HomeRelation relation = VisitsAt(rules_.lapse_ignored_to + edge * kSecond);
      EXPECT_EQ(relation.open.Agreed(ConsentKind::kDrug), edge < 0) << edge;
    }
  }
}

TEST_F(HomeRelationTest, EachKindGoesByTheCardThatItWasAgreedWith) {
  Visit(kBooked).decisions.Set(ConsentKind::kLimitCertificate, Decision::kAgreed);
  Visit(kBooked + kSecond);  // a new card; of certificates nothing was asked
  findings_ = {CertificateFinding::kRevoked, CertificateFinding::kGood};
  const HomeRelation relation = VisitsAt(kBooked + 2 * kSecond);
  EXPECT_TRUE(relation.open.Agreed(ConsentKind::kDrug));
  EXPECT_FALSE(relation.open.Agreed(ConsentKind::kLimitCertificate));
  EXPECT_EQ(relation.act.number, 2);
}

TEST_F(HomeRelationTest, AnOralAgreementAmongTheActsShiftsNoCertificate) {
  ConsentAct& oral = Visit(kBooked, Decision::kNotAsked);
  oral.method = ConsentMethod::kOral;
  oral.decisions.Set(ConsentKind::kLimitCertificate, Decision::kAgreed);
  Visit(kBooked + kSecond);
  findings_ = {CertificateFinding::kNoCertificate, CertificateFinding::kGood};
  EXPECT_TRUE(VisitsAt(kBooked + 2 * kSecond).open.Agreed(ConsentKind::kDrug));
  findings_ = {CertificateFinding::kGood, CertificateFinding::kRevoked};
  EXPECT_FALSE(VisitsAt(kBooked + 2 * kSecond).open.Agreed(ConsentKind::kDrug));
}

// Whether an end left something open is a matter of then: what befell the card since changes it
// not.
TEST_F(HomeRelationTest, ARevokedCardMakesNoEndTheLastOne) {
  Visit(kBooked).decisions.Set(ConsentKind::kLimitCertificate, Decision::kAgreed);
  End(kBooked + kSecond, FormOfCare::kHomeVisit, ConsentKindBit(ConsentKind::kDrug));
  findings_ = {CertificateFinding::kRevoked};
  const HomeRelation relation = VisitsAt(kBooked + 2 * kSecond);
  EXPECT_EQ(relation.standing, kRunning);
  EXPECT_EQ(relation.open, ConsentDecisions());
}

TEST_F(HomeRelationTest, OfHomeVisitsLastsForYears) {
  Visit(kBooked);
  const absl::Time later = kBooked + absl::Hours(24 * 365 * 4);
  EXPECT_EQ(DenialOf(VisitsAt(later), CivilDayAt(later)), std::nullopt);
}

TEST_F(HomeRelationTest, OfABookingEndsWithItsDay) {
  Book(kBooked, kThursday);
  const absl::Time end = StartOfDay(kThursday + 1);
  const auto at = [&](absl::Time when) { return At(when, FormOfCare::kOnlineCare, kThursday); };
  EXPECT_EQ(DenialOf(at(end - kSecond), kThursday), std::nullopt);
  EXPECT_EQ(DenialOf(at(end), kThursday), Reason::kConsentExpired);
  EXPECT_EQ(DenialOf(at(end + kSecond), kThursday), Reason::kConsentExpired);
}

TEST_F(HomeRelationTest, DoesNotCarryADayBehindTheBooking) {
  Book(kBooked, kThursday);
  const HomeRelation relation = At(kBooked, FormOfCare::kOnlineCare);
  EXPECT_EQ(DenialOf(relation, kThursday), std::nullopt);
  EXPECT_EQ(DenialOf(relation, kThursday + 1), Reason::kConsentExpired);
}

TEST_F(HomeRelationTest, OfAnotherBookingIsAnother) {
  Book(kBooked, kThursday);
  EXPECT_EQ(At(kBooked, FormOfCare::kOnlineCare, kThursday + 1).standing, kNeverGiven);
  EXPECT_EQ(At(kBooked, FormOfCare::kHomeVisit).standing, kNeverGiven);
}

TEST_F(HomeRelationTest, OfSeveralBookingsTellsTheOneThatLastsLongest) {
  Book(kBooked, kThursday);
  Book(kBooked + kSecond, kMonday + 1);
  EXPECT_EQ(At(kBooked + kSecond, FormOfCare::kOnlineCare).booking, kThursday);
  EXPECT_EQ(At(StartOfDay(kThursday), FormOfCare::kOnlineCare).booking, kThursday);
}

TEST_F(HomeRelationTest, OpensWhatAnyOfSeveralBookingsOpens) {
  Book(kBooked, kThursday).decisions.Set(ConsentKind::kTreatment, Decision::kAgreed);
  Book(kBooked, kMonday + 1).decisions.Set(ConsentKind::kLimitCertificate, Decision::kAgreed);
  const absl::Time at = kBooked + kSecond;
  findings_ = {CertificateFinding::kRevoked, CertificateFinding::kGood};
  const HomeRelation relation = At(at, FormOfCare::kOnlineCare);
  EXPECT_EQ(relation.booking, kThursday);
  EXPECT_EQ(relation.until, StartOfDay(kThursday + 1));
  EXPECT_TRUE(relation.open.Agreed(ConsentKind::kDrug));
  EXPECT_TRUE(relation.open.Agreed(ConsentKind::kLimitCertificate));
  EXPECT_FALSE(relation.open.Agreed(ConsentKind::kTreatment));
  // Asked for one booking, and once the other is over, each is by itself.
  EXPECT_EQ(At(at, FormOfCare::kOnlineCare, kThursday).open, ConsentDecisions());
  EXPECT_EQ(At(StartOfDay(kMonday + 2), FormOfCare::kOnlineCare).open, ConsentDecisions());
  EXPECT_TRUE(At(StartOfDay(kMonday + 2) - kSecond, FormOfCare::kOnlineCare)
                  .open.Agreed(ConsentKind::kLimitCertificate));
}

TEST_F(HomeRelationTest, LastsForWhoDeclinesEveryKindOfData) {
  Visit(kBooked, Decision::kDeclined);
  EXPECT_EQ(VisitsAt(kBooked).standing, kRunning);
  EXPECT_EQ(VisitsAt(kBooked).open, ConsentDecisions());
}

TEST_F(HomeRelationTest, EndsWithTheLastKindThatIsRevoked) {
  ConsentAct& act = Visit(kBooked);
  act.decisions.Set(ConsentKind::kTreatment, Decision::kAgreed);
  End(kBooked + kSecond, FormOfCare::kHomeVisit, ConsentKindBit(ConsentKind::kDrug),
      ConsentEndReason::kRevokedByFacility);
  EXPECT_EQ(VisitsAt(kBooked + kSecond).standing, kRunning);
  EXPECT_FALSE(VisitsAt(kBooked + kSecond).open.Agreed(ConsentKind::kDrug));
  EXPECT_TRUE(VisitsAt(kBooked + kSecond).open.Agreed(ConsentKind::kTreatment));
  End(kBooked + 2 * kSecond, FormOfCare::kHomeVisit, ConsentKindBit(ConsentKind::kTreatment));
  EXPECT_EQ(VisitsAt(kBooked + 2 * kSecond).standing, kRevokedByPatient);
  EXPECT_EQ(DenialOf(VisitsAt(kBooked + 2 * kSecond), kMonday), Reason::kConsentRevoked);
}

// An expired card, or one whose link was undone: it began nothing, and closes what it declined.
TEST_F(HomeRelationTest, IsClosedByWhatIsDeclinedByACardInGraceAndNotEnded) {
  Visit(kBooked).decisions.Set(ConsentKind::kTreatment, Decision::kAgreed);
  End(kBooked + kSecond, FormOfCare::kHomeVisit, ConsentKindBit(ConsentKind::kTreatment));
  Visit(kBooked + 2 * kSecond, Decision::kDeclined).method = ConsentMethod::kCardInGrace;
  const HomeRelation relation = VisitsAt(kBooked + 3 * kSecond);
  EXPECT_EQ(relation.standing, kRunning);
  EXPECT_EQ(relation.act.number, 1);
  EXPECT_FALSE(relation.open.Agreed(ConsentKind::kDrug));
}

TEST_F(HomeRelationTest, ThatACardWithoutALinkAgreedToIsNone) {
  Visit(kBooked).method = ConsentMethod::kCardInGrace;  // as the store reads it
  EXPECT_EQ(VisitsAt(kBooked + kSecond).standing, kNeverGiven);
  Visit(kBooked + kSecond);
  Visit(kBooked + 2 * kSecond).method = ConsentMethod::kCardInGrace;
  const HomeRelation relation = VisitsAt(kBooked + 3 * kSecond);
  EXPECT_EQ(relation.act.number, 2);
  EXPECT_FALSE(relation.open.Agreed(ConsentKind::kDrug));
}

TEST_F(HomeRelationTest, OfWhoDeclinedEverythingEndsWithAnEndOfNothing) {
  Visit(kBooked, Decision::kDeclined);
  End(kBooked + kSecond, FormOfCare::kHomeVisit, 0);
  EXPECT_EQ(VisitsAt(kBooked + kSecond).standing, kRevokedByPatient);
}

TEST_F(HomeRelationTest, OutlastsARequestThatEndedNothingOfWhatItAskedFor) {
  Visit(kBooked, Decision::kDeclined);
  End(kBooked + kSecond, FormOfCare::kHomeVisit, kEndsNoRelation);
  EXPECT_EQ(VisitsAt(kBooked + kSecond).standing, ConsentStanding::kRunning);
  End(kBooked + 2 * kSecond, FormOfCare::kHomeVisit, 0);
  EXPECT_EQ(VisitsAt(kBooked + 2 * kSecond).standing, kRevokedByPatient);
}

TEST_F(HomeRelationTest, BeginsAnewWithALaterAct) {
  Visit(kBooked);
  End(kBooked + kSecond, FormOfCare::kHomeVisit);
  Visit(kBooked + 2 * kSecond, Decision::kDeclined);
  EXPECT_EQ(VisitsAt(kBooked + 2 * kSecond).standing, kRunning);
}

TEST_F(HomeRelationTest, AnEndAtTheInstantOfTheActWins) {
  Visit(kBooked);
  End(kBooked, FormOfCare::kHomeVisit);
  EXPECT_EQ(VisitsAt(kBooked).standing, kRevokedByPatient);
}

TEST_F(HomeRelationTest, ThatAnEndLeftInPartIsExpiredAfterTheBooking) {
  ConsentAct& act = Book(kBooked, kThursday);
  act.decisions.Set(ConsentKind::kTreatment, Decision::kAgreed);
  End(kBooked + kSecond, FormOfCare::kOnlineCare, ConsentKindBit(ConsentKind::kDrug));
  EXPECT_EQ(At(StartOfDay(kThursday + 1), FormOfCare::kOnlineCare, kThursday).standing, kExpired);
}

TEST_F(HomeRelationTest, IsNotBegunByWordsOrByAnExpiredCard) {
  Visit(kBooked).method = ConsentMethod::kOral;
  Visit(kBooked).method = ConsentMethod::kCardInGrace;
  EXPECT_EQ(VisitsAt(kBooked).standing, kNeverGiven);
}

TEST_F(HomeRelationTest, OfAnotherFacilityOrPersonCountsForNothing) {
  Visit(kBooked).facility_code = "1310000002";
  Visit(kBooked).person = PersonId{{2}};
  EXPECT_EQ(VisitsAt(kBooked).standing, kNeverGiven);
}

}  // namespace
}  // namespace kakunin
