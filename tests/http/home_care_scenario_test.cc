// The flows of home visits and online care from the patient's act to its end (domain.md 4), by the
// sandbox's clock.
#include "tests/http/home_care_fixture.h"

namespace kakunin {
namespace {

TEST_F(HomeCareTest, AConsentAtBookingOnMondayOpensUntilThursdayMidnight) {
  const absl::CivilDay thursday = Today() + 3;
  const MadeLink booking = MakeBooking(thursday, "A-17");
  EXPECT_EQ(ConfirmedAtHome(thursday), "NO_CONSENT");
  EXPECT_EQ(DrugsAtHome(thursday), "NO_CONSENT");

  ConsentAtHome(booking.token, {"DRUG"});
  const auto listed = Page(ByConsent(v1::FORM_OF_CARE_ONLINE_CARE, Today(), Today()));
  ASSERT_EQ(reason_, "");
  ASSERT_EQ(listed.patients_size(), 1);
  const v1::ConsentedPatient& patient = listed.patients(0);
  EXPECT_EQ(patient.booking_name(), "A-17");
  EXPECT_EQ(patient.link_id(), auth::UuidText(booking.link.id.octets));
  EXPECT_EQ(*DayFromProto(patient.appointment_date()), thursday);
  EXPECT_EQ(patient.standing(), v1::CONSENT_STANDING_RUNNING);
  EXPECT_EQ(TimeFromProto(patient.end_time()), EndOfDay(thursday));
  ASSERT_EQ(patient.consented_kinds_size(), 1);
  EXPECT_EQ(patient.consented_kinds(0), v1::CONSENT_KIND_DRUG);
  EXPECT_EQ(patient.eligibility().validity(), v1::VALIDITY_VALID);
  EXPECT_EQ(*DayFromProto(patient.eligibility().day()), thursday);
  ASSERT_EQ(patient.eligibility().coverages_size(), 1);
  EXPECT_EQ(patient.eligibility().coverages(0).number(), "5678910");
  EXPECT_EQ(Page(ByBooking(thursday, thursday)).patients_size(), 1);
  EXPECT_EQ(Page(ByBooking(thursday + 1, thursday + 5)).patients_size(), 0);

  EXPECT_EQ(ConfirmedAtHome(thursday), "");
  GoTo(EndOfDay(thursday) - absl::Seconds(1));
  EXPECT_EQ(ConfirmedAtHome(thursday), "");
  EXPECT_EQ(by_number_.validity(), v1::VALIDITY_VALID);
  EXPECT_EQ(DrugsAtHome(thursday), "");
  GoTo(EndOfDay(thursday));
  EXPECT_EQ(ConfirmedAtHome(thursday), "CONSENT_EXPIRED");
  EXPECT_EQ(DrugsAtHome(thursday), "CONSENT_EXPIRED");
  GoTo(EndOfDay(thursday) + absl::Seconds(1));
  EXPECT_EQ(ConfirmedAtHome(thursday), "CONSENT_EXPIRED");

  const auto over = Page(ByBooking(thursday, thursday));
  ASSERT_EQ(over.patients_size(), 1);
  EXPECT_EQ(over.patients(0).standing(), v1::CONSENT_STANDING_EXPIRED);
  EXPECT_EQ(over.patients(0).refused_reason(), "CONSENT_EXPIRED");
  EXPECT_EQ(over.patients(0).consented_kinds_size(), 0);
  EXPECT_FALSE(over.patients(0).has_eligibility());
}

TEST_F(HomeCareTest, EveryAppointmentNeedsAnActOfItsOwn) {
  const absl::CivilDay first = Today() + 3;
  const absl::CivilDay second = Today() + 10;
  ConsentAtHome(MakeLink(first).token, {"DRUG"});
  EXPECT_EQ(ConfirmedAtHome(second), "NO_CONSENT");
  EXPECT_EQ(DrugsAtHome(second), "NO_CONSENT");
  const std::string token = MakeLink(second).token;
  EXPECT_EQ(ConfirmedAtHome(second), "NO_CONSENT");  // a link is no act
  ConsentAtHome(token, {"DRUG"});
  EXPECT_EQ(ConfirmedAtHome(second), "");
  GoTo(EndOfDay(first));
  EXPECT_EQ(ConfirmedAtHome(first), "CONSENT_EXPIRED");
  EXPECT_EQ(ConfirmedAtHome(second), "");
  EXPECT_EQ(DrugsAtHome(second, "PHARMACIST"), "");
}

TEST_F(HomeCareTest, AnAppointmentThatIsMovedIsFollowedByThePatientsActAlone) {
  const absl::CivilDay thursday = Today() + 3;
  const MadeLink old = MakeBooking(thursday, "A-17");
  ConsentAtHome(old.token, {"DRUG"});
  const MadeLink moved = MakeBooking(thursday + 1, "A-17");
  EXPECT_EQ(ConfirmedAtHome(thursday + 1), "NO_CONSENT");
  EXPECT_EQ(DrugsAtHome(thursday + 1), "NO_CONSENT");
  ConsentAtHome(moved.token, {"DRUG"});
  GoTo(EndOfDay(thursday));
  EXPECT_EQ(DrugsAtHome(thursday), "CONSENT_EXPIRED");
  EXPECT_EQ(DrugsAtHome(thursday + 1), "");
}

TEST_F(HomeCareTest, LaterHomeVisitsAreConfirmedWithoutTheCardUntilTheEnd) {
  EXPECT_EQ(ConfirmedAtHome(), "NO_CONSENT");
  ConsentAtHome(MakeLink().token, {"DRUG"});
  EXPECT_EQ(ConfirmedAtHome({}, ""), "INVALID_FIELDS");  // the branch number is needed
  for (const char* role : {"DOCTOR", "DENTIST", "PHARMACIST", "OTHER_QUALIFIED"}) {
    GoTo(clock_.Now() + absl::Hours(24 * 14));
    EXPECT_EQ(ConfirmedAtHome(), "");
    EXPECT_EQ(by_number_.coverages_size(), 1);
    EXPECT_EQ(DrugsAtHome({}, role), "") << role;
  }
  const absl::CivilDay last = Today();
  EXPECT_EQ(Revoke(), "");
  EXPECT_EQ(ConfirmedAtHome(), "CONSENT_REVOKED");
  EXPECT_EQ(DrugsAtHome(), "CONSENT_REVOKED");
  const auto listed = Page(ByConsent(v1::FORM_OF_CARE_HOME_VISIT, last - 100, last));
  ASSERT_EQ(listed.patients_size(), 1);
  EXPECT_EQ(listed.patients(0).refused_reason(), "CONSENT_REVOKED");
  EXPECT_EQ(listed.patients(0).standing(), v1::CONSENT_STANDING_REVOKED_BY_FACILITY);
  EXPECT_FALSE(listed.patients(0).has_eligibility());
}

TEST_F(HomeCareTest, EveryTypeOfFacilityThatVisitsMayAskAgain) {
  for (const FacilityType type :
       {FacilityType::kHospital, FacilityType::kClinic, FacilityType::kDental,
        FacilityType::kPharmacy, FacilityType::kHomeNursing}) {
    const Terminal terminal{.facility_type = type, .role = Role::kGeneral};
    EXPECT_EQ(DecideTerminal(terminal, {.operation = Operation::kConfirmByInsuredNumber,
                                        .form_of_care = FormOfCare::kHomeVisit,
                                        .at = clock_.Now()}),
              std::nullopt);
  }
}

TEST_F(HomeCareTest, WhoDeclinesEverythingIsConfirmedUntilTheyWithdraw) {
  const std::string token = MakeLink().token;
  ConsentAtHome(token, {});
  EXPECT_EQ(ConfirmedAtHome(), "");
  EXPECT_EQ(DrugsAtHome(), "CONSENT_DECLINED");
  const auto listed = Page(Visits());
  ASSERT_EQ(listed.patients_size(), 1);
  EXPECT_TRUE(listed.patients(0).has_eligibility());
  EXPECT_EQ(listed.patients(0).consented_kinds_size(), 0);

  clock_.Advance(absl::Seconds(1));
  ASSERT_EQ(Withdraw(Open(token)).reason(), "");
  EXPECT_EQ(ConfirmedAtHome(), "CONSENT_REVOKED");
  EXPECT_EQ(Page(Visits()).patients(0).standing(), v1::CONSENT_STANDING_REVOKED_BY_PATIENT);
}

TEST_F(HomeCareTest, OnlyARevocationOfEverythingEndsWhoDeclinedEverything) {
  ConsentAtHome(MakeLink().token, {});
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Revoke({}, {v1::CONSENT_KIND_DRUG}), "");
  EXPECT_EQ(ConfirmedAtHome(), "");
  EXPECT_EQ(Revoke(), "");
  EXPECT_EQ(ConfirmedAtHome(), "CONSENT_REVOKED");
}

TEST_F(HomeCareTest, AConsentAtTheDeskOpensNothingAtHome) {
  const grpc::Status status = Use(Act(v1::DECISION_AGREED));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(ConfirmedAtHome(), "NO_CONSENT");
  EXPECT_EQ(Page(Visits()).patients_size(), 0);
}

}  // namespace
}  // namespace kakunin
