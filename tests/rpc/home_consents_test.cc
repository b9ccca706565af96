// Consents at home and what becomes of the card that they were given with: real cards, lanes, TLS
// and PostgreSQL.
#include <algorithm>
#include <string>

#include "kakunin/v1/consent_service.grpc.pb.h"
#include "tests/rpc/record_service_fixture.h"

namespace kakunin {
namespace {

class HomeConsentsTest : public RecordServiceTest {
 protected:
  // The patient's card has expired and is in its grace from now on.
  void ExpireCard() {
    auth::CertificateSpec card = auth::DefaultCertificate();
    card.serial = auth::SerialNumber(auth::kSerial);
    card.not_before = clock_.Now() - absl::Hours(48);
    card.not_after = absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now()) - 60);
    certificate_ = auth::Signed(card);
  }
  // A card act at which every kind is decided so.
  void Decide(v1::Decision decision, v1::FormOfCare form = v1::FORM_OF_CARE_HOME_VISIT) {
    clock_.Advance(absl::Seconds(1));
    const grpc::Status status = Use(Act(decision, form));
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  v1::GetDrugHistoryRequest AtHome() const {
    v1::GetDrugHistoryRequest request = ByNumber();
    request.mutable_patient()->mutable_insured()->set_branch_number("01");
    request.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
    return request;
  }
  // By number at home; the reason, "" when eligibility is confirmed.
  std::string Visit() {
    v1::ConfirmByInsuredNumberRequest request = Ask("5678910", "01");
    request.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
    by_number_.Clear();
    return DescribeError(Confirm(*StubOf(), request, by_number_)).reason;
  }
  bool Warns(const std::string& reason) const {
    return std::ranges::any_of(by_number_.warnings(), [&](const v1::Warning& warning) {
      return warning.reason() == reason;
    });
  }

  v1::ListConsentsResponse List() {
    v1::ListConsentsRequest request;
    *request.mutable_patient() = ByNumber().patient();
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "DOCTOR");
    v1::ListConsentsResponse response;
    const grpc::Status status = v1::ConsentService::NewStub(port_->Channel(Caller::kTerminal))
                                    ->ListConsents(&context, request, &response);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    return response;
  }
  // Why the call would be refused, by its explanation.
  std::string ExplainedReason(const v1::GetDrugHistoryRequest& call) {
    v1::ExplainDecisionRequest request;
    *request.mutable_call()->mutable_patient() = call.patient();
    request.mutable_call()->set_form_of_care(call.form_of_care());
    request.mutable_call()->set_kind(v1::CONSENT_KIND_DRUG);
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "DOCTOR");
    v1::ExplainDecisionResponse response;
    const grpc::Status status = v1::ConsentService::NewStub(port_->Channel(Caller::kTerminal))
                                    ->ExplainDecision(&context, request, &response);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    return response.explanations(0).reason();
  }

  v1::ConfirmByInsuredNumberResponse by_number_;
};

TEST_F(HomeConsentsTest, AnExpiredCardAtTheDeskExplainsNoRefusalAtHome) {
  Decide(v1::DECISION_DECLINED);
  ExpireCard();
  Decide(v1::DECISION_AGREED, v1::FORM_OF_CARE_OUTPATIENT);
  EXPECT_EQ(ReasonOfDrugs(AtHome()), "CONSENT_DECLINED");
  EXPECT_EQ(ExplainedReason(AtHome()), "CONSENT_DECLINED");
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CARD_ELIGIBILITY_ONLY");
  EXPECT_EQ(ExplainedReason(ByNumber()), "CARD_ELIGIBILITY_ONLY");
}

