// Emergency views over real TLS, real cards and PostgreSQL.
#include "tests/rpc/abnormal_times_fixture.h"
#include "tests/support/identity_case.h"

namespace kakunin {
namespace {

// EmergencyViewTest is the hospital with a right, a card in its reader, and whoever opens the view.
class EmergencyViewTest : public AbnormalTimesTest {
 protected:
  v1::ProposeAbnormalTimesRequest Right(std::optional<absl::Time> to = std::nullopt) const {
    v1::ProposeAbnormalTimesRequest right = Disaster();
    v1::AbnormalTimesContent& content = *right.mutable_content();
    content.set_situation(v1::SITUATION_EMERGENCY);
    content.clear_municipality_codes();
    content.add_facility_codes(kTestFacility);
    content.clear_to_time();
    if (to) *content.mutable_to_time() = TimeToProto(*to);
    return right;
  }
  std::string ReasonOfBegin() {
    v1::BeginCardAuthenticationRequest request;
    request.set_purpose(v1::CARD_PURPOSE_CONFIRM);
    request.set_form_of_care(v1::FORM_OF_CARE_EMERGENCY);
    grpc::ClientContext context;
    begun_.Clear();
    return DescribeError(StubOf()->BeginCardAuthentication(&context, request, &begun_)).reason;
  }
  // The act of the card with what was begun last.
  v1::ConfirmByCardRequest CardAct() {
    v1::ConfirmByCardRequest card = Act();
    card.set_challenge_id(begun_.challenge_id());
    card.set_signature(auth::CardPki::Get().card_key.Sign(begun_.to_be_signed()));
    card.set_form_of_care(v1::FORM_OF_CARE_EMERGENCY);
    card.set_holder_verification(v1::HOLDER_VERIFICATION_VISUAL);
    card.set_request_id(TestUuid());
    return card;
  }
  std::string ReasonOfOpening(const std::string& handle, const char* role = "DOCTOR",
                              const std::string& policy = "") {
    opened_.Clear();
    v1::OpenEmergencyViewRequest request;
    request.set_policy_id(policy);
    request.set_patient_handle(handle);
    request.set_no_consent_reason(v1::NO_CONSENT_REASON_UNCONSCIOUS);
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", role);
    return DescribeError(v1::AbnormalTimesService::NewStub(times_port_->Channel(Caller::kTerminal))
                             ->OpenEmergencyView(&context, request, &opened_))
        .reason;
  }

