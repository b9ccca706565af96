// Who asked for what, listed to the facility and to the patient: real cards, lanes, TLS,
// PostgreSQL, and the job role's copy.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "kakunin/v1/access_log_service.grpc.pb.h"
#include "kakunin/v1/consent_service.grpc.pb.h"
#include "kakunin/v1/record_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "storage/postgres/housekeeping_store.h"
#include "tests/rpc/card_confirmation_fixture.h"
#include "tests/support/identity_case.h"
#include "tests/support/protected_person.h"

namespace kakunin {
namespace {

constexpr char kOtherFacility[] = "1318000002";

class AccessLogServiceTest : public CardConfirmationTest {
 protected:
  AccessLogServiceTest() {
    Insure(1, "5678910", "01");
    Link(1);
    const auto operators = database_.Open("kakunin_operator");
    PostgresRegistryStore store;
    const absl::Status status = operators->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(
          store.PutFacility(tx, {.facility_code = kOtherFacility, .name = "別の診療所"}));
      return store.PutTerminal(tx, {.facility_code = kOtherFacility,
                                    .terminal_id = "desk-1",
                                    .kind = TerminalKind::kDesk,
                                    .fingerprint = elsewhere_.fingerprint,
                                    .not_before = clock_.Now() - absl::Hours(1),
                                    .not_after = clock_.Now() + absl::Hours(1000)});
    });
    EXPECT_TRUE(status.ok()) << status;
    while (port_->registry().Current()->Find(elsewhere_.fingerprint) == nullptr) {
      std::this_thread::yield();
    }
  }

  // Copies what is there, as the timed jobs do.
  void Copy() {
    clock_.Advance(absl::Seconds(1));  // a slice ends before the instant of its making
    PostgresHousekeepingStore store{CopiesOfThisFormat()};
    CopiedAccesses copied;
    while (!copied.all) {
      const absl::Status status = jobs_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(copied, store.CopyFacilityAccesses(tx, clock_.Now(), kAccessCopyOverlap));
        return absl::OkStatus();
      });
      ASSERT_TRUE(status.ok()) << status;
    }
  }

  template <class Request>
  void SetDays(Request& request) const {
    const absl::CivilDay today = CivilDayAt(clock_.Now());
    *request.mutable_from_day() = DayToProto(today - 1);
    *request.mutable_to_day() = DayToProto(today);
  }

  v1::ListFacilityAccessRequest Days() const {
    v1::ListFacilityAccessRequest request;
    SetDays(request);
    return request;
  }
  grpc::Status OfFacility(const v1::ListFacilityAccessRequest& request,
                          const char* role = "ADMINISTRATOR") {
    facility_.Clear();
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", role);
    return v1::AccessLogService::NewStub(port_->Channel(Caller::kTerminal))
        ->ListFacilityAccess(&context, request, &facility_);
  }

  // A card act of the patient for this purpose, at this facility's desk or elsewhere.
  v1::ListPatientAccessRequest PatientAct(v1::CardPurpose purpose = v1::CARD_PURPOSE_LIST_ACCESS,
                                          v1::FormOfCare form = v1::FORM_OF_CARE_OUTPATIENT) {
    v1::BeginCardAuthenticationRequest begin;
    begin.set_purpose(purpose);
    begin.set_form_of_care(form);
    v1::BeginCardAuthenticationResponse begun;
    grpc::ClientContext context;
    EXPECT_TRUE(StubOf()->BeginCardAuthentication(&context, begin, &begun).ok());
    v1::ListPatientAccessRequest request;
    v1::CardAct& act = *request.mutable_card();
    act.set_challenge_id(begun.challenge_id());
    act.set_certificate(certificate_);
    act.set_signature(auth::CardPki::Get().card_key.Sign(begun.to_be_signed()));
    act.set_holder_verification(v1::HOLDER_VERIFICATION_PIN);
    act.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    SetDays(request);
    return request;
  }
  grpc::Status OfPatient(const v1::ListPatientAccessRequest& request,
                         const std::shared_ptr<grpc::Channel>& channel = nullptr) {
    patient_.Clear();
    grpc::ClientContext context;
    return v1::AccessLogService::NewStub(channel ? channel : port_->Channel(Caller::kTerminal))
        ->ListPatientAccess(&context, request, &patient_);
  }
  std::string ReasonOfPatient(const v1::ListPatientAccessRequest& request) {
    return DescribeError(OfPatient(request)).reason;
  }

  static v1::PatientKey Number(const std::string& number) {
    v1::PatientKey patient;
    v1::InsuredKey& key = *patient.mutable_insured();
    key.set_insurer_number(kTestInsurer);
    key.set_symbol("1234");
    key.set_number(number);
    *key.mutable_birth_date() = DayToProto(kBirth);
    return patient;
  }
  // Looks at drugs by number; answers or refuses.
  std::string LookAtDrugs(const std::shared_ptr<grpc::Channel>& channel, const char* role,
                          const std::string& number = "5678910") {
    v1::GetDrugHistoryRequest request;
    *request.mutable_patient() = Number(number);
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    grpc::ClientContext context;
    context.AddMetadata("kakunin-user", "user-7");
    context.AddMetadata("kakunin-role", role);
    v1::GetDrugHistoryResponse response;
    return DescribeError(
               v1::RecordService::NewStub(channel)->GetDrugHistory(&context, request, &response))
        .reason;
  }
  std::string LookAtDrugs(const char* role, const std::string& number = "5678910") {
    return LookAtDrugs(port_->Channel(Caller::kTerminal), role, number);
  }

  const TestIdentity elsewhere_ = IssueTestIdentity({TerminalUri(kOtherFacility, "desk-1")});
  std::unique_ptr<PostgresDatabase> jobs_ = database_.Open("kakunin_job");
  v1::ListFacilityAccessResponse facility_;
  v1::ListPatientAccessResponse patient_;
};

