// Abnormal times over real TLS and PostgreSQL: what terminals may do in them.
#include "tests/rpc/abnormal_times_fixture.h"
#include "tests/support/identity_case.h"

namespace kakunin {
namespace {

TEST_F(AbnormalTimesTest, ADisasterOpensEligibilityAndRecordsExactlyWhileItIsInForce) {
  const std::string id = InForce(Disaster());
  clock_.Advance(from_ - clock_.Now() - absl::Seconds(1));
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "ABNORMAL_TIMES_NOT_IN_FORCE");
  clock_.Advance(absl::Seconds(1));
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_VALID);
  ASSERT_EQ(found_.coverages_size(), 1);
  EXPECT_EQ(found_.policy().policy_id(), id);
  EXPECT_FALSE(found_.policy().rehearsal());
  EXPECT_EQ(TimeFromProto(found_.view_end_time()),
            absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now() + absl::Hours(1))));

  ASSERT_EQ(ReasonOfLook(), "");
  ASSERT_EQ(drugs_.months_size(), 1);
  EXPECT_EQ(drugs_.basis().situation(), v1::SITUATION_DISASTER);
  // Without the view there is no consent, and the view is no handle to anything else.
  EXPECT_EQ(ReasonOfDrugs(ByNumber()), "NO_CONSENT");
  EXPECT_EQ(ReasonOfLook(v1::FORM_OF_CARE_HOME_VISIT), "NOT_IN_SERVICE");

  ASSERT_EQ(ReasonOfSearch(ByKey()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_VALID);
  EXPECT_EQ(ReasonOfLook(), "");

  clock_.Advance(absl::Hours(24 * 7) - absl::Seconds(1));
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(ReasonOfLook(), "");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOfLook(), "ABNORMAL_TIMES_NOT_IN_FORCE");
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "ABNORMAL_TIMES_NOT_IN_FORCE");
}

TEST_F(AbnormalTimesTest, AViewLastsAnHourAndEndsWhenItsPolicyIsEnded) {
  const std::string id = InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  const absl::Time end = TimeFromProto(found_.view_end_time());
  clock_.Advance(end - clock_.Now() - absl::Microseconds(1));
  EXPECT_EQ(ReasonOfLook(), "");
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(ReasonOfLook(), "ABNORMAL_VIEW_EXPIRED");
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(ReasonOfLook(), "");
  End(id);
  EXPECT_EQ(ReasonOfLook(), "ABNORMAL_TIMES_NOT_IN_FORCE");
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "ABNORMAL_TIMES_NOT_IN_FORCE");
  // What is ended stays so.
  EXPECT_EQ(ReasonOfApproval(id, second_), "POLICY_DECIDED");
}

TEST_F(AbnormalTimesTest, OtherPlacesKindsRolesAndSituationsStayClosed) {
  v1::ProposeAbnormalTimesRequest elsewhere = Disaster();
  elsewhere.mutable_content()->clear_municipality_codes();
  elsewhere.mutable_content()->add_municipality_codes("17205");
  v1::ProposeAbnormalTimesResponse response;
  EXPECT_EQ(FieldsOf(Operate(IdentityOf(Caller::kOperator), elsewhere, response,
                             &v1::AbnormalTimesPolicyService::Stub::ProposeAbnormalTimes)),
            (std::vector<std::string>{"content.municipality_codes"}));
  database_.Exec(
      "INSERT INTO kakunin.facility (facility_code, facility_type, name, active,"
      " generation, municipality_code) VALUES ('1799999999', 1, '別', true, 0, '17205')");
  InForce(elsewhere);
  clock_.Advance(from_ - clock_.Now());
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "ABNORMAL_TIMES_NOT_IN_FORCE");

  InForce(Disaster());
  EXPECT_EQ(ReasonOfSearch(ByFourItems(), "GENERAL"), "ROLE_NOT_ALLOWED");
  ASSERT_EQ(ReasonOfSearch(ByFourItems(), "ADMINISTRATOR"), "");
  v1::SearchPatientRequest failure = ByFourItems();
  failure.set_situation(v1::SITUATION_SYSTEM_FAILURE);
  failure.clear_oral_consent();
  EXPECT_EQ(ReasonOfSearch(failure), "ABNORMAL_TIMES_NOT_IN_FORCE");

  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  v1::GetHealthChecksRequest checks;
  checks.mutable_patient()->set_patient_handle(found_.view_handle());
  checks.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  v1::GetHealthChecksResponse shown;
  grpc::ClientContext context;
  context.AddMetadata("kakunin-role", "DOCTOR");
  EXPECT_EQ(DescribeError(v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
                              ->GetHealthChecks(&context, checks, &shown))
                .reason,
            "ABNORMAL_TIMES_NOT_IN_FORCE");
}

