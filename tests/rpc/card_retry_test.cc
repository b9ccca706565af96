// The same card act sent again, whose first answer may have been lost: it repeats what the patient
// decided then, and gives nothing that was taken back since.

#include "kakunin/v1/consent_service.grpc.pb.h"
#include "tests/rpc/record_service_fixture.h"

namespace kakunin {
namespace {

class CardRetryTest : public RecordServiceTest {
 protected:
  CardRetryTest() { records_.Push({DrugReceipt(absl::CivilMonth(2026, 10), "ブロプレス錠１２")}); }

  v1::ConfirmByCardRequest Agreement() {
    v1::ConfirmByCardRequest request = Act(v1::DECISION_DECLINED);
    request.mutable_decisions(static_cast<int>(ConsentKind::kDrug) - 1)
        ->set_decision(v1::DECISION_AGREED);
    request.set_request_id(TestUuid());
    return request;
  }
  void Revoke() {
    v1::RevokeConsentRequest request;
    *request.mutable_patient() = ByNumber().patient();
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    request.set_reason(v1::CONSENT_END_REASON_REVOKED_BY_PATIENT);
    request.set_request_id(TestUuid());
    v1::RevokeConsentResponse response;
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "DOCTOR");
    const grpc::Status status = v1::ConsentService::NewStub(port_->Channel(Caller::kTerminal))
                                    ->RevokeConsent(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.ended_size(), 1);
  }
};

TEST_F(CardRetryTest, GivesNoConsentAgainThatWasRevoked) {
  const v1::ConfirmByCardRequest act = Agreement();
  ASSERT_TRUE(Use(act).ok());
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
  clock_.Advance(absl::Seconds(1));
  Revoke();
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_REVOKED");
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(Use(act).ok());
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_REVOKED");
  EXPECT_EQ(ReasonOfDrugs(ByHandle()), "CONSENT_REVOKED");
}

TEST_F(CardRetryTest, OutdoesNothingThatWasDecidedSince) {
  const v1::ConfirmByCardRequest act = Agreement();
  ASSERT_TRUE(Use(act).ok());
  Consent({});
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_DECLINED");
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(Use(act).ok());
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_DECLINED");
}

TEST_F(CardRetryTest, LengthensNoWindow) {
  const v1::ConfirmByCardRequest act = Agreement();
  ASSERT_TRUE(Use(act).ok());
  const absl::Time end = clock_.Now() + absl::Hours(24);
  clock_.Advance(absl::Seconds(59));
  ASSERT_TRUE(Use(act).ok());
  const auto& drug = response_.consents(static_cast<int>(ConsentKind::kDrug) - 1);
  EXPECT_EQ(TimeFromProto(drug.end_time()), end);
  clock_.Advance(absl::Hours(24) - absl::Seconds(60));
  RenewCrl({});
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_EXPIRED");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_EXPIRED");
}

TEST_F(CardRetryTest, StandsInForAnActThatWasLostWithItsAnswer) {
  const v1::ConfirmByCardRequest act = Agreement();
  ASSERT_TRUE(Use(act).ok());
  database_.Exec("DELETE FROM kakunin.consent_act");
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "NO_CONSENT");
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(Use(act).ok());
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
}

}  // namespace
}  // namespace kakunin
