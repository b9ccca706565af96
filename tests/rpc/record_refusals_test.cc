// What refuses records, and what does not: real card, consent, lane, TLS and PostgreSQL.
#include <fmt/format.h>

#include <cmath>
#include <string>

#include "tests/rpc/record_service_fixture.h"

namespace kakunin {
namespace {

TEST_F(RecordServiceTest, ACertificateListedAsSupersededLeavesItsConsentsAndTakesNoNewAct) {
  Consent({ConsentKind::kDrug});
  RenewCrl({auth::kSerial}, 4);
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
  EXPECT_EQ(DescribeError(Use(Act(v1::DECISION_AGREED))).reason, "CARD_REVOKED");
  for (const int reason : {0, 1, 2, 3, 5, 6, 9, 10}) {
    RenewCrl({auth::kSerial}, reason);
    EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_CERTIFICATE_REVOKED") << reason;
  }
}

TEST_F(RecordServiceTest, ARestrictedTerminalIsRefusedWhateverThePatientAgreedTo) {
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(DescribeError(Drugs(ByNumber(), "DOCTOR", Caller::kViewingTerminal)).reason, "");
  RestrictViewingTerminal();
  EXPECT_EQ(DescribeError(Drugs(ByNumber(), "DOCTOR", Caller::kViewingTerminal)).reason,
            "TERMINAL_RESTRICTED");
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
}

TEST_F(RecordServiceTest, MonthsBeforeThereWereRecordsAreNotInService) {
  Consent({ConsentKind::kDrug});
  v1::GetDrugHistoryRequest request = ByNumber();
  request.set_from_month("2021-07");
  request.set_to_month("2021-08");
  EXPECT_EQ(ReasonOfDrugs(request), "NOT_IN_SERVICE");
  request.set_to_month("2021-09");
  EXPECT_EQ(ReasonOfDrugs(request), "");
}

TEST_F(RecordServiceTest, AnotherFacilitysConsentAndHandleOpenNothingHere) {
  Consent({ConsentKind::kDrug});
  database_.Exec("UPDATE kakunin.consent_act SET facility_code = '1399999999'");
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "NO_CONSENT");
  EXPECT_EQ(ReasonOfDrugs(ByHandle()), "NO_CONSENT");
  v1::GetDrugHistoryRequest foreign = ByHandle();
  foreign.mutable_patient()->set_patient_handle(handle_key_.Seal(
      "1399999999", {.person = PersonId{}.octets, .end = clock_.Now() + absl::Hours(1)}));
  EXPECT_EQ(ReasonOfDrugs(foreign), "PATIENT_HANDLE_REFUSED");
}

TEST_F(RecordServiceTest, AnExpiredCardsActIsToldAsSuchUnlessAConsentRuns) {
  certificate_ = [&] {
    auth::CertificateSpec card = auth::DefaultCertificate();
    card.serial = auth::SerialNumber(auth::kSerial);
    card.not_before = clock_.Now() - absl::Hours(48);
    card.not_after = absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now()) - 60);
    return auth::Signed(card);
  }();
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(Use(Act(v1::DECISION_AGREED)).ok());
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CARD_ELIGIBILITY_ONLY");
}

TEST_F(RecordServiceTest, AConsentWhoseListNobodyPublishesIsUntraceable) {
  Consent({ConsentKind::kDrug});
  database_.Exec("UPDATE kakunin.consent_act SET crl_partition = NULL");
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_CERTIFICATE_UNTRACEABLE");
}

// As the undo of the delivery that linked it leaves it: nobody says any more whose card it was.
TEST_F(RecordServiceTest, AConsentGivenWithACardWhoseLinkWasTakenBackCountsNoMore) {
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "");
  database_.Exec("DELETE FROM kakunin.card_link");
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "CONSENT_CERTIFICATE_UNTRACEABLE");
}

TEST_F(RecordServiceTest, OneCertificateIsShownBesideTheRefusalOfTheOtherAndHowOldItIs) {
  database_.Exec(
      "UPDATE kakunin.coverage SET limit_certificates = '[{\"classification\": 1,"
      " \"classification_flag\": \"A03\", \"valid_from\": \"2020-04-01\"}]'");
  database_.Exec("UPDATE kakunin.answer SET format = 1");
  const auto known =
      database_.Exec("SELECT extract(epoch FROM known_from)::float8 FROM kakunin.coverage")[0][0];
  const absl::Time arrived = absl::FromUnixMicros(llround(known.as<double>() * 1e6));
  Consent({ConsentKind::kLimitCertificate});
  v1::GetCertificatesResponse response;
  ASSERT_TRUE(Certificates(response).ok());
  ASSERT_EQ(response.answers_size(), 2);
  EXPECT_EQ(response.answers(0).limit_certificates_size(), 1);
  EXPECT_EQ(response.answers(1).refused_reason(), "CONSENT_DECLINED");
  EXPECT_FALSE(response.answers(1).refused_message().empty());
  ASSERT_TRUE(response.basis().has_latest_arrival_time());
  EXPECT_EQ(TimeFromProto(response.basis().latest_arrival_time()), arrived);
  EXPECT_FALSE(response.basis().note().empty());
  // A later version of the coverage is newer data; where nothing is shown nothing is old.
  database_.Exec("UPDATE kakunin.coverage SET known_from = known_from + interval '1 hour'");
  ASSERT_TRUE(Certificates(response).ok());
  EXPECT_EQ(TimeFromProto(response.basis().latest_arrival_time()), arrived + absl::Hours(1));
  database_.Exec("UPDATE kakunin.coverage SET limit_certificates = '[]'");
  ASSERT_TRUE(Certificates(response).ok());
  EXPECT_EQ(response.answers(0).limit_certificates_size(), 0);
  EXPECT_FALSE(response.basis().has_latest_arrival_time());
  // Neither: the call is refused with the first one's reason.
  Consent({});
  EXPECT_EQ(DescribeError(Certificates(response)).reason, "CONSENT_DECLINED");
}

}  // namespace
}  // namespace kakunin