TEST_F(HomeConsentsTest, WhatIsDeclinedByAnExpiredCardEndsAConsentWithoutAnEnd) {
  Decide(v1::DECISION_AGREED);
  EXPECT_EQ(ReasonOfDrugs(AtHome()), "");
  ExpireCard();
  Decide(v1::DECISION_AGREED);  // takes nothing, and ends nothing
  EXPECT_EQ(ReasonOfDrugs(AtHome()), "");
  Decide(v1::DECISION_DECLINED);
  EXPECT_EQ(ReasonOfDrugs(AtHome()), "CONSENT_DECLINED");
  EXPECT_EQ(ExplainedReason(AtHome()), "CONSENT_DECLINED");
  const v1::ListConsentsResponse list = List();
  ASSERT_EQ(list.consents_size(), kConsentKinds);
  for (const v1::Consent& one : list.consents()) {
    EXPECT_EQ(one.standing(), v1::CONSENT_STANDING_DECLINED);
    EXPECT_EQ(one.method(), v1::CONSENT_METHOD_CARD_IN_GRACE);
  }
  // Who refuses every record is visited all the same.
  EXPECT_EQ(Visit(), "");
}

TEST_F(HomeConsentsTest, AListTellsWhyAConsentThatRunsDoesNotCount) {
  Consent({ConsentKind::kDrug});
  const auto drug = [&] { return List().consents(0); };
  EXPECT_EQ(drug().standing(), v1::CONSENT_STANDING_RUNNING);
  EXPECT_EQ(drug().not_counting_reason(), "");
  RenewCrl({auth::kSerial}, 1);
  EXPECT_EQ(drug().standing(), v1::CONSENT_STANDING_RUNNING);
  EXPECT_EQ(drug().not_counting_reason(), "CONSENT_CERTIFICATE_REVOKED");
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_CERTIFICATE_REVOKED");
  EXPECT_EQ(List().consents(1).not_counting_reason(), "");  // declined
  SetRevocations(nullptr);
  EXPECT_EQ(drug().not_counting_reason(), "REVOCATION_UNKNOWN");
  RenewCrl({});
  database_.Exec("DELETE FROM kakunin.card_link");
  EXPECT_EQ(drug().not_counting_reason(), "CONSENT_CERTIFICATE_UNTRACEABLE");
  clock_.Advance(absl::Hours(24));
  EXPECT_EQ(drug().standing(), v1::CONSENT_STANDING_EXPIRED);
  EXPECT_EQ(drug().not_counting_reason(), "");
}

// No list remembers it; what is kept of it counts for a certificate that ended before.
TEST_F(HomeConsentsTest, ARevokedCardsConsentStaysDeadWhenTheListsForgetTheCard) {
  Decide(v1::DECISION_AGREED);
  EXPECT_EQ(ReasonOfDrugs(AtHome()), "");
  const auto keep = [&](const std::string& until) {
    database_.Exec(
        "INSERT INTO kakunin.forgotten_revocation AS kept (issuer_key_id, serial, until)"
        " SELECT issuer_key_id, serial, certificate_not_after" +
        until +
        " FROM kakunin.consent_act ON CONFLICT (issuer_key_id, serial)"
        " DO UPDATE SET until = excluded.until");
  };
  keep("");
  EXPECT_EQ(ReasonOfDrugs(AtHome()), "");
  keep(" + interval '1 second'");
  EXPECT_EQ(ReasonOfDrugs(AtHome()), "CONSENT_CERTIFICATE_REVOKED");
  EXPECT_EQ(ExplainedReason(AtHome()), "CONSENT_CERTIFICATE_REVOKED");
  EXPECT_EQ(List().consents(0).not_counting_reason(), "CONSENT_CERTIFICATE_REVOKED");
  SetRevocations(nullptr);  // a definite no comes before "cannot tell"
  EXPECT_EQ(ReasonOfDrugs(AtHome()), "CONSENT_CERTIFICATE_REVOKED");
  EXPECT_EQ(Visit(), "") << "the relation is no consent";
  EXPECT_FALSE(Warns("CONSENT_NOT_CHECKED"));
}

