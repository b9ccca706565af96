// Policies for abnormal times at their edges: -1, 0 and +1 second.
#include "domain/abnormal_times.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "domain/access_policy.h"
#include "domain/civil_day.h"
#include "domain/record_access.h"

namespace kakunin {
namespace {

constexpr absl::Duration kSecond = absl::Seconds(1);
const absl::Time kFrom = absl::FromCivil(absl::CivilSecond(2026, 1, 1, 18, 0, 0), JapanTime());
const absl::Time kTo = absl::FromCivil(absl::CivilSecond(2026, 1, 8, 0, 0, 0), JapanTime());

AbnormalTimesPolicy Disaster() {
  AbnormalTimesPolicy policy;
  policy.id.octets[0] = 1;
  policy.situation = Situation::kDisaster;
  policy.order_number = "保連発0101第1号";
  policy.order_day = absl::CivilDay(2026, 1, 1);
  policy.municipalities = {"17204", "17205"};
  policy.facilities = {"1710000001"};
  policy.from = kFrom;
  policy.to = kTo;
  policy.kinds = KindBit(RecordKind::kDrug);
  policy.proposed_by = "operator-1";
  policy.proposed_body = "mhlw";
  policy.proposed_at = kFrom - absl::Hours(2);
  policy.approved_by = "operator-2";
  policy.approved_body = "ishikawa";
  policy.approved_at = kFrom - absl::Hours(1);
  return policy;
}

Terminal At(std::string facility, std::string municipality,
            std::vector<AbnormalTimesPolicy> policies) {
  auto times = std::make_shared<AbnormalTimes>();
  times->policies = std::move(policies);
  times->test_persons = std::make_shared<const TestPersons>();
  Terminal terminal;
  terminal.facility_code = std::move(facility);
  terminal.municipality_code = std::move(municipality);
  terminal.municipality_since = absl::InfinitePast();
  terminal.role = Role::kDoctor;
  terminal.abnormal_times = std::move(times);
  return terminal;
}

std::optional<Reason> Search(const Terminal& terminal, absl::Time at,
                             Situation situation = Situation::kDisaster) {
  return DecideTerminal(terminal,
                        {.operation = Operation::kSearchPatient, .situation = situation, .at = at});
}

TEST(AbnormalTimes, ADisasterHoldsFromItsFirstInstantToBeforeItsEnd) {
  const Terminal terminal = At("1310000001", "17204", {Disaster()});
  EXPECT_EQ(Search(terminal, kFrom - kSecond), Reason::kAbnormalTimesNotInForce);
  EXPECT_EQ(Search(terminal, kFrom), std::nullopt);
  EXPECT_EQ(Search(terminal, kFrom + kSecond), std::nullopt);
  EXPECT_EQ(Search(terminal, kTo - kSecond), std::nullopt);
  EXPECT_EQ(Search(terminal, kTo), Reason::kAbnormalTimesNotInForce);
  EXPECT_EQ(Search(terminal, kTo + kSecond), Reason::kAbnormalTimesNotInForce);
}

TEST(AbnormalTimes, ItHoldsInItsMunicipalitiesAndForTheFacilitiesNamed) {
  EXPECT_EQ(Search(At("1310000001", "17205", {Disaster()}), kFrom), std::nullopt);
  EXPECT_EQ(Search(At("1710000001", "", {Disaster()}), kFrom), std::nullopt);
  EXPECT_EQ(Search(At("1710000001", "13101", {Disaster()}), kFrom), std::nullopt);
  EXPECT_EQ(Search(At("1710000002", "17203", {Disaster()}), kFrom),
            Reason::kAbnormalTimesNotInForce);
  EXPECT_EQ(Search(At("1710000002", "", {Disaster()}), kFrom), Reason::kAbnormalTimesNotInForce);
  // No municipality is in no municipality, whatever a policy's list holds.
  AbnormalTimesPolicy odd = Disaster();
  odd.municipalities = {""};
  EXPECT_EQ(Search(At("1710000002", "", {odd}), kFrom), Reason::kAbnormalTimesNotInForce);
}

TEST(AbnormalTimes, AMunicipalityCountsThatWasSaidBeforeThePolicyWasProposed) {
  const AbnormalTimesPolicy disaster = Disaster();
  Terminal terminal = At("1310000001", "17204", {disaster});
  for (const auto& [since, counts] :
       {std::pair(disaster.proposed_at - kSecond, true), std::pair(disaster.proposed_at, false),
        std::pair(disaster.proposed_at + kSecond, false),
        std::pair(absl::InfiniteFuture(), false)}) {
    terminal.municipality_since = since;
    EXPECT_EQ(Search(terminal, kFrom).has_value(), !counts);
  }
}

TEST(AbnormalTimes, WithoutApprovalOrAfterAnEarlyEndNothingHolds) {
  AbnormalTimesPolicy proposed = Disaster();
  proposed.approved_at.reset();
  EXPECT_EQ(Search(At("1710000001", "", {proposed}), kFrom), Reason::kAbnormalTimesNotInForce);
  AbnormalTimesPolicy ended = Disaster();
  ended.ended_at = kFrom + absl::Hours(3);
  const Terminal terminal = At("1710000001", "", {ended});
  EXPECT_EQ(Search(terminal, *ended.ended_at - kSecond), std::nullopt);
  EXPECT_EQ(Search(terminal, *ended.ended_at), Reason::kAbnormalTimesNotInForce);
  EXPECT_EQ(Search(terminal, *ended.ended_at + kSecond), Reason::kAbnormalTimesNotInForce);
  EXPECT_EQ(Search(At("1710000001", "", {}), kFrom), Reason::kAbnormalTimesNotInForce);
  EXPECT_EQ(Search(Terminal{.facility_code = "1710000001", .role = Role::kDoctor}, kFrom),
            Reason::kAbnormalTimesNotInForce);
}

TEST(AbnormalTimes, OneSituationDoesNotStandForAnother) {
  const Terminal terminal = At("1710000001", "", {Disaster()});
  EXPECT_EQ(Search(terminal, kFrom, Situation::kSystemFailure), Reason::kAbnormalTimesNotInForce);
  // Nobody searches in normal times, also while a disaster is declared.
  EXPECT_EQ(Search(terminal, kFrom, Situation::kNormal), Reason::kAbnormalTimesNotInForce);
}

TEST(AbnormalTimes, ExtendedInPartTheOthersEnd) {
  AbnormalTimesPolicy more = Disaster();
  more.id.octets[0] = 2;
  more.municipalities = {"17204"};
  more.facilities = {};
  more.from = kTo;
  more.to = kTo + absl::Hours(24);
  const std::vector<AbnormalTimesPolicy> both = {Disaster(), more};
  EXPECT_EQ(Search(At("1", "17204", both), kTo - kSecond), std::nullopt);
  EXPECT_EQ(Search(At("1", "17204", both), kTo), std::nullopt);
  EXPECT_EQ(Search(At("1", "17204", both), more.to), Reason::kAbnormalTimesNotInForce);
  EXPECT_EQ(Search(At("1", "17205", both), kTo - kSecond), std::nullopt);
  EXPECT_EQ(Search(At("1", "17205", both), kTo), Reason::kAbnormalTimesNotInForce);
}

class AbnormalView : public testing::Test {
 protected:
  std::optional<Reason> Look(absl::Time at, RecordKind kind = RecordKind::kDrug,
                             Operation operation = Operation::kGetDrugHistory) const {
    RecordCall call{.terminal = &terminal_,
                    .operation = operation,
                    .kind = kind,
                    .situation = Situation::kDisaster,
                    .at = at,
                    .persons_found = persons_,
                    .identity_in_question = in_question_,
                    .policy = Disaster().id,
                    .view_end = kViewEnd};
    return DecideRecordAccess(call, {}, {}).denial;
  }

