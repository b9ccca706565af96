#include "domain/record_access.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <vector>

#include "domain/access_explanation.h"
#include "domain/civil_day.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;

constexpr char kClinic[] = "1310000001";
constexpr absl::Duration kSecond = absl::Seconds(1);
const absl::Time kGiven = absl::FromCivil(absl::CivilSecond(2026, 11, 20, 9, 30, 15), JapanTime());
const absl::Time kNow = kGiven + absl::Hours(1);

class RecordAccessTest : public testing::Test {
 protected:
  RecordAccessTest() {
    terminal_.facility_code = kClinic;
    terminal_.role = Role::kDoctor;
    act_.facility_code = kClinic;
    act_.begin = kGiven;
    act_.end = kGiven + absl::Hours(24);
    act_.issuer_key_id = "key";
    act_.serial = "serial";
    for (int number = 1; number <= kConsentKinds; ++number) {
      act_.decisions.Set(static_cast<ConsentKind>(number), Decision::kAgreed);
    }
    call_.terminal = &terminal_;
    call_.at = kNow;
  }

  ConsentState Running() const { return {ConsentStanding::kRunning, &act_, act_.begin, act_.end}; }
  ConsentState Ended(ConsentStanding standing) const { return {standing, &act_, act_.end, {}}; }

  RecordDecision Decide(const std::vector<ConsentEvidence>& evidence) const {
    return DecideRecordAccess(call_, evidence, rules_);
  }
  std::optional<Reason> DenialWith(ConsentState state,
                                   CertificateFinding finding = CertificateFinding::kGood) const {
    return Decide({{state, finding}}).denial;
  }

  Terminal terminal_;
  ConsentAct act_;
  RecordCall call_;
  CertificateRules rules_;
};

TEST_F(RecordAccessTest, ARunningConsentOpensAndTellsItsEnd) {
  const RecordDecision decision = Decide({{Running(), CertificateFinding::kGood}});
  ASSERT_TRUE(decision.allowed());
  EXPECT_EQ(decision.consent.act, &act_);
  EXPECT_EQ(decision.until, kGiven + absl::Hours(24));
  EXPECT_EQ(decision.TimeLeft(call_.at), absl::Hours(23));
}

TEST_F(RecordAccessTest, EveryStandingHasItsReason) {
  using enum ConsentStanding;
  EXPECT_EQ(Decide({}).denial, Reason::kNoConsent);
  EXPECT_EQ(DenialWith({}), Reason::kNoConsent);
  EXPECT_EQ(DenialWith(Ended(kDeclined)), Reason::kConsentDeclined);
  EXPECT_EQ(DenialWith(Ended(kExpired)), Reason::kConsentExpired);
  EXPECT_EQ(DenialWith(Ended(kRevokedByFacility)), Reason::kConsentRevoked);
  EXPECT_EQ(DenialWith(Ended(kRevokedByPatient)), Reason::kConsentRevoked);
  EXPECT_EQ(DenialWith(Ended(kChangeOfUse)), Reason::kConsentRevoked);
}

TEST_F(RecordAccessTest, TheCertificateCountsOnEveryCall) {
  using enum CertificateFinding;
  EXPECT_EQ(DenialWith(Running(), kGood), std::nullopt);
  EXPECT_EQ(DenialWith(Running(), kRevoked), Reason::kConsentCertificateRevoked);
  EXPECT_EQ(DenialWith(Running(), kSuperseded), std::nullopt);
  EXPECT_EQ(DenialWith(Running(), kExpired), std::nullopt);
  EXPECT_EQ(DenialWith(Running(), kUnknown), Reason::kRevocationUnknown);
  // What can never be looked up is not asked again: the consent is to be taken anew.
  EXPECT_EQ(DenialWith(Running(), kUntraceable), Reason::kConsentCertificateUntraceable);
  EXPECT_EQ(FactsOf(Reason::kConsentCertificateUntraceable).code,
            absl::StatusCode::kPermissionDenied);
  EXPECT_FALSE(FactsOf(Reason::kConsentCertificateUntraceable).retryable);
  // A card act without a certificate is of that kind; an oral one has none.
  EXPECT_EQ(DenialWith(Running(), kNoCertificate), Reason::kConsentCertificateUntraceable);
  act_.method = ConsentMethod::kOral;
  EXPECT_EQ(DenialWith(Running(), kNoCertificate), std::nullopt);
}