TEST_F(AccessLogServiceTest, TheAdministratorSeesHisFacilitysCallsRefusedOnesTooNewestFirst) {
  ASSERT_TRUE(Use(Act(v1::DECISION_DECLINED)).ok());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(LookAtDrugs("DOCTOR"), "CONSENT_DECLINED");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(LookAtDrugs("GENERAL"), "ROLE_NOT_ALLOWED");
  Copy();
  ASSERT_TRUE(OfFacility(Days()).ok());
  ASSERT_EQ(facility_.accesses_size(), 4);
  const auto& refused = facility_.accesses(0);
  EXPECT_EQ(refused.operation(), v1::ACCESS_OPERATION_GET_DRUG_HISTORY);
  EXPECT_EQ(refused.result().refused_reason(), "ROLE_NOT_ALLOWED");
  EXPECT_FALSE(refused.result().refused_message().empty());
  EXPECT_EQ(refused.role(), v1::USER_ROLE_GENERAL);
  EXPECT_EQ(refused.user(), "user-7");
  EXPECT_EQ(refused.terminal_id(), kTestTerminal);
  EXPECT_TRUE(refused.patient_handle().empty());  // nobody was looked up
  const auto& declined = facility_.accesses(1);
  EXPECT_FALSE(declined.result().shown());
  EXPECT_EQ(declined.result().refused_reason(), "CONSENT_DECLINED");
  ASSERT_EQ(declined.result().kinds_size(), 1);
  EXPECT_EQ(declined.result().kinds(0).kind(), v1::CONSENT_KIND_DRUG);
  const auto& confirmed = facility_.accesses(2);
  EXPECT_EQ(confirmed.operation(), v1::ACCESS_OPERATION_CONFIRM_BY_CARD);
  EXPECT_TRUE(confirmed.result().shown());
  EXPECT_EQ(confirmed.result().validity(), v1::VALIDITY_VALID);
  EXPECT_EQ(confirmed.audit_id(), response_.audit_id());
  EXPECT_EQ(confirmed.patient_handle(), declined.patient_handle());  // the same patient
  const auto content = handle_key_.Open(kTestFacility, confirmed.patient_handle());
  ASSERT_TRUE(content);
  EXPECT_EQ(content->person, handle_key_.Open(kTestFacility, response_.patient_handle())->person);
  EXPECT_EQ(facility_.accesses(3).operation(), v1::ACCESS_OPERATION_BEGIN_CARD_AUTHENTICATION);
  EXPECT_EQ(TimeFromProto(facility_.complete_until_time()) + kAccessCopyOverlap,
            absl::FromUnixMicros(absl::ToUnixMicros(clock_.Now())));
}

