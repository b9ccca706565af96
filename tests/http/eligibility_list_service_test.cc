// A facility's lists: who consented at home, and what it was told on a day.
#include "auth/encoding.h"
#include "storage/postgres/reference_number_store.h"
#include "tests/http/home_care_fixture.h"

namespace kakunin {
namespace {

TEST_F(HomeCareTest, EveryPatientToldHasAnAuditRowAndAConfirmation) {
  ConsentAtHome(MakeLink().token, {"DRUG"});
  const auto listed = Page(Visits());
  ASSERT_EQ(listed.patients_size(), 1);
  const v1::ConsentedPatient& patient = listed.patients(0);
  EXPECT_FALSE(listed.audit_id().empty());
  EXPECT_NE(patient.audit_id(), listed.audit_id());
  EXPECT_EQ(patient.eligibility().audit_id(), patient.audit_id());
  EXPECT_FALSE(patient.eligibility().patient_handle().empty());
  EXPECT_FALSE(patient.has_end_time());
  EXPECT_EQ(*DayFromProto(patient.eligibility().day()), Today());
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 95"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event a JOIN kakunin.confirmation c"
                  " USING (stream, number) WHERE a.operation = 96 AND a.form_of_care = 2"
                  " AND a.actor = '" +
                  std::string(kTestFacility) + "/" + kTestTerminal + "'"),
            1);
}

TEST_F(HomeCareTest, ARevokedCardsConsentShowsNoCertificateAndNoKindAsOpen) {
  ConsentAtHome(MakeLink().token, {"DRUG", "LIMIT_CERTIFICATE", "SPECIFIC_DISEASE_CERTIFICATE"});
  database_.Exec(
      "UPDATE kakunin.coverage SET limit_certificates = '[{\"classification\": 1,"
      " \"classification_flag\": \"A03\", \"valid_from\": \"2020-04-01\"}]',"
      " specific_disease_certificates = '[{\"disease\": 1, \"valid_from\": \"2020-04-01\"}]'");
  database_.Exec("UPDATE kakunin.answer SET format = 1");  // made anew from the truth
  // The kinds that are open, and the certificates that three ways of asking show.
  const auto shown = [&] {
    std::vector<int> told;
    const auto listed = Page(Visits());
    EXPECT_EQ(listed.patients_size(), 1);
    if (listed.patients_size() != 1) return told;
    told.push_back(listed.patients(0).consented_kinds_size());
    const auto count = [&](const v1::Coverage& coverage) {
      told.push_back((coverage.has_limit_certificate() ? 1 : 0) +
                     coverage.specific_disease_certificates_size());
    };
    EXPECT_EQ(listed.patients(0).eligibility().validity(), v1::VALIDITY_VALID);
    count(listed.patients(0).eligibility().coverages(0));
    EXPECT_EQ(ConfirmedAtHome(), "");
    count(by_number_.coverages(0));
    told.push_back(DrugsAtHome().empty() ? 1 : 0);
    clock_.Advance(absl::Seconds(1));
    return told;
  };
  EXPECT_EQ(shown(), (std::vector<int>{3, 2, 2, 1}));
  ListRevoked({{auth::SerialNumber(auth::kSerial), clock_.Now()}});
  EXPECT_EQ(shown(), (std::vector<int>{0, 0, 0, 0}));
  ListRevoked({{auth::SerialNumber(auth::kSerial), clock_.Now(), 4}});  // superseded
  EXPECT_EQ(shown(), (std::vector<int>{3, 2, 2, 1}));
  // A card that is listed so is refused all the same.
  EXPECT_EQ(DescribeError(Use(Act())).reason, "CARD_REVOKED");
}

TEST_F(HomeCareTest, NobodyIsToldOfAPatientWhoseAuditRowIsNotThere) {
  ConsentAtHome(MakeLink().token, {"DRUG"});
  database_.Exec("REVOKE INSERT ON kakunin.confirmation FROM kakunin_terminal");
  const auto listed = Page(Visits());
  EXPECT_EQ(reason_, "INTERNAL");
  EXPECT_EQ(listed.patients_size(), 0);
  database_.Exec("GRANT INSERT ON kakunin.confirmation TO kakunin_terminal");
  EXPECT_EQ(Page(Visits()).patients_size(), 1);
}