TEST_F(AbnormalTimesTest, TheConsentIsStatedOrWhyThereIsNone) {
  InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  v1::SearchPatientRequest request = ByFourItems();
  request.clear_oral_consent();
  EXPECT_EQ(ReasonOfSearch(request), "INVALID_FIELDS");
  request.set_oral_consent(v1::ORAL_CONSENT_NOT_OBTAINED);
  EXPECT_EQ(ReasonOfSearch(request), "INVALID_FIELDS");
  request.set_no_consent_reason(v1::NO_CONSENT_REASON_FAMILY_ABSENT);
  EXPECT_EQ(ReasonOfSearch(request), "");
  request.set_oral_consent(v1::ORAL_CONSENT_GIVEN);
  EXPECT_EQ(ReasonOfSearch(request), "INVALID_FIELDS");
}

TEST_F(AbnormalTimesTest, SeveralAreNeverChosenFromAndHiddenAddressesAreNotGuessed) {
  InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  v1::SearchPatientRequest wrong = ByFourItems();
  wrong.mutable_four_items()->set_sex(v1::SEX_MALE);
  ASSERT_EQ(ReasonOfSearch(wrong), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_NOT_FOUND);
  EXPECT_TRUE(found_.view_handle().empty());

  Insure(2, "5678911", "02");  // of the same name and address
  database_.Exec("UPDATE kakunin.coverage SET sex = 2");
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_SEVERAL_FOUND);
  EXPECT_EQ(found_.coverages_size(), 0);
  EXPECT_TRUE(found_.view_handle().empty());

  database_.Exec(
      "INSERT INTO kakunin.person_protection SELECT person_id, true, false, known_from, 0"
      " FROM kakunin.coverage WHERE coverage_reference = 'ref-2'");
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_VALID);
  database_.Exec(
      "UPDATE kakunin.person_protection SET person_id = (SELECT person_id FROM"
      " kakunin.coverage WHERE coverage_reference = 'ref-1')");
  database_.Exec("DELETE FROM kakunin.coverage WHERE coverage_reference = 'ref-2'");
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_NOT_FOUND);
  ASSERT_EQ(ReasonOfSearch(ByKey()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_VALID);
}

TEST_F(AbnormalTimesTest, GuessingIsStoppedAsByNumber) {
  InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(counts_.found, 1);
  v1::SearchPatientRequest wrong = ByFourItems();
  wrong.mutable_four_items()->set_name("見知らぬ 人");
  ASSERT_EQ(ReasonOfSearch(wrong), "");
  wrong = ByKey();
  wrong.mutable_insured()->set_number("5678999");
  ASSERT_EQ(ReasonOfSearch(wrong), "");
  EXPECT_EQ(counts_.no_match, 2);
  EXPECT_EQ(counts_.found, 1);
  counts_.open = false;
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "INQUIRY_LIMIT");
  EXPECT_EQ(ReasonOfSearch(ByKey()), "INQUIRY_LIMIT");
}