// A kind that never ran is no reason to end what lasts beside it; everything is.
TEST_F(HomeConsentsTest, RevokingOneKindThatWasDeclinedLeavesTheVisits) {
  Decide(v1::DECISION_DECLINED);
  clock_.Advance(absl::Seconds(1));
  v1::RevokeConsentRequest request;
  *request.mutable_patient() = AtHome().patient();
  request.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
  request.set_reason(v1::CONSENT_END_REASON_REVOKED_BY_PATIENT);
  const auto revoke = [&](const std::string& request_id) {
    request.set_request_id(request_id);
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "DOCTOR");
    v1::RevokeConsentResponse response;
    const grpc::Status status = v1::ConsentService::NewStub(port_->Channel(Caller::kTerminal))
                                    ->RevokeConsent(&context, request, &response);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    EXPECT_EQ(response.ended_size(), 0);
  };
  request.add_kinds(v1::CONSENT_KIND_DRUG);
  revoke("11111111-1111-4111-8111-111111111111");
  EXPECT_EQ(Visit(), "");
  Decide(v1::DECISION_AGREED);
  revoke("11111111-1111-4111-8111-111111111111");  // the same one again ends nothing more
  EXPECT_EQ(ReasonOfDrugs(AtHome()), "");
  Decide(v1::DECISION_DECLINED);
  clock_.Advance(absl::Seconds(1));
  request.clear_kinds();
  revoke("22222222-2222-4222-8222-222222222222");
  EXPECT_EQ(Visit(), "CONSENT_REVOKED");
}

// As the undo of the delivery that linked it leaves it.
TEST_F(HomeConsentsTest, ACardWhoseLinkWasTakenBackBeganNoVisits) {
  Decide(v1::DECISION_AGREED);
  EXPECT_EQ(Visit(), "");
  database_.Exec("DELETE FROM kakunin.card_link");
  EXPECT_EQ(Visit(), "NO_CONSENT");
}

// What it declined may be the word of the one whose card it is taken for now.
TEST_F(HomeConsentsTest, WhatACardWhoseLinkWasTakenBackDeclinedStaysClosed) {
  Decide(v1::DECISION_AGREED);
  const std::string act = "UPDATE kakunin.consent_act SET ";
  database_.Exec(act + "serial = serial || '\\x01'");
  database_.Exec(
      "INSERT INTO kakunin.card_link (issuer_key_id, serial, person_id, medium, linked_at)"
      " SELECT issuer_key_id, serial || '\\x01', person_id, medium, linked_at"
      " FROM kakunin.card_link");
  EXPECT_EQ(Visit(), "");
  Decide(v1::DECISION_DECLINED);
  database_.Exec(
      "DELETE FROM kakunin.card_link WHERE serial NOT IN (SELECT serial FROM"
      " kakunin.consent_act WHERE agreed <> 0)");
  EXPECT_EQ(Visit(), "");  // by the act of the card that is linked yet
  EXPECT_EQ(ReasonOfDrugs(AtHome()), "CONSENT_DECLINED");
}

TEST_F(HomeConsentsTest, AVisitTellsThatACertificateIsKeptBackUntilItsCardCanBeLookedUp) {
  Decide(v1::DECISION_AGREED);
  EXPECT_EQ(Visit(), "");
  EXPECT_FALSE(Warns("CONSENT_NOT_CHECKED"));
  SetRevocations(nullptr);
  EXPECT_EQ(Visit(), "");
  EXPECT_EQ(by_number_.validity(), v1::VALIDITY_VALID);
  EXPECT_TRUE(Warns("CONSENT_NOT_CHECKED"));
  RenewCrl({});
  EXPECT_EQ(Visit(), "");
  EXPECT_FALSE(Warns("CONSENT_NOT_CHECKED"));
  RenewCrl({auth::kSerial}, 1);  // known: asking again changes nothing
  EXPECT_EQ(Visit(), "");
  EXPECT_FALSE(Warns("CONSENT_NOT_CHECKED"));
}

}  // namespace
}  // namespace kakunin