TEST_F(RecordAccessTest, ALapseCountsOutsideTheSwitchsDatesAlone) {
  rules_.lapse_ignored_from = kNow;
  rules_.lapse_ignored_to = kNow + absl::Hours(1);
  for (const auto finding : {CertificateFinding::kSuperseded, CertificateFinding::kExpired}) {
    const auto at = [&](absl::Time instant) {
      call_.at = instant;
      return DenialWith(Running(), finding);
    };
    EXPECT_EQ(at(kNow - kSecond), Reason::kConsentCertificateLapsed);
    EXPECT_EQ(at(kNow), std::nullopt);
    EXPECT_EQ(at(kNow + kSecond), std::nullopt);
    EXPECT_EQ(at(kNow + absl::Hours(1) - kSecond), std::nullopt);
    EXPECT_EQ(at(kNow + absl::Hours(1)), Reason::kConsentCertificateLapsed);
  }
  call_.at = kNow;
  EXPECT_EQ(DenialWith(Running(), CertificateFinding::kRevoked),
            Reason::kConsentCertificateRevoked);
}

TEST_F(RecordAccessTest, ThePolicyIsAskedFirst) {
  terminal_.role = Role::kGeneral;
  EXPECT_EQ(DenialWith(Running()), Reason::kRoleNotAllowed);
  EXPECT_EQ(Decide({}).denial, Reason::kRoleNotAllowed);
  terminal_.kind = TerminalKind::kRestricted;
  EXPECT_EQ(DenialWith(Running()), Reason::kTerminalRestricted);
  call_.form_of_care = FormOfCare::kEmergency;
  EXPECT_EQ(DenialWith(Running()), Reason::kFormOfCareNotInService);
  call_.form_of_care = FormOfCare::kOutpatient;
  terminal_.kind = TerminalKind::kViewing;
  terminal_.role = Role::kPharmacist;
  EXPECT_EQ(DenialWith(Running()), std::nullopt);
  call_.operation = Operation::kGetHealthChecks;  // asks for another kind than it shows
  EXPECT_EQ(DenialWith(Running()), Reason::kNotInService);
}

TEST_F(RecordAccessTest, BeforeTheFirstDataTheReasonIsNotInService) {
  const auto through = [&](Day day) {
    call_.asked_through = day;
    return DenialWith(Running());
  };
  EXPECT_EQ(through(Day(2021, 8, 31)), Reason::kNotInService);
  EXPECT_EQ(through(Day(2021, 9, 1)), std::nullopt);
  call_.kind = RecordKind::kTreatment;
  call_.operation = Operation::kGetTreatmentHistory;
  EXPECT_EQ(through(Day(2022, 5, 31)), Reason::kNotInService);
  EXPECT_EQ(through(Day(2022, 6, 1)), std::nullopt);
  call_.at = StartOfDay(Day(2022, 9, 11)) - kSecond;
  EXPECT_EQ(through(Day(2022, 6, 30)), Reason::kNotInService);
}

TEST_F(RecordAccessTest, NobodyIsEverChosenFromSeveral) {
  call_.persons_found = 2;
  EXPECT_EQ(DenialWith(Running()), Reason::kBranchNumberNeeded);
  EXPECT_EQ(Decide({}).denial, Reason::kBranchNumberNeeded);
  terminal_.role = Role::kGeneral;
  EXPECT_EQ(Decide({}).denial, Reason::kRoleNotAllowed);
}

TEST_F(RecordAccessTest, APersonWhoIsNotThereReadsLikeOneWithoutConsent) {
  const RecordDecision without = Decide({});
  const Explanation explained = ExplainRecordAccess(call_, without);
  call_.persons_found = 0;
  const RecordDecision absent = Decide({{Running(), CertificateFinding::kGood}});
  EXPECT_EQ(absent.denial, without.denial);
  const Explanation other = ExplainRecordAccess(call_, absent);
  EXPECT_EQ(other.reason, explained.reason);
  EXPECT_EQ(other.rule, explained.rule);
  EXPECT_EQ(other.consent, explained.consent);
  EXPECT_EQ(other.time_left, explained.time_left);
  EXPECT_EQ(other.remedy, explained.remedy);
}

TEST_F(RecordAccessTest, ACardInGraceTellsItselfUnlessAConsentRuns) {
  call_.confirmed_for_eligibility_only = true;
  EXPECT_EQ(Decide({}).denial, Reason::kCardEligibilityOnly);
  EXPECT_EQ(DenialWith(Ended(ConsentStanding::kExpired)), Reason::kCardEligibilityOnly);
  EXPECT_EQ(DenialWith(Running()), std::nullopt);
  EXPECT_EQ(DenialWith(Running(), CertificateFinding::kRevoked),
            Reason::kConsentCertificateRevoked);
}