TEST_F(AccessLogServiceTest, NobodyButTheAdministratorAndNothingOfAnotherFacility) {
  EXPECT_EQ(LookAtDrugs(port_->Channel(elsewhere_), "GENERAL"), "ROLE_NOT_ALLOWED");
  Copy();
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.facility_access"), 1);
  ASSERT_TRUE(OfFacility(Days()).ok());
  EXPECT_EQ(facility_.accesses_size(), 0);
  for (const char* role : {"GENERAL", "DOCTOR", "DENTIST", "PHARMACIST", "OTHER_QUALIFIED"}) {
    EXPECT_EQ(DescribeError(OfFacility(Days(), role)).reason, "ROLE_NOT_ALLOWED") << role;
  }
  v1::ListFacilityAccessRequest request = Days();
  request.set_facility_code(kOtherFacility);
  EXPECT_EQ(DescribeError(OfFacility(request)).reason, "FACILITY_CODE_DIFFERS");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 70 AND code <> 0"),
            6);
}

TEST_F(AccessLogServiceTest, ARowThatFailsIsInternalAndCountedForItsTerminal) {
  ASSERT_TRUE(OfFacility(Days()).ok());
  EXPECT_EQ(failed_rows_.Total(), 0);
  database_.Exec(
      "ALTER TABLE kakunin.audit_event ADD CHECK (operation <> 70 OR code <> 0) NOT VALID");
  EXPECT_EQ(DescribeError(OfFacility(Days())).reason, "INTERNAL");
  EXPECT_EQ(failed_rows_.Of(std::string(kTestFacility) + "/" + kTestTerminal), 1);
}

TEST_F(AccessLogServiceTest, ARefusalDoesNotTellThatThePersonExists) {
  EXPECT_EQ(LookAtDrugs("DOCTOR"), "NO_CONSENT");             // somebody
  EXPECT_EQ(LookAtDrugs("DOCTOR", "0000001"), "NO_CONSENT");  // nobody
  Copy();
  ASSERT_TRUE(OfFacility(Days()).ok());
  ASSERT_EQ(facility_.accesses_size(), 2);
  for (const auto& access : facility_.accesses()) EXPECT_TRUE(access.patient_handle().empty());
}

// Calls about consents answer of nobody as of somebody without one.
TEST_F(AccessLogServiceTest, ACallAboutConsentsDoesNotTellThatThePersonExists) {
  for (const char* number : {"5678910", "0000001"}) {
    v1::ListConsentsRequest list;
    *list.mutable_patient() = Number(number);
    v1::ExplainDecisionRequest explain;
    *explain.mutable_call()->mutable_patient() = Number(number);
    explain.mutable_call()->set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    explain.mutable_call()->set_kind(v1::CONSENT_KIND_DRUG);
    const auto stub = v1::ConsentService::NewStub(port_->Channel(Caller::kTerminal));
    v1::ListConsentsResponse listed;
    v1::ExplainDecisionResponse explained;
    grpc::ClientContext contexts[2];
    for (grpc::ClientContext& context : contexts) context.AddMetadata("kakunin-role", "DOCTOR");
    ASSERT_TRUE(stub->ListConsents(&contexts[0], list, &listed).ok());
    ASSERT_TRUE(stub->ExplainDecision(&contexts[1], explain, &explained).ok());
  }
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.record_access"), 2);  // of the one who exists
  Copy();
  ASSERT_TRUE(OfFacility(Days()).ok());
  ASSERT_EQ(facility_.accesses_size(), 4);
  for (const auto& access : facility_.accesses()) EXPECT_TRUE(access.patient_handle().empty());
}