  v1::BeginCardAuthenticationResponse begun_;
  v1::OpenEmergencyViewResponse opened_;
};

TEST_F(EmergencyViewTest, NeedsRightCardAndReason) {
  EXPECT_EQ(ReasonOfBegin(), "EMERGENCY_RIGHT_MISSING");
  const std::string id = InForce(Right());
  clock_.Advance(from_ - clock_.Now());
  RenewCrl({});
  ASSERT_EQ(ReasonOfBegin(), "");
  const v1::ConfirmByCardRequest card = CardAct();
  const absl::Time acted = clock_.Now();
  ASSERT_EQ(DescribeError(Use(card)).reason, "");
  EXPECT_EQ(response_.validity(), v1::VALIDITY_VALID);

  // The handle of the card is no patient handle, and opens no records.
  v1::GetDrugHistoryRequest drugs = ByHandle();
  EXPECT_EQ(ReasonOfDrugs(drugs), "PATIENT_HANDLE_REFUSED");
  drugs.set_form_of_care(v1::FORM_OF_CARE_EMERGENCY);
  EXPECT_EQ(ReasonOfDrugs(drugs), "FORM_OF_CARE_NOT_IN_SERVICE");

  EXPECT_EQ(ReasonOfOpening(response_.patient_handle(), "PHARMACIST"), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(ReasonOfOpening(response_.patient_handle(), "GENERAL"), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(ReasonOfOpening("x"), "PATIENT_HANDLE_REFUSED");
  EXPECT_EQ(ReasonOfOpening(response_.patient_handle(), "DOCTOR", TestUuid()),
            "EMERGENCY_RIGHT_MISSING");
  ASSERT_EQ(ReasonOfOpening(response_.patient_handle(), "DOCTOR", id), "");
  EXPECT_EQ(opened_.policy().policy_id(), id);
  found_.set_view_handle(opened_.view_handle());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOfLook(), "NOT_IN_SERVICE");  // an emergency's view is not an outpatient's
  ASSERT_EQ(ReasonOfLook(v1::FORM_OF_CARE_EMERGENCY), "");
  EXPECT_EQ(drugs_.basis().situation(), v1::SITUATION_EMERGENCY);
  const absl::Time end = TimeFromProto(opened_.view_end_time());
  // Half an hour from the act, whose answer is asked for once more.
  const absl::Time over = acted + absl::Minutes(30);
  clock_.Advance(absl::Seconds(10));
  ASSERT_EQ(DescribeError(Use(card)).reason, "");
  clock_.Advance(over - clock_.Now() - absl::Seconds(1));
  EXPECT_EQ(ReasonOfOpening(response_.patient_handle()), "");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOfOpening(response_.patient_handle()), "PATIENT_HANDLE_REFUSED");
  clock_.Advance(end - clock_.Now() - absl::Microseconds(1));
  EXPECT_EQ(ReasonOfLook(v1::FORM_OF_CARE_EMERGENCY), "");
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(ReasonOfLook(v1::FORM_OF_CARE_EMERGENCY), "ABNORMAL_VIEW_EXPIRED");
  End(id);
  EXPECT_EQ(ReasonOfBegin(), "EMERGENCY_RIGHT_MISSING");
  const auto report = Report(id);
  ASSERT_EQ(report.uses_size(), 6);  // two views, and four looks at records, refused ones too
  EXPECT_EQ(report.uses(0).operation(), v1::ACCESS_OPERATION_OPEN_EMERGENCY_VIEW);
}

TEST_F(EmergencyViewTest, ARehearsalAnswersNoRealCard) {
  v1::ProposeAbnormalTimesRequest right = Right();
  right.mutable_content()->set_rehearsal(true);
  InForce(right);
  clock_.Advance(from_ - clock_.Now());
  RenewCrl({});
  ASSERT_EQ(ReasonOfBegin(), "");
  const int64_t before = Count("SELECT count(*) FROM kakunin.confirmation");
  ASSERT_EQ(DescribeError(Use(CardAct())).reason, "");
  EXPECT_EQ(response_.coverages_size(), 0);
  EXPECT_TRUE(response_.patient_handle().empty());
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.confirmation"), before);
  EXPECT_EQ(Count("SELECT situation FROM kakunin.audit_event WHERE operation = 11"
                  " ORDER BY at DESC LIMIT 1"),
            53);
}

TEST_F(EmergencyViewTest, NoneIsOpenedWhileItIsInQuestionWhoThePatientIs) {
  const std::string id = InForce(Right());
  clock_.Advance(from_ - clock_.Now());
  RenewCrl({});
  ASSERT_EQ(ReasonOfBegin(), "");
  ASSERT_EQ(DescribeError(Use(CardAct())).reason, "");
  const std::string handle = response_.patient_handle();
  ASSERT_FALSE(handle.empty());
  // The case is opened behind the card act.
  OpenCaseAboutEverybody(database_);
  EXPECT_EQ(ReasonOfOpening(handle), "IDENTITY_IN_QUESTION");
  EXPECT_TRUE(opened_.view_handle().empty());
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.abnormal_times_view"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 193"
                  " AND reason = 'IDENTITY_IN_QUESTION'"),
            1);
  EXPECT_EQ(Report(id).uses_size(), 0);
  EXPECT_TRUE(
      std::ranges::none_of(Shown(), [](const std::string& one) { return one.starts_with("193"); }));
  EndCases(database_);
  EXPECT_EQ(ReasonOfOpening(handle), "");
  EXPECT_FALSE(opened_.view_handle().empty());
}

// As every policy: [from, to). It may be longer than a disaster's.
TEST_F(EmergencyViewTest, ARightMayEndByItself) {
  const absl::Time to = from_ + kLongestPolicy + absl::Hours(24);
  const std::string id = InForce(Right(to));
  clock_.Advance(from_ - clock_.Now() - absl::Seconds(1));
  EXPECT_EQ(ReasonOfBegin(), "EMERGENCY_RIGHT_MISSING");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOfBegin(), "");
  clock_.Advance(to - absl::Minutes(10) - clock_.Now());
  RenewCrl({});
  ASSERT_EQ(ReasonOfBegin(), "");
  ASSERT_EQ(DescribeError(Use(CardAct())).reason, "");
  const std::string handle = response_.patient_handle();
  clock_.Advance(to - absl::Seconds(1) - clock_.Now());
  EXPECT_EQ(ReasonOfBegin(), "");
  ASSERT_EQ(ReasonOfOpening(handle), "");
  EXPECT_EQ(opened_.policy().policy_id(), id);
  EXPECT_EQ(TimeFromProto(opened_.policy().to_time()),
            absl::FromUnixMicros(absl::ToUnixMicros(to)));
  EXPECT_LE(TimeFromProto(opened_.view_end_time()), to);
  found_.set_view_handle(opened_.view_handle());
  clock_.Advance(to - clock_.Now());
  EXPECT_EQ(ReasonOfLook(v1::FORM_OF_CARE_EMERGENCY), "EMERGENCY_RIGHT_MISSING");
  EXPECT_EQ(ReasonOfOpening(handle), "EMERGENCY_RIGHT_MISSING");
  EXPECT_EQ(ReasonOfBegin(), "EMERGENCY_RIGHT_MISSING");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOfBegin(), "EMERGENCY_RIGHT_MISSING");

  v1::ProposeAbnormalTimesResponse response;
  for (const absl::Time wrong : {clock_.Now(), clock_.Now() - absl::Seconds(1)}) {
    v1::ProposeAbnormalTimesRequest past = Right(wrong);
    EXPECT_EQ(FieldsOf(Operate(IdentityOf(Caller::kOperator), past, response,
                               &v1::AbnormalTimesPolicyService::Stub::ProposeAbnormalTimes)),
              std::vector<std::string>{"content.to_time"});
  }
}

}  // namespace
}  // namespace kakunin