// Nobody real is found in a rehearsal, which is no guessing.
TEST_F(AbnormalTimesTest, ARehearsalCountsAsNoGuessing) {
  v1::ProposeAbnormalTimesRequest request = Disaster();
  request.mutable_content()->set_rehearsal(true);
  InForce(request);
  clock_.Advance(from_ - clock_.Now());
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  ASSERT_EQ(ReasonOfSearch(ByKey()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_NOT_FOUND);
  EXPECT_EQ(counts_.no_match + counts_.found, 0);
}

// Two orders of one disaster: which of them is found first decides nothing.
TEST_F(AbnormalTimesTest, PoliciesThatOverlapOpenTogetherWhatEitherOpens) {
  const std::string drugs = InForce(Disaster());
  v1::ProposeAbnormalTimesRequest other = Disaster();
  other.mutable_content()->clear_kinds();
  other.mutable_content()->add_kinds(v1::CONSENT_KIND_TREATMENT);
  *other.mutable_content()->mutable_to_time() = TimeToProto(from_ + absl::Hours(24 * 9));
  const std::string longer = InForce(other);
  clock_.Advance(from_ - clock_.Now());
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(found_.policy().policy_id(), longer) << "that which lasts longest";
  EXPECT_EQ(ReasonOfLook(), "") << "drugs, by the other";
  v1::SearchPatientRequest named = ByFourItems();
  named.set_policy_id(drugs);
  ASSERT_EQ(ReasonOfSearch(named), "");
  EXPECT_EQ(found_.policy().policy_id(), drugs);
  EXPECT_EQ(ReasonOfLook(), "");
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  End(drugs);
  EXPECT_EQ(ReasonOfLook(), "ABNORMAL_TIMES_NOT_IN_FORCE");
}

// How many of `in_all` searches by `clients` clients at once found the patient and opened a view.
int Found(RpcServer& port, int clients, int in_all, const v1::SearchPatientRequest& request) {
  std::atomic<int> next = 0;
  std::atomic<int> found = 0;
  std::vector<std::thread> threads;
  for (int client = 0; client < clients; ++client) {
    threads.emplace_back([&] {
      const auto stub = v1::AbnormalTimesService::NewStub(port.Channel(Caller::kTerminal));
      while (next++ < in_all) {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
        context.AddMetadata("kakunin-role", "DOCTOR");
        v1::SearchPatientResponse answer;
        if (stub->SearchPatient(&context, request, &answer).ok() &&
            answer.validity() == v1::VALIDITY_VALID && !answer.view_handle().empty()) {
          ++found;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return found;
}

TEST_F(AbnormalTimesTest, SearchesRunBesideEachOther) {
  InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  constexpr int kInAll = 30;
  EXPECT_EQ(Found(*times_port_, 6, kInAll, ByFourItems()), kInAll);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.abnormal_times_view"), kInAll);
  EXPECT_EQ(Count("SELECT count(DISTINCT stream) FROM kakunin.audit_event WHERE operation = 194"),
            2)
      << "one after the other";
}

TEST_F(AbnormalTimesTest, ARehearsalAnswersTestPersonsOnlyAndSaysSo) {
  v1::ProposeAbnormalTimesRequest request = Disaster();
  request.mutable_content()->set_rehearsal(true);
  const std::string id = InForce(request);
  clock_.Advance(from_ - clock_.Now());
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_NOT_FOUND);
  EXPECT_TRUE(found_.policy().rehearsal());
  EXPECT_TRUE(found_.view_handle().empty());
  ASSERT_EQ(ReasonOfSearch(ByKey()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_NOT_FOUND);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.record_access"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.confirmation"), 0);

  ASSERT_TRUE(database_.Open("kakunin_operator")
                  ->Write(Soon(),
                          [&](Transaction& tx) {
                            return registry_.PutTestPerson(tx, {.person = Person()});
                          })
                  .ok());
  AwaitRegistry();
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_VALID);
  EXPECT_NE(found_.next_step().find("訓練"), std::string::npos);
  ASSERT_EQ(ReasonOfLook(), "");
  EXPECT_TRUE(drugs_.basis().rehearsal());
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE situation = 51"), 5);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation IN (50, 192, 194)"
                  " AND situation <> 51"),
            0);
  EXPECT_EQ(Report(id).uses_size(), 4);
  // Somebody who is a test person no longer is seen by no view that was opened before.
  ASSERT_TRUE(database_.Open("kakunin_operator")
                  ->Write(Soon(),
                          [&](Transaction& tx) {
                            return registry_.PutTestPerson(
                                tx, {.person = Person(), .published = false});
                          })
                  .ok());
  AwaitRegistry();
  EXPECT_EQ(ReasonOfLook(), "NO_CONSENT");
}

TEST_F(AbnormalTimesTest, EveryUseIsInTheReportAndThePatientSeesIt) {
  const std::string id = InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  clock_.Advance(absl::Seconds(1));
  ASSERT_EQ(ReasonOfLook(), "");
  clock_.Advance(absl::Seconds(1));
  ASSERT_EQ(ReasonOfSearch(ByKey()), "");
  v1::SearchPatientRequest nobody = ByFourItems();
  nobody.mutable_four_items()->set_name("見知らぬ 人");
  clock_.Advance(absl::Seconds(1));
  ASSERT_EQ(ReasonOfSearch(nobody), "");

  const v1::ReportAbnormalTimesResponse report = Report(id);
  ASSERT_EQ(report.uses_size(), 4);
  EXPECT_EQ(report.policy().policy_id(), id);
  const auto& search = report.uses(0);
  EXPECT_EQ(search.operation(), v1::ACCESS_OPERATION_SEARCH_PATIENT);
  EXPECT_EQ(search.facility_code(), kTestFacility);
  EXPECT_EQ(search.terminal_id(), kTestTerminal);
  EXPECT_EQ(search.user(), "dr-1");
  EXPECT_EQ(search.role(), v1::USER_ROLE_DOCTOR);
  EXPECT_EQ(search.oral_consent(), v1::ORAL_CONSENT_GIVEN);
  EXPECT_EQ(search.persons_found(), 1);
  const std::string pseudonym =
      database_
          .Exec(
              "SELECT encode(uuid_send(person), 'hex') FROM kakunin.audit_event"
              " WHERE operation = 192 AND person IS NOT NULL LIMIT 1")[0][0]
          .c_str();
  EXPECT_EQ(search.patient_pseudonym(), pseudonym);
  EXPECT_EQ(report.uses(1).operation(), v1::ACCESS_OPERATION_GET_DRUG_HISTORY);
  EXPECT_EQ(report.uses(1).patient_pseudonym(), pseudonym);
  EXPECT_EQ(report.uses(1).view_id(), search.view_id());
  EXPECT_EQ(report.uses(2).oral_consent(), v1::ORAL_CONSENT_NOT_OBTAINED);
  EXPECT_EQ(report.uses(2).no_consent_reason(), v1::NO_CONSENT_REASON_UNCONSCIOUS);
  EXPECT_EQ(report.uses(3).persons_found(), 0);
  EXPECT_TRUE(report.uses(3).patient_pseudonym().empty());

  // As the patient sees it.
  const auto shown = Shown();
  EXPECT_EQ(shown, (std::vector<std::string>{"192 1", "50 1", "192 1"}));
}

TEST_F(AbnormalTimesTest, InAFailureOfTheSystemFourItemsGiveEligibilityAndNothingElse) {
  v1::ProposeAbnormalTimesRequest request = Disaster();
  request.mutable_content()->set_situation(v1::SITUATION_SYSTEM_FAILURE);
  request.mutable_content()->clear_kinds();
  const std::string id = InForce(request);
  clock_.Advance(from_ - clock_.Now());
  v1::SearchPatientRequest search = ByFourItems();
  search.set_situation(v1::SITUATION_SYSTEM_FAILURE);
  EXPECT_EQ(ReasonOfSearch(search), "INVALID_FIELDS");
  search.clear_oral_consent();
  ASSERT_EQ(ReasonOfSearch(search, "GENERAL"), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_VALID);
  EXPECT_TRUE(found_.view_handle().empty());
  search = ByKey();
  search.set_situation(v1::SITUATION_SYSTEM_FAILURE);
  search.clear_oral_consent();
  search.clear_no_consent_reason();
  EXPECT_EQ(ReasonOfSearch(search), "INVALID_FIELDS");
  ASSERT_EQ(Report(id).uses_size(), 1);
  EXPECT_EQ(Report(id).uses(0).user(), "dr-1");
}

// One operator alone says where a facility lies: what is said behind the proposal counts for the
// next.
TEST_F(AbnormalTimesTest, AMunicipalityThatWasSaidLaterPutsNobodyUnderThePolicy) {
  InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  database_.Exec(
      "UPDATE kakunin.registry_generation SET generation = generation + 1;"
      "UPDATE kakunin.facility SET municipality_since = '2099-01-01Z', generation ="
      " (SELECT generation FROM kakunin.registry_generation)");
  AwaitRegistry();
  EXPECT_EQ(ReasonOfSearch(ByFourItems()), "ABNORMAL_TIMES_NOT_IN_FORCE");
}

// Others may hold an old card: its number leads to nobody's coverage of today.
TEST_F(AbnormalTimesTest, TheNumberOfACoverageThatEndedFindsNobody) {
  InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  const std::string today = DayText(CivilDayAt(clock_.Now()));
  database_.Exec("UPDATE kakunin.coverage SET disqualification_date = '" + today + "'");
  ASSERT_EQ(ReasonOfSearch(ByKey()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_NOT_FOUND);
  EXPECT_TRUE(found_.view_handle().empty());
  database_.Exec("UPDATE kakunin.coverage SET disqualification_date = date '" + today + "' + 1");
  ASSERT_EQ(ReasonOfSearch(ByKey()), "");
  EXPECT_FALSE(found_.view_handle().empty());
}

TEST_F(AbnormalTimesTest, WhileItIsInQuestionWhoTheyAreNothingIsOpenedAndTheClerkIsTold) {
  InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  OpenCaseAboutEverybody(database_);
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_VALID);
  EXPECT_TRUE(found_.view_handle().empty());
  ASSERT_EQ(found_.warnings_size(), 1);
  EXPECT_EQ(found_.warnings(0).reason(), "IDENTITY_IN_QUESTION");
}

TEST_F(AbnormalTimesTest, WithACardEverythingGoesOnInADisasterAsUsual) {
  InForce(Disaster());
  clock_.Advance(from_ - clock_.Now());
  RenewCrl({});
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(response_.card_verdict(), v1::CARD_VERDICT_ACCEPTED);
  EXPECT_EQ(response_.validity(), v1::VALIDITY_VALID);
  ASSERT_EQ(ReasonOfDrugs(ByHandle()), "");
  ASSERT_EQ(drugs_.months_size(), 1);
  EXPECT_EQ(drugs_.basis().situation(), v1::SITUATION_UNSPECIFIED);
  // What was declined by card the disaster opens to a view alone.
  Consent({});
  EXPECT_EQ(ReasonOfDrugs(ByHandle()), "CONSENT_DECLINED");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.abnormal_times_view"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation IN (11, 50)"
                  " AND situation <> 0"),
            0);
  ASSERT_EQ(ReasonOfSearch(ByFourItems()), "");
  EXPECT_EQ(ReasonOfLook(), "");
}

// As a shelter is given one.
TEST_F(AbnormalTimesTest, ARestrictedTerminalSearchesInADisasterAndSeesNoRecords) {
  InForce(Disaster());
  RestrictViewingTerminal();
  AwaitRegistry();
  const auto search = [&] {
    found_.Clear();
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "DOCTOR");
    const auto channel = times_port_->Channel(Caller::kViewingTerminal);
    return DescribeError(v1::AbnormalTimesService::NewStub(channel)->SearchPatient(
                             &context, ByFourItems(), &found_))
        .reason;
  };
  EXPECT_EQ(search(), "ABNORMAL_TIMES_NOT_IN_FORCE");
  clock_.Advance(from_ - clock_.Now());
  ASSERT_EQ(search(), "");
  EXPECT_EQ(found_.validity(), v1::VALIDITY_VALID);
  EXPECT_EQ(found_.coverages_size(), 1);
  v1::GetDrugHistoryRequest look;
  look.mutable_patient()->set_patient_handle(found_.view_handle());
  look.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  EXPECT_EQ(DescribeError(Drugs(look, "DOCTOR", Caller::kViewingTerminal)).reason,
            "TERMINAL_RESTRICTED");
}

}  // namespace
}  // namespace kakunin