TEST_F(HomeCareTest, WhatTheFacilityCallsThePatientStandsInItsList) {
  ConsentAtHome(MakeLink().token, {"DRUG"});
  ReferenceNumberRow row{.number = "訪問-7"};
  const auto hex = database_.Exec(
      "SELECT DISTINCT replace(person_id::text, '-', '') FROM kakunin.consent_act")[0][0];
  const std::string octets = *auth::HexDecode(hex.as<std::string>());
  std::copy(octets.begin(), octets.end(), row.person.octets.begin());
  PostgresReferenceNumberStore numbers;
  ASSERT_TRUE(pool_
                  ->Write(Soon(),
                          [&](Transaction& tx) -> absl::Status {
                            const std::string facility(kTestFacility);
                            RETURN_IF_ERROR(numbers.Begin(tx, facility, Today()));
                            return numbers.Change(tx, facility, {}, {&row, 1}, clock_.Now());
                          })
                  .ok());
  const auto listed = Page(Visits());
  ASSERT_EQ(listed.patients_size(), 1);
  ASSERT_EQ(listed.patients(0).eligibility().reference_numbers_size(), 1);
  EXPECT_EQ(listed.patients(0).eligibility().reference_numbers(0), "訪問-7");
}

TEST_F(HomeCareTest, AListIsGoneThroughPageByPageAndHoldsEverybodyOnce) {
  const absl::CivilDay day = Today() + 3;
  std::vector<std::string> names;
  for (const int offset : {2, 0, 1}) {
    names.push_back(std::string("B-") + std::to_string(offset));
    ConsentAtHome(MakeBooking(day + offset, names.back()).token, {"DRUG"});
  }
  const auto all = [&](v1::ListConsentedPatientsRequest request) {
    request.set_page_size(1);
    std::vector<std::string> listed;
    do {
      const auto page = Page(request);
      EXPECT_EQ(reason_, "");
      for (const auto& patient : page.patients()) listed.push_back(patient.booking_name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return listed;
  };
  EXPECT_EQ(all(ByConsent(v1::FORM_OF_CARE_ONLINE_CARE, Today(), Today())), names);
  EXPECT_EQ(all(ByBooking(day, day + 2)), (std::vector<std::string>{"B-0", "B-1", "B-2"}));
  EXPECT_EQ(all(ByBooking(day, day + 1)), (std::vector<std::string>{"B-0", "B-1"}));
  v1::ListConsentedPatientsRequest named = ByBooking(day, day + 2);
  named.set_booking_name("B-1");
  EXPECT_EQ(all(named), std::vector<std::string>{"B-1"});
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 96 AND code = 0"), 9);
}

TEST_F(HomeCareTest, WhoActsAnewIsListedByTheLatestAct) {
  const std::string token = MakeLink().token;
  ConsentAtHome(token, {"DRUG"});
  const absl::CivilDay monday = Today();
  GoTo(clock_.Now() + absl::Hours(24));
  ConsentAtHome(token, {"DRUG", "TREATMENT"});
  EXPECT_EQ(Page(ByConsent(v1::FORM_OF_CARE_HOME_VISIT, monday, monday)).patients_size(), 0);
  const auto listed = Page(ByConsent(v1::FORM_OF_CARE_HOME_VISIT, monday, monday + 1));
  ASSERT_EQ(listed.patients_size(), 1);
  EXPECT_EQ(listed.patients(0).consented_kinds_size(), 2);
}

TEST_F(HomeCareTest, ADayInJapanIsHalfOpen) {
  GoTo(EndOfDay(Today()) - absl::Seconds(2));
  const absl::CivilDay monday = Today();
  ConsentAtHome(MakeLink().token, {"DRUG"});
  GoTo(EndOfDay(monday));
  EXPECT_EQ(Page(ByConsent(v1::FORM_OF_CARE_HOME_VISIT, monday, monday)).patients_size(), 1);
  EXPECT_EQ(Page(ByConsent(v1::FORM_OF_CARE_HOME_VISIT, monday + 1, monday + 1)).patients_size(),
            0);
}

TEST_F(HomeCareTest, AnotherFacilitysPatientsAreInNoListOfOurs) {
  ConsentAtHome(MakeLink().token, {"DRUG"});
  database_.Exec("UPDATE kakunin.consent_act SET facility_code = '1310000099'");
  EXPECT_EQ(Page(Visits()).patients_size(), 0);
  EXPECT_EQ(reason_, "");
}

TEST_F(HomeCareTest, ADayBehindTheBookingIsNotAnswered) {
  const absl::CivilDay day = Today() + 3;
  ConsentAtHome(MakeLink(day).token, {"DRUG"});
  v1::ListConsentedPatientsRequest request = ByBooking(day, day);
  *request.mutable_day() = DayToProto(day + 1);
  EXPECT_EQ(Page(request).patients(0).refused_reason(), "CONSENT_EXPIRED");
  *request.mutable_day() = DayToProto(Today());
  EXPECT_TRUE(Page(request).patients(0).has_eligibility());
}

TEST_F(HomeCareTest, SaysWhatIsWrongWithAList) {
  v1::ListConsentedPatientsRequest request;
  Page(request);
  EXPECT_EQ(reason_, "INVALID_FIELDS");
  EXPECT_EQ(fields_, (std::set<std::string>{"form_of_care", "consent_from_date"}));

  request = ByConsent(v1::FORM_OF_CARE_OUTPATIENT, Today(), Today());
  Page(request);
  EXPECT_EQ(fields_, std::set<std::string>{"form_of_care"});

  request = ByConsent(v1::FORM_OF_CARE_HOME_VISIT, Today(), Today() - 1);
  *request.mutable_appointment_from_date() = DayToProto(Today());
  request.set_booking_name("A-17");
  request.set_page_size(201);
  Page(request);
  EXPECT_EQ(fields_,
            (std::set<std::string>{"consent_from_date", "consent_to_date", "appointment_from_date",
                                   "appointment_to_date", "booking_name", "page_size"}));
  for (const char* token : {"x", "1", "1.2", "1..3", "1.00.3", ".", "-1.2.3", "1.2.3.4.5",
                            "99999999999999999999.00000000000000000000000000000000.1",
                            "9223372036854775807.00000000000000000000000000000000.1"}) {
    request = Visits();
    request.set_page_token(token);
    Page(request);
    EXPECT_EQ(fields_, std::set<std::string>{"page_token"}) << token;
    request = ByBooking(Today(), Today());
    request.set_page_token(token);
    Page(request);
    EXPECT_EQ(fields_, std::set<std::string>{"page_token"}) << token;
  }
}

TEST_F(HomeCareTest, ListsWhatTheFacilityWasToldOnADay) {
  ConsentAtHome(MakeLink().token,
                {"DRUG"});  // the patient's own act: the facility was told nothing
  EXPECT_EQ(ConfirmedAtHome(), "");
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(Use(Act()).ok());
  clock_.Advance(absl::Seconds(1));
  Page(Visits());
  clock_.Advance(absl::Seconds(1));
  v1::ConfirmByInsuredNumberResponse nobody;
  ASSERT_TRUE(Confirm(*StubOf(), Ask("999", "01"), nobody).ok());
  const absl::CivilDay monday = Today();

  EXPECT_EQ(Told(monday).confirmations_size(), 0);
  EXPECT_FALSE(Told(monday).has_complete_until_time());
  clock_.Advance(absl::Minutes(5));
  const std::string now = absl::FormatTime(absl::RFC3339_full, clock_.Now(), absl::UTCTimeZone());
  database_.Exec("SELECT kakunin.copy_facility_access(NULL, '" + now + "')");
  database_.Exec("UPDATE kakunin.facility_access_progress SET through = '" + now + "'");

  const auto told = Told(monday);
  ASSERT_EQ(reason_, "");
  EXPECT_EQ(TimeFromProto(told.complete_until_time()), clock_.Now() - absl::Minutes(2));
  std::vector<v1::ConfirmedHow> how;
  for (const auto& one : told.confirmations()) how.push_back(one.how());
  EXPECT_EQ(how, (std::vector<v1::ConfirmedHow>{v1::CONFIRMED_HOW_INSURED_NUMBER,
                                                v1::CONFIRMED_HOW_CARD, v1::CONFIRMED_HOW_CONSENTED,
                                                v1::CONFIRMED_HOW_INSURED_NUMBER}));
  EXPECT_EQ(told.confirmations(0).audit_id(), by_number_.audit_id());
  EXPECT_EQ(told.confirmations(0).validity(), v1::VALIDITY_VALID);
  EXPECT_EQ(*DayFromProto(told.confirmations(0).day()), monday);
  EXPECT_FALSE(told.confirmations(0).patient_handle().empty());
  EXPECT_EQ(told.confirmations(3).validity(), v1::VALIDITY_NOT_FOUND);
  EXPECT_TRUE(told.confirmations(3).patient_handle().empty());
  EXPECT_EQ(Told(monday - 1).confirmations_size(), 0);

  std::vector<std::string> ids;
  std::string token;
  do {
    const auto page = Told(monday, 1, token);
    for (const auto& one : page.confirmations()) ids.push_back(one.audit_id());
    token = page.next_page_token();
  } while (!token.empty());
  ASSERT_EQ(ids.size(), 4u);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(ids[static_cast<size_t>(i)], told.confirmations(i).audit_id());

  Told(monday + 1);
  EXPECT_EQ(fields_, std::set<std::string>{"day"});
  Told(monday, 1001, "x");
  EXPECT_EQ(fields_, (std::set<std::string>{"page_size", "page_token"}));
}

}  // namespace
}  // namespace kakunin