// Nobody was looked up, but whom the handle names is known.
TEST_F(AccessLogServiceTest, ATryThatThePolicyRefusedIsInThePatientsListWhereAHandleNamedThem) {
  ASSERT_TRUE(Use(Act(v1::DECISION_AGREED)).ok());
  const auto look = [&](const v1::PatientKey& patient) {
    v1::GetTreatmentHistoryRequest request;
    *request.mutable_patient() = patient;
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", "GENERAL");
    v1::GetTreatmentHistoryResponse response;
    return DescribeError(v1::RecordService::NewStub(port_->Channel(Caller::kTerminal))
                             ->GetTreatmentHistory(&context, request, &response))
        .reason;
  };
  v1::PatientKey handle;
  handle.set_patient_handle(response_.patient_handle());
  EXPECT_EQ(look(handle), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(look(Number("5678910")), "ROLE_NOT_ALLOWED");
  handle.set_patient_handle(handle_key_.Seal(
      kOtherFacility, {.person = PersonId{}.octets, .end = clock_.Now() + absl::Hours(1)}));
  EXPECT_EQ(look(handle), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.record_access WHERE operation = 51"), 1);
  Copy();
  ASSERT_TRUE(OfPatient(PatientAct()).ok());
  const auto tried = std::ranges::find_if(patient_.accesses(), [](const v1::PatientAccess& access) {
    return access.operation() == v1::ACCESS_OPERATION_GET_TREATMENT_HISTORY;
  });
  ASSERT_NE(tried, patient_.accesses().end());
  EXPECT_FALSE(tried->result().shown());
  EXPECT_EQ(tried->result().refused_reason(), "ROLE_NOT_ALLOWED");
  EXPECT_EQ(tried->result().kinds_size(), 2);
  // The administrator is told of which kinds, whoever was named and however.
  ASSERT_TRUE(OfFacility(Days()).ok());
  int refused = 0;
  for (const auto& access : facility_.accesses()) {
    if (access.operation() != v1::ACCESS_OPERATION_GET_TREATMENT_HISTORY) continue;
    ++refused;
    EXPECT_TRUE(access.patient_handle().empty());
    ASSERT_EQ(access.result().kinds_size(), 2);
    EXPECT_EQ(access.result().kinds(1).kind(), v1::CONSENT_KIND_SURGERY);
    EXPECT_EQ(access.result().kinds(1).refused_reason(), "ROLE_NOT_ALLOWED");
  }
  EXPECT_EQ(refused, 3);
}

TEST_F(AccessLogServiceTest, PagesOfAFacilityHoldEveryCallOnce) {
  for (int i = 0; i < 7; ++i) EXPECT_EQ(LookAtDrugs("GENERAL"), "ROLE_NOT_ALLOWED");  // one instant
  Copy();
  v1::ListFacilityAccessRequest request = Days();
  request.set_page_size(3);
  std::set<std::string> seen;
  std::vector<int> sizes;
  do {
    ASSERT_TRUE(OfFacility(request).ok());
    sizes.push_back(facility_.accesses_size());
    for (const auto& access : facility_.accesses()) {
      EXPECT_TRUE(seen.insert(access.audit_id()).second);
    }
    request.set_page_token(facility_.next_page_token());
  } while (!facility_.next_page_token().empty());
  EXPECT_EQ(sizes, (std::vector<int>{3, 3, 1}));
  EXPECT_EQ(seen.size(), 7u);
}

TEST_F(AccessLogServiceTest, ARangeOfDaysHasItsEdges) {
  v1::ListFacilityAccessRequest request = Days();
  const absl::CivilDay today = CivilDayAt(clock_.Now());
  *request.mutable_from_day() = DayToProto(today - 91);
  EXPECT_TRUE(OfFacility(request).ok());
  *request.mutable_from_day() = DayToProto(today - 92);
  EXPECT_EQ(DescribeError(OfFacility(request)).violations.at(0).field, "to_day");
  *request.mutable_from_day() = DayToProto(today + 1);
  EXPECT_EQ(DescribeError(OfFacility(request)).violations.at(0).field, "to_day");
  request = Days();
  request.set_page_size(1001);
  request.set_page_token("x");
  EXPECT_EQ(DescribeError(OfFacility(request)).violations.size(), 2u);
  // A call belongs to its day in Japan.
  EXPECT_EQ(LookAtDrugs("GENERAL"), "ROLE_NOT_ALLOWED");
  Copy();
  *request.mutable_from_day() = DayToProto(today - 1);
  *request.mutable_to_day() = DayToProto(today - 1);
  request.clear_page_token();
  request.clear_page_size();
  ASSERT_TRUE(OfFacility(request).ok());
  EXPECT_EQ(facility_.accesses_size(), 0);
}

TEST_F(AccessLogServiceTest, ThePatientSeesWhoSawOrTriedAcrossFacilities) {
  ASSERT_TRUE(Use(Act(v1::DECISION_AGREED)).ok());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(LookAtDrugs("DOCTOR"), "");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(LookAtDrugs(port_->Channel(elsewhere_), "PHARMACIST"), "NO_CONSENT");
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(OfPatient(PatientAct()).ok());
  EXPECT_TRUE(patient_.registered());
  ASSERT_EQ(patient_.accesses_size(), 3);
  EXPECT_EQ(patient_.accesses(0).facility_code(), kOtherFacility);
  EXPECT_EQ(patient_.accesses(0).facility_name(), "別の診療所");
  EXPECT_EQ(patient_.accesses(0).result().refused_reason(), "NO_CONSENT");
  EXPECT_EQ(patient_.accesses(0).role(), v1::USER_ROLE_UNSPECIFIED);  // not copied yet
  EXPECT_EQ(patient_.accesses(1).facility_code(), kTestFacility);
  EXPECT_TRUE(patient_.accesses(1).result().shown());
  EXPECT_EQ(patient_.accesses(1).operation(), v1::ACCESS_OPERATION_GET_DRUG_HISTORY);
  EXPECT_EQ(patient_.accesses(2).operation(), v1::ACCESS_OPERATION_CONFIRM);
  EXPECT_EQ(patient_.accesses(2).result().validity(), v1::VALIDITY_VALID);

  Copy();
  ASSERT_TRUE(OfPatient(PatientAct()).ok());
  ASSERT_EQ(patient_.accesses_size(), 4);
  EXPECT_EQ(patient_.accesses(0).operation(), v1::ACCESS_OPERATION_LIST_PATIENT_ACCESS);
  EXPECT_EQ(patient_.accesses(1).role(), v1::USER_ROLE_PHARMACIST);
  EXPECT_EQ(patient_.accesses(2).role(), v1::USER_ROLE_DOCTOR);
  ASSERT_EQ(patient_.accesses(2).result().kinds_size(), 1);
  EXPECT_EQ(patient_.accesses(3).operation(), v1::ACCESS_OPERATION_CONFIRM_BY_CARD);
  EXPECT_EQ(patient_.DebugString().find("user-7"), std::string::npos);  // what, not who
}

TEST_F(AccessLogServiceTest, TheOwnListOfAProtectedPatientNamesItsFacilities) {
  ASSERT_TRUE(Use(Act()).ok());
  ProtectPerson(
      database_,
      database_.Exec("SELECT person_id::text FROM kakunin.person")[0][0].as<std::string>(), true,
      true);
  ASSERT_TRUE(OfPatient(PatientAct()).ok());
  ASSERT_EQ(patient_.accesses_size(), 1);
  EXPECT_EQ(patient_.accesses(0).facility_name(), "試験診療所");
}

TEST_F(AccessLogServiceTest, WhileACaseIsOpenNobodyIsShownWhomItConcerns) {
  ASSERT_TRUE(Use(Act()).ok());
  OpenCaseAboutEverybody(database_);
  EXPECT_EQ(DescribeError(OfPatient(PatientAct())).reason, "IDENTITY_IN_QUESTION");
  EndCases(database_);
  ASSERT_TRUE(OfPatient(PatientAct()).ok());
  EXPECT_EQ(patient_.accesses_size(), 1);
}

TEST_F(AccessLogServiceTest, SomebodyElsesAccessesAreNotInTheList) {
  Insure(2, "1111111", "01");
  v1::ConfirmByInsuredNumberResponse response;
  ASSERT_TRUE(Confirm(*StubOf(), Ask("1111111", "01"), response).ok());
  ASSERT_TRUE(OfPatient(PatientAct()).ok());
  EXPECT_EQ(patient_.accesses_size(), 0);
}

TEST_F(AccessLogServiceTest, ACardActServesOnceAndForItsPurposeAlone) {
  EXPECT_EQ(ReasonOfPatient(PatientAct(v1::CARD_PURPOSE_CONFIRM)), "CHALLENGE_REFUSED");
  EXPECT_EQ(ReasonOfPatient(PatientAct(v1::CARD_PURPOSE_LIST_ACCESS, v1::FORM_OF_CARE_HOME_VISIT)),
            "CHALLENGE_REFUSED");
  v1::ListPatientAccessRequest request = PatientAct();
  ASSERT_TRUE(OfPatient(request).ok());
  EXPECT_EQ(ReasonOfPatient(request), "CHALLENGE_REFUSED");
  request = PatientAct();
  EXPECT_EQ(DescribeError(OfPatient(request, port_->Channel(elsewhere_))).reason,
            "CHALLENGE_REFUSED");
  request = PatientAct();
  clock_.Advance(absl::Seconds(60));
  EXPECT_EQ(ReasonOfPatient(request), "CHALLENGE_REFUSED");
  const pqxx::result exact = database_.Exec(
      "SELECT reason FROM kakunin.audit_event WHERE operation = 71 AND code <> 0 ORDER BY number");
  std::vector<std::string> reasons;
  for (const auto& row : exact) reasons.emplace_back(row[0].c_str());
  EXPECT_EQ(reasons, (std::vector<std::string>{"CHALLENGE_OTHER_PURPOSE",
                                               "CHALLENGE_OTHER_FORM_OF_CARE", "CHALLENGE_USED",
                                               "CHALLENGE_OTHER_FACILITY", "CHALLENGE_EXPIRED"}));
  // Nor does a list's act confirm anybody.
  v1::ConfirmByCardRequest confirm = Act();
  const v1::ListPatientAccessRequest list = PatientAct();
  confirm.set_challenge_id(list.card().challenge_id());
  confirm.set_signature(list.card().signature());
  EXPECT_EQ(DescribeError(Use(confirm)).reason, "CHALLENGE_REFUSED");
}

TEST_F(AccessLogServiceTest, ACardIsJudgedAsAtTheDesk) {
  v1::ListPatientAccessRequest forged = PatientAct();
  forged.mutable_card()->set_signature(std::string(256, 'x'));
  EXPECT_EQ(ReasonOfPatient(forged), "CARD_REFUSED");
  certificate_ = CertificateOf(auth::kSerial + 1);
  ASSERT_TRUE(OfPatient(PatientAct()).ok());
  EXPECT_FALSE(patient_.registered());  // a good card of nobody
  EXPECT_EQ(patient_.accesses_size(), 0);
  database_.Exec(
      "UPDATE kakunin.card_link SET superseded_at = '2026-01-01Z',"
      " superseded_by_issuer_key_id = issuer_key_id, superseded_by_serial = '\\x01'");
  certificate_ = CertificateOf(auth::kSerial);
  EXPECT_EQ(ReasonOfPatient(PatientAct()), "CARD_REVOKED");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.record_access"), 0);
}

TEST_F(AccessLogServiceTest, PagesOfAPatientOpenForTenMinutesAtTheSameTerminal) {
  for (int i = 0; i < 5; ++i) {
    clock_.Advance(absl::Seconds(1));
    ASSERT_TRUE(Use(Act()).ok());
  }
  v1::ListPatientAccessRequest request = PatientAct();
  request.set_page_size(2);
  ASSERT_TRUE(OfPatient(request).ok());
  EXPECT_EQ(patient_.accesses_size(), 2);
  const absl::Time act = clock_.Now();
  v1::ListPatientAccessRequest next;
  SetDays(next);
  next.set_page_size(2);
  next.set_page_token(patient_.next_page_token());
  ASSERT_TRUE(OfPatient(next).ok());
  EXPECT_EQ(patient_.accesses_size(), 2);
  v1::ListPatientAccessRequest last = next;
  last.set_page_token(patient_.next_page_token());
  EXPECT_EQ(DescribeError(OfPatient(last, port_->Channel(elsewhere_))).reason, "CHALLENGE_REFUSED");
  // A patient handle of a confirmation does not open the list.
  v1::ListPatientAccessRequest stolen = next;
  stolen.set_page_token(response_.patient_handle() +
                        next.page_token().substr(next.page_token().find('.')));
  EXPECT_EQ(ReasonOfPatient(stolen), "CHALLENGE_REFUSED");
  clock_.Advance(act + absl::Minutes(10) - absl::Seconds(1) - clock_.Now());
  ASSERT_TRUE(OfPatient(last).ok());
  EXPECT_EQ(patient_.accesses_size(), 1);
  EXPECT_TRUE(patient_.next_page_token().empty());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(ReasonOfPatient(last), "CHALLENGE_REFUSED");
  last.set_page_token("x");
  EXPECT_EQ(ReasonOfPatient(last), "INVALID_FIELDS");
}

}  // namespace
}  // namespace kakunin