TEST_F(RecordAccessTest, OfSeveralBookingsTheFirstThatOpensDecides) {
  call_.form_of_care = FormOfCare::kOnlineCare;
  act_.form_of_care = FormOfCare::kOnlineCare;
  ConsentAct second = act_;
  second.end = act_.end - absl::Hours(1);
  const ConsentState other{ConsentStanding::kRunning, &second, second.begin, second.end};
  const RecordDecision decision =
      Decide({{Running(), CertificateFinding::kRevoked}, {other, CertificateFinding::kGood}});
  EXPECT_TRUE(decision.allowed());
  EXPECT_EQ(decision.consent.act, &second);
  EXPECT_EQ(decision.until, second.end);
  EXPECT_EQ(Decide({{Running(), CertificateFinding::kRevoked},
                    {Ended(ConsentStanding::kExpired), CertificateFinding::kGood}})
                .denial,
            Reason::kConsentCertificateRevoked);
}

TEST_F(RecordAccessTest, AStateOfAnotherFacilityFormOrKindOpensNothing) {
  ConsentAct other = act_;
  const ConsentState state{ConsentStanding::kRunning, &other, other.begin, other.end};
  other.facility_code = "1310000002";
  EXPECT_EQ(DenialWith(state), Reason::kNoConsent);
  other = act_;
  other.form_of_care = FormOfCare::kHomeVisit;
  EXPECT_EQ(DenialWith(state), Reason::kNoConsent);
  other = act_;
  other.decisions.Set(ConsentKind::kDrug, Decision::kNotAsked);
  EXPECT_EQ(DenialWith(state), Reason::kNoConsent);
}

TEST_F(RecordAccessTest, EligibilityNeedsNoConsent) {
  call_.operation = Operation::kConfirmByInsuredNumber;
  call_.kind = RecordKind::kEligibility;
  const RecordDecision decision = Decide({});
  EXPECT_TRUE(decision.allowed());
  EXPECT_EQ(decision.until, absl::InfiniteFuture());
}

// Every way to be refused, with its explanation.
TEST_F(RecordAccessTest, WhoseIdentityIsInQuestionIsToldOnlyToWhomAConsentWouldOpen) {
  call_.identity_in_question = true;
  EXPECT_EQ(DenialWith(Running()), Reason::kIdentityInQuestion);
  EXPECT_EQ(Decide({{Running(), CertificateFinding::kGood}}).until, call_.at);
  EXPECT_EQ(Decide({}).denial, Reason::kNoConsent);
  EXPECT_EQ(DenialWith(Ended(ConsentStanding::kExpired)), Reason::kConsentExpired);
  EXPECT_EQ(DenialWith(Running(), CertificateFinding::kRevoked),
            Reason::kConsentCertificateRevoked);
  terminal_.role = Role::kGeneral;
  EXPECT_EQ(DenialWith(Running()), Reason::kRoleNotAllowed);
}

TEST_F(RecordAccessTest, EveryRefusalIsExplainedInItsOwnWords) {
  std::set<std::string> rules;
  const auto explain = [&](Reason reason, const std::vector<ConsentEvidence>& evidence) {
    const RecordDecision decision = Decide(evidence);
    EXPECT_EQ(decision.denial, reason);
    const Explanation explanation = ExplainRecordAccess(call_, decision);
    EXPECT_FALSE(explanation.allowed);
    EXPECT_EQ(explanation.reason, FactsOf(reason).name);
    EXPECT_FALSE(explanation.remedy.empty());
    EXPECT_TRUE(explanation.time_left.empty());
    EXPECT_TRUE(rules.insert(explanation.rule).second) << explanation.rule;
  };
  using enum ConsentStanding;
  constexpr auto kGood = CertificateFinding::kGood;
  explain(Reason::kNoConsent, {});
  explain(Reason::kConsentDeclined, {{Ended(kDeclined), kGood}});
  explain(Reason::kConsentExpired, {{Ended(kExpired), kGood}});
  explain(Reason::kConsentRevoked, {{Ended(kRevokedByFacility), kGood}});
  explain(Reason::kConsentRevoked, {{Ended(kRevokedByPatient), kGood}});
  explain(Reason::kConsentRevoked, {{Ended(kChangeOfUse), kGood}});
  explain(Reason::kConsentCertificateRevoked, {{Running(), CertificateFinding::kRevoked}});
  explain(Reason::kRevocationUnknown, {{Running(), CertificateFinding::kUnknown}});
  explain(Reason::kConsentCertificateUntraceable, {{Running(), CertificateFinding::kUntraceable}});
  call_.identity_in_question = true;
  explain(Reason::kIdentityInQuestion, {{Running(), kGood}});
  call_.identity_in_question = false;
  rules_.lapse_ignored_to = call_.at;
  explain(Reason::kConsentCertificateLapsed, {{Running(), CertificateFinding::kExpired}});
  call_.confirmed_for_eligibility_only = true;
  explain(Reason::kCardEligibilityOnly, {});
  call_.persons_found = 2;
  explain(Reason::kBranchNumberNeeded, {});
  call_.asked_through = Day(2021, 8, 31);
  explain(Reason::kNotInService, {});
  terminal_.role = Role::kGeneral;
  explain(Reason::kRoleNotAllowed, {});
  terminal_.kind = TerminalKind::kRestricted;
  explain(Reason::kTerminalRestricted, {});
  call_.form_of_care = FormOfCare::kEmergency;
  explain(Reason::kFormOfCareNotInService, {});
  call_.form_of_care = FormOfCare::kOnlineCare;
  call_.at = StartOfDay(Day(2024, 4, 1)) - kSecond;
  explain(Reason::kNotInService, {});
  call_.at = StartOfDay(Day(2021, 10, 20)) - kSecond;
  explain(Reason::kNotInService, {});
  call_.kind = RecordKind::kHealthCheck;
  call_.operation = Operation::kGetHealthChecks;
  call_.at = StartOfDay(Day(2020, 11, 12)) - kSecond;
  terminal_.facility_type = FacilityType::kPharmacy;
  explain(Reason::kFacilityTypeNotAllowed, {});
}