  const absl::Time kViewEnd = kFrom + absl::Hours(1);
  Terminal terminal_ = At("1710000001", "", {Disaster()});
  int persons_ = 1;
  bool in_question_ = false;
};

TEST_F(AbnormalView, OpensItsKindsUntilItEnds) {
  EXPECT_EQ(Look(kFrom - kSecond), Reason::kAbnormalTimesNotInForce);
  EXPECT_EQ(Look(kFrom), std::nullopt);
  EXPECT_EQ(Look(kViewEnd - kSecond), std::nullopt);
  EXPECT_EQ(Look(kViewEnd), Reason::kAbnormalViewExpired);
  EXPECT_EQ(Look(kViewEnd + kSecond), Reason::kAbnormalViewExpired);
  EXPECT_EQ(Look(kFrom, RecordKind::kTreatment, Operation::kGetTreatmentHistory),
            Reason::kAbnormalTimesNotInForce);
  EXPECT_EQ(Look(kFrom, RecordKind::kLimitCertificate, Operation::kGetCertificates),
            Reason::kNotInService);
  terminal_.role = Role::kAdministrator;
  EXPECT_EQ(Look(kFrom), Reason::kRoleNotAllowed);
}

TEST_F(AbnormalView, EndsWithItsOwnPolicyWhateverElseIsInForce) {
  AbnormalTimesPolicy ended = Disaster();
  ended.ended_at = kFrom + absl::Minutes(5);
  AbnormalTimesPolicy other = Disaster();
  other.id.octets[0] = 9;
  terminal_ = At("1710000001", "", {ended, other});
  EXPECT_EQ(Look(*ended.ended_at - kSecond), std::nullopt);
  EXPECT_EQ(Look(*ended.ended_at), Reason::kAbnormalTimesNotInForce);
}

TEST_F(AbnormalView, OpensWhatAnotherPolicyBesideItsOwnOpens) {
  AbnormalTimesPolicy other = Disaster();
  other.id.octets[0] = 9;
  other.kinds = KindBit(RecordKind::kTreatment);
  other.from = kFrom + absl::Minutes(5);
  const auto treatment = [&](absl::Time at) {
    return Look(at, RecordKind::kTreatment, Operation::kGetTreatmentHistory);
  };
  for (const bool first : {true, false}) {
    terminal_ = first ? At("1710000001", "", {other, Disaster()})
                      : At("1710000001", "", {Disaster(), other});
    EXPECT_EQ(treatment(other.from - kSecond), Reason::kAbnormalTimesNotInForce);
    EXPECT_EQ(treatment(other.from), std::nullopt);
    EXPECT_EQ(Look(other.from), std::nullopt);
  }
  // A rehearsal opens nothing for a real view, nor does a policy for other facilities.
  AbnormalTimesPolicy rehearsed = other;
  rehearsed.rehearsal = true;
  terminal_ = At("1710000001", "", {Disaster(), rehearsed});
  EXPECT_EQ(treatment(other.from), Reason::kAbnormalTimesNotInForce);
  AbnormalTimesPolicy elsewhere = other;
  elsewhere.facilities = {"1710000002"};
  terminal_ = At("1710000001", "", {Disaster(), elsewhere});
  EXPECT_EQ(treatment(other.from), Reason::kAbnormalTimesNotInForce);
}

TEST_F(AbnormalView, ShowsNobodyWhoIsNotOneOrMayBeSomebodyElse) {
  in_question_ = true;
  EXPECT_EQ(Look(kFrom), Reason::kIdentityInQuestion);
  in_question_ = false;
  persons_ = 0;
  EXPECT_EQ(Look(kFrom), Reason::kNoConsent);
  persons_ = 2;
  EXPECT_EQ(Look(kFrom), Reason::kBranchNumberNeeded);
}

TEST(AbnormalTimes, AViewLastsItsLifeAndNeverBeyondThePolicy) {
  const AbnormalTimesPolicy policy = Disaster();
  EXPECT_EQ(ViewEnd(policy, kFrom), kFrom + kDisasterViewLife);
  EXPECT_EQ(ViewEnd(policy, kTo - kSecond), kTo);
  AbnormalTimesPolicy right = Disaster();
  right.situation = Situation::kEmergency;
  right.to = absl::InfiniteFuture();
  EXPECT_EQ(ViewEnd(right, kFrom), kFrom + kEmergencyViewLife);
}

TEST(AbnormalTimes, AnEmergencyNeedsTheRightOfAHospitalForItsCardToo) {
  AbnormalTimesPolicy right = Disaster();
  right.situation = Situation::kEmergency;
  right.municipalities = {};
  right.to = absl::InfiniteFuture();
  Terminal hospital = At("1710000001", "17204", {right});
  hospital.facility_type = FacilityType::kHospital;
  const auto card = [](const Terminal& terminal, absl::Time at) {
    return DecideTerminal(
        terminal,
        {.operation = Operation::kConfirmByCard, .form_of_care = FormOfCare::kEmergency, .at = at});
  };
  EXPECT_EQ(card(hospital, kFrom - kSecond), Reason::kEmergencyRightMissing);
  EXPECT_EQ(card(hospital, kFrom), std::nullopt);
  EXPECT_EQ(card(hospital, kFrom + absl::Hours(24 * 900)), std::nullopt);
  hospital.facility_code = "1710000002";
  EXPECT_EQ(card(hospital, kFrom), Reason::kEmergencyRightMissing);
  hospital.facility_code = "1710000001";
  hospital.facility_type = FacilityType::kClinic;
  EXPECT_EQ(card(hospital, kFrom), Reason::kFacilityTypeNotAllowed);
}

TEST(AbnormalTimes, TheSignedOctetsHoldEveryField) {
  using Change = std::function<void(AbnormalTimesPolicy&)>;
  const std::vector<Change> changes = {
      [](auto& p) { p.id.octets[15] = 7; },
      [](auto& p) { p.situation = Situation::kSystemFailure; },
      [](auto& p) { p.order_number += "x"; },
      [](auto& p) { p.order_day = absl::CivilDay(2026, 1, 2); },
      [](auto& p) { p.order_day.reset(); },
      [](auto& p) {
        p.municipalities = {"17204", "1720", "5"};
      },
      [](auto& p) { p.municipalities = {"17204"}; },
      [](auto& p) { p.facilities = {}; },
      [](auto& p) { p.from -= absl::Microseconds(1); },
      [](auto& p) { p.to += absl::Microseconds(1); },
      [](auto& p) { p.to = absl::InfiniteFuture(); },
      [](auto& p) { p.kinds |= KindBit(RecordKind::kTreatment); },
      [](auto& p) { p.rehearsal = true; },
      [](auto& p) { p.extends.octets[3] = 1; },
      [](auto& p) { p.note = "x"; },
      [](auto& p) { p.proposed_by = "operator-3"; },
      [](auto& p) { p.proposed_body = "x"; },
      [](auto& p) { p.proposed_at += absl::Microseconds(1); },
      [](auto& p) { p.approved_by = "x"; },
      [](auto& p) { p.approved_body = "x"; },
      [](auto& p) { p.approved_at.reset(); },
      [](auto& p) { p.approved_at = *p.approved_at + absl::Microseconds(1); },
      [](auto& p) { p.ended_by = "x"; },
      [](auto& p) { p.ended_at = kTo; },
  };
  std::set<std::string> seen = {CanonicalOctets(Disaster())};
  for (size_t i = 0; i < changes.size(); ++i) {
    AbnormalTimesPolicy changed = Disaster();
    changes[i](changed);
    EXPECT_TRUE(seen.insert(CanonicalOctets(changed)).second) << i;
  }
}

}  // namespace
}  // namespace kakunin