// An audited refusal may be told when the act that decided has had its time.
TEST_F(RecordAccessTest, ARefusalWithoutItsConsentIsExplainedWithoutAnInstant) {
  for (const Reason reason :
       {Reason::kConsentDeclined, Reason::kConsentExpired, Reason::kConsentRevoked}) {
    RecordDecision decision;
    decision.denial = reason;
    const Explanation explanation = ExplainRecordAccess(call_, decision);
    EXPECT_FALSE(explanation.rule.empty());
    EXPECT_EQ(explanation.rule.find("年"), std::string::npos) << explanation.rule;
    // Nothing tells who ended it.
    EXPECT_EQ(explanation.rule.find("医療機関等"), std::string::npos) << explanation.rule;
    EXPECT_EQ(explanation.consent, "");
    EXPECT_FALSE(explanation.remedy.empty());
  }
}

TEST_F(RecordAccessTest, AnEmergencyIsExplainedByTheViewThatOpensIt) {
  call_.form_of_care = FormOfCare::kEmergency;
  const auto explain = [&] { return ExplainRecordAccess(call_, Decide({})); };
  EXPECT_EQ(explain().reason, "FORM_OF_CARE_NOT_IN_SERVICE");
  EXPECT_NE(explain().rule.find("「救急時の閲覧」によってだけ"), std::string::npos);
  EXPECT_NE(explain().remedy.find("救急時の閲覧を開けば"), std::string::npos);
  call_.at = StartOfDay(Day(2024, 12, 9)) - kSecond;
  EXPECT_EQ(explain().rule, "救急時の閲覧は2024年12月9日に始まります。");
  call_.at += kSecond;
  EXPECT_NE(explain().rule.find("「救急時の閲覧」によってだけ"), std::string::npos);
}

TEST_F(RecordAccessTest, AnExplanationNamesTheConsentAndTheTimeLeft) {
  const Explanation explanation =
      ExplainRecordAccess(call_, Decide({{Running(), CertificateFinding::kGood}}));
  EXPECT_TRUE(explanation.allowed);
  EXPECT_TRUE(explanation.reason.empty());
  EXPECT_EQ(explanation.rule,
            "薬剤情報は、患者の同意がある間、有資格者が閲覧できます（外来の同意は24時間）。");
  EXPECT_EQ(explanation.consent, "2026年11月20日9時30分15秒にカードで得た外来の回答（薬剤情報）");
  EXPECT_EQ(explanation.time_left, "2026年11月21日9時30分15秒まで（残り23時間0分0秒）");
  EXPECT_EQ(explanation.remedy, "");
  EXPECT_FALSE(explanation.source.empty());
}

TEST_F(RecordAccessTest, AnExplanationTellsOurRuleAboutLapsesAndEndlessConsents) {
  act_.end = absl::InfiniteFuture();
  act_.form_of_care = call_.form_of_care = FormOfCare::kHomeVisit;
  const Explanation explanation =
      ExplainRecordAccess(call_, Decide({{Running(), CertificateFinding::kSuperseded}}));
  EXPECT_NE(explanation.rule.find("当サービスの規則"), std::string::npos);
  EXPECT_EQ(explanation.time_left, "終了の手続きがあるまで");
}

TEST_F(RecordAccessTest, AnExplanationHoldsNothingOfTheCertificate) {
  act_.issuer_key_id = "ISSUER-KEY";
  act_.serial = "SERIAL-NUMBER";
  for (const auto finding : {CertificateFinding::kGood, CertificateFinding::kRevoked}) {
    const Explanation e = ExplainRecordAccess(call_, Decide({{Running(), finding}}));
    const std::string all = e.rule + e.consent + e.time_left + e.remedy;
    EXPECT_EQ(all.find("SERIAL-NUMBER"), std::string::npos);
    EXPECT_EQ(all.find("ISSUER-KEY"), std::string::npos);
  }
}

}  // namespace
}  // namespace kakunin
