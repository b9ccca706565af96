// No sequence of calls in the operation test (運用テスト) shows a real person: random walks over
// every method that is offered in it, with every way of naming a patient, and a search of the raw
// answers for what only the real person has. Real TLS, lanes, worker and PostgreSQL; with
// KAKUNIN_LONG many more.
#include <fmt/format.h>

#include <cstdlib>
#include <random>

#include "domain/operation_test.h"
#include "tests/rpc/operation_test_past.h"

namespace kakunin {
namespace {

// What a walk calls, of what is offered in the test; the others tell of no patient.
constexpr Operation kOfPatients[] = {Operation::kBeginCardAuthentication,
                                     Operation::kConfirmByCard,
                                     Operation::kConfirmByInsuredNumber,
                                     Operation::kGetDrugHistory,
                                     Operation::kGetTreatmentHistory,
                                     Operation::kGetHealthChecks,
                                     Operation::kGetCertificates,
                                     Operation::kListConsents,
                                     Operation::kSubmitBulkInquiry,
                                     Operation::kGetBulkInquiry,
                                     Operation::kStreamBulkResults,
                                     Operation::kCancelBulkInquiry,
                                     Operation::kDeleteBulkInquiry,
                                     Operation::kChangeReferenceNumbers,
                                     Operation::kBatchChangeReferenceNumbers,
                                     Operation::kListReferenceNumbers,
                                     Operation::kCreateReceptionLink,
                                     Operation::kListReceptionLinks,
                                     Operation::kRenewReceptionLink,
                                     Operation::kRevokeReceptionLink,
                                     Operation::kRevokeConsent,
                                     Operation::kCheckConsentEnd,
                                     Operation::kExplainDecision,
                                     Operation::kListFacilityAccess,
                                     Operation::kListPatientAccess,
                                     Operation::kListNotices,
                                     Operation::kAcknowledgeNotices,
                                     Operation::kWatchNotices,
                                     Operation::kListConsentedPatients,
                                     Operation::kListConfirmations};
// They need a policy of abnormal times: operation_test_searches_test.cc.
constexpr Operation kWalkedApart[] = {Operation::kSearchPatient, Operation::kOpenEmergencyView};
constexpr Operation kOfNobody[] = {Operation::kHealthCheck,
                                   Operation::kReflection,
                                   Operation::kRenewCertificate,
                                   Operation::kLogIn,
                                   Operation::kLogOut,
                                   Operation::kGetRenewedCertificate,
                                   Operation::kChangePassword,
                                   Operation::kCreateAccount,
                                   Operation::kResetPassword,
                                   Operation::kLockAccount,
                                   Operation::kUnlockAccount,
                                   Operation::kDisableAccount,
                                   Operation::kListAccounts,
                                   Operation::kGetFacilitySettings,
                                   Operation::kUpdateFacilitySettings,
                                   Operation::kListFacilitySettingsChanges,
                                   Operation::kNameReceptionApp,
                                   Operation::kListNamedReceptionApps,
                                   Operation::kListAbnormalTimes};

bool IsLong() { return std::getenv("KAKUNIN_LONG") != nullptr; }

class OperationTestWalk : public OperationTestPast {
 protected:
  int Draw(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool Often() { return Draw(3) != 0; }

  // The octets of one call's context: any role may call.
  std::unique_ptr<grpc::ClientContext> Context() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    const char* const roles[] = {"DOCTOR", "ADMINISTRATOR", "PHARMACIST", "GENERAL"};
    const char* const drawn = roles[Often() ? Draw(2) : Draw(4)];
    context->AddMetadata("kakunin-role", role_ != nullptr ? role_ : drawn);
    return context;
  }
  template <class Stub, class Request, class Response>
  Response Call(Operation operation, Stub& stub,
                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    Response response;
    const auto context = Context();
    const grpc::Status status = (stub.*method)(context.get(), request, &response);
    See(operation, status, response);
    return response;
  }

  v1::FormOfCare AnyForm() {
    return Often() ? v1::FORM_OF_CARE_OUTPATIENT : static_cast<v1::FormOfCare>(1 + Draw(4));
  }
  v1::PatientKey AnyPatient() {
    v1::PatientKey key;
    switch (Draw(6)) {
      case 0:
        key = Key(kReal);
        break;
      case 1:
        key = Key(kReal);
        key.mutable_insured()->clear_branch_number();
        break;
      case 2:
        key.set_patient_handle(
            real_handles_[static_cast<size_t>(Draw(static_cast<int>(real_handles_.size())))]);
        break;
      case 3:
        key = Key("9999999");
        break;
      default:
        key = Key(kTestNumber);
        if (!test_handle_.empty() && Draw(2) == 0) key.set_patient_handle(test_handle_);
        break;
    }
    return key;
  }
  v1::ConfirmByInsuredNumberResponse ConfirmNumber(const std::string& number) {
    v1::ConfirmByInsuredNumberRequest request = Ask(number, Often() ? "01" : "");
    request.set_limit_certificate_consent(Draw(2) == 0 ? v1::DECISION_AGREED
                                                       : v1::DECISION_NOT_ASKED);
    if (testing_) *request.mutable_day() = DayToProto(CivilDayAt(clock_.Now()) - Draw(40));
    return Call(Operation::kConfirmByInsuredNumber, *eligibility_stub_,
                &v1::EligibilityService::Stub::ConfirmByInsuredNumber, request);
  }
  v1::ConfirmByCardResponse ConfirmCard(uint64_t serial, v1::FormOfCare form, bool agreed) {
    clock_.Advance(absl::Seconds(1));
    certificate_ = CertificateOf(serial);
    v1::BeginCardAuthenticationRequest begin;
    begin.set_purpose(v1::CARD_PURPOSE_CONFIRM);
    begin.set_form_of_care(form);
    const auto begun = Call(Operation::kBeginCardAuthentication, *eligibility_stub_,
                            &v1::EligibilityService::Stub::BeginCardAuthentication, begin);
    v1::ConfirmByCardRequest request;
    request.set_challenge_id(begun.challenge_id());
    request.set_certificate(certificate_);
    request.set_signature(auth::CardPki::Get().card_key.Sign(begun.to_be_signed()));
    request.set_holder_verification(form == v1::FORM_OF_CARE_OUTPATIENT
                                        ? v1::HOLDER_VERIFICATION_FACE
                                        : v1::HOLDER_VERIFICATION_PIN);
    *request.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
    request.set_form_of_care(form);
    if (form == v1::FORM_OF_CARE_ONLINE_CARE) *request.mutable_appointment_date() = request.day();
    request.set_prescription_form(v1::PRESCRIPTION_FORM_ELECTRONIC);
    for (int kind = 1; kind <= kConsentKinds; ++kind) {
      auto* given = request.add_decisions();
      given->set_kind(static_cast<v1::ConsentKind>(kind));
      given->set_decision(agreed ? v1::DECISION_AGREED : v1::DECISION_DECLINED);
    }
    return Call(Operation::kConfirmByCard, *eligibility_stub_,
                &v1::EligibilityService::Stub::ConfirmByCard, request);
  }
  template <class Request>
  Request RecordsOf(const v1::PatientKey& patient, v1::FormOfCare form) const {
    Request request;
    *request.mutable_patient() = patient;
    request.set_form_of_care(form);
    return request;
  }
  v1::BulkServiceStreamResultsResponse Results(const std::string& number) {
    v1::BulkServiceStreamResultsRequest request;
    request.set_reception_number(number);
    const auto context = Context();
    const auto reader = lists_stub_->StreamResults(context.get(), request);
    v1::BulkServiceStreamResultsResponse all;
    v1::BulkServiceStreamResultsResponse part;
    while (reader->Read(&part)) all.MergeFrom(part);
    See(Operation::kStreamBulkResults, reader->Finish(), all);
    return all;
  }
  // A list of these numbers, sent and, where it is to be done, waited for; its number.
  std::string SendList(const std::vector<std::string>& numbers, bool await) {
    v1::BulkServiceSubmitRequest request;
    v1::BulkServiceSubmitResponse response;
    const auto context = Context();
    const auto writer = lists_stub_->Submit(context.get(), &response);
    auto& header = *request.mutable_header();
    header.set_request_id(TestUuid());
    *header.mutable_day() = DayToProto(CivilDayAt(clock_.Now()) + 1);
    header.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    writer->Write(request);
    request.mutable_chunk()->set_chunk_number(1);
    for (const std::string& number : numbers) {
      auto& row = *request.mutable_chunk()->add_rows();
      row.set_row_id(fmt::format("row-{}", request.chunk().rows_size()));
      row.set_insurer_number(kTestInsurer);
      row.set_symbol("1234");
      row.set_number(number);
      *row.mutable_birth_date() = DayToProto(kBirth);
    }
    writer->Write(request);
    request.mutable_end()->set_chunk_count(1);
    request.mutable_end()->set_row_count(static_cast<int64_t>(numbers.size()));
    writer->Write(request);
    writer->WritesDone();
    See(Operation::kSubmitBulkInquiry, writer->Finish(), response);
    std::string number = response.inquiry().reception_number();
    const auto bound = Soon() + std::chrono::seconds(50);
    while (await && !number.empty() && std::chrono::steady_clock::now() < bound &&
           GetList(number).state() == v1::BULK_STATE_RUNNING) {
    }
    return number;
  }
  v1::BulkInquiry GetList(const std::string& number) {
    v1::BulkServiceGetRequest request;
    request.set_reception_number(number);
    return Call(Operation::kGetBulkInquiry, *lists_stub_, &v1::BulkService::Stub::Get, request)
        .inquiry();
  }

  void ChangeNumbers() {
    const auto change = [this](v1::ReferenceNumberChange& out) {
      *out.mutable_patient() = AnyPatient();
      out.set_action(static_cast<v1::ReferenceNumberAction>(1 + Draw(3)));
      out.add_reference_numbers(fmt::format("A-{}", Draw(5)));
    };
    if (Draw(2) == 0) {
      v1::ChangeReferenceNumbersRequest request;
      change(*request.mutable_change());
      Call(Operation::kChangeReferenceNumbers, *numbers_stub_,
           &v1::ReferenceNumberService::Stub::ChangeReferenceNumbers, request);
    }
    v1::BatchChangeReferenceNumbersRequest batch;
    for (int i = 0; i < 3; ++i) {
      auto& unit = *batch.add_units();
      unit.set_row_id(fmt::format("unit-{}", i));
      change(*unit.mutable_change());
    }
    Call(Operation::kBatchChangeReferenceNumbers, *numbers_stub_,
         &v1::ReferenceNumberService::Stub::BatchChangeReferenceNumbers, batch);
  }
  void UseLinks() {
    v1::CreateReceptionLinkRequest create;
    create.set_form_of_care(Draw(2) == 0 ? v1::FORM_OF_CARE_HOME_VISIT
                                         : v1::FORM_OF_CARE_ONLINE_CARE);
    *create.mutable_appointment_date() = DayToProto(CivilDayAt(clock_.Now()) + Draw(5));
    if (create.form_of_care() == v1::FORM_OF_CARE_HOME_VISIT) create.clear_appointment_date();
    const auto created = Call(Operation::kCreateReceptionLink, *links_stub_,
                              &v1::ReceptionLinkService::Stub::CreateReceptionLink, create);
    if (created.has_link()) link_ = created.link().link_id();
    v1::RenewReceptionLinkRequest renew;
    renew.set_link_id(link_);
    if (Often()) {
      Call(Operation::kRenewReceptionLink, *links_stub_,
           &v1::ReceptionLinkService::Stub::RenewReceptionLink, renew);
    }
    v1::RevokeReceptionLinkRequest revoke;
    revoke.set_link_id(link_);
    if (Draw(2) == 0) {
      Call(Operation::kRevokeReceptionLink, *links_stub_,
           &v1::ReceptionLinkService::Stub::RevokeReceptionLink, revoke);
    }
    v1::ListReceptionLinksRequest list;
    list.set_include_ended(Draw(2) == 0);
    Call(Operation::kListReceptionLinks, *links_stub_,
         &v1::ReceptionLinkService::Stub::ListReceptionLinks, list);
  }
  void UseList() {
    const std::string any[] = {kReal, kTestNumber, "9999999"};
    std::vector<std::string> numbers;
    for (int i = 0; i < 4; ++i) numbers.push_back(any[Draw(3)]);
    const std::string number = SendList(numbers, /*await=*/Often());
    Results(Often() ? number : real_list_);
    GetList(real_list_);
    v1::BulkServiceCancelRequest cancel;
    cancel.set_reception_number(number);
    if (Draw(2) == 0) {
      Call(Operation::kCancelBulkInquiry, *lists_stub_, &v1::BulkService::Stub::Cancel, cancel);
    }
    v1::BulkServiceDeleteRequest remove;
    remove.set_reception_number(number);
    if (Draw(2) == 0) {
      Call(Operation::kDeleteBulkInquiry, *lists_stub_, &v1::BulkService::Stub::Delete, remove);
    }
  }
  void SeeRecordsOf(const v1::PatientKey& patient, v1::FormOfCare form, int which) {
    using Records = v1::RecordService::Stub;
    if (which == 0) {
      Call(Operation::kGetDrugHistory, *records_stub_, &Records::GetDrugHistory,
           RecordsOf<v1::GetDrugHistoryRequest>(patient, form));
    } else if (which == 1) {
      Call(Operation::kGetTreatmentHistory, *records_stub_, &Records::GetTreatmentHistory,
           RecordsOf<v1::GetTreatmentHistoryRequest>(patient, form));
    } else if (which == 2) {
      Call(Operation::kGetHealthChecks, *records_stub_, &Records::GetHealthChecks,
           RecordsOf<v1::GetHealthChecksRequest>(patient, form));
    } else {
      auto request = RecordsOf<v1::GetCertificatesRequest>(patient, form);
      request.add_kinds(v1::CONSENT_KIND_LIMIT_CERTIFICATE);
      request.add_kinds(v1::CONSENT_KIND_SPECIFIC_DISEASE_CERTIFICATE);
      *request.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
      Call(Operation::kGetCertificates, *records_stub_, &Records::GetCertificates, request);
    }
  }
  // Whatever the walk draws, the test person is shown by these.
  void SeeTheTestPerson() {
    role_ = "DOCTOR";
    ConfirmCard(kTestCard, v1::FORM_OF_CARE_OUTPATIENT, true);
    ConfirmCard(kTestCard, v1::FORM_OF_CARE_HOME_VISIT, true);
    clock_.Advance(absl::Seconds(1));
    for (int which = 0; which < 4; ++which) SeeRecordsOf(Key(kTestNumber), kOutpatient, which);
    SeeThePastOfTheTestPerson();
    role_ = "ADMINISTRATOR";
    v1::BulkServiceDeleteRequest remove;
    remove.set_reception_number(SendList({kTestNumber, kReal}, /*await=*/true));
    Results(remove.reception_number());
    Call(Operation::kDeleteBulkInquiry, *lists_stub_, &v1::BulkService::Stub::Delete, remove);
    v1::CreateReceptionLinkRequest create;
    create.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
    v1::RevokeReceptionLinkRequest revoke;
    revoke.set_link_id(Call(Operation::kCreateReceptionLink, *links_stub_,
                            &v1::ReceptionLinkService::Stub::CreateReceptionLink, create)
                           .link()
                           .link_id());
    Call(Operation::kRevokeReceptionLink, *links_stub_,
         &v1::ReceptionLinkService::Stub::RevokeReceptionLink, revoke);
    role_ = nullptr;
  }
  // Of what lists the past the test person's is there, and theirs alone.
  void SeeThePastOfTheTestPerson() {
    CopyCalls();
    const auto notices = Notices();
    ASSERT_EQ(notices.notices_size(), 1);
    EXPECT_EQ(notices.notices(0).number(), 2);
    EXPECT_TRUE(notices.next_page_token().empty());
    const auto watched = Watch();
    for (const auto& notice : watched.notices()) EXPECT_EQ(notice.number(), 2);
    const auto acknowledged = Acknowledge();
    EXPECT_EQ(acknowledged.acknowledged() + acknowledged.acknowledged_before(), 1);
    EXPECT_EQ(acknowledged.unknown_numbers_size(), 2) << "1 is of somebody who is not there";
    EXPECT_GT(FacilityAccesses().accesses_size(), 0);
    EXPECT_GT(Confirmations(100).confirmations_size(), 0);
    EXPECT_GT(PatientAccesses(kTestCard).accesses_size(), 0);
    EXPECT_TRUE(PatientAccesses(kRealCard).accesses().empty());
    EXPECT_FALSE(NextPage(real_page_));
    EXPECT_EQ(Consented().patients_size(), 1);
    EXPECT_EQ(Revoke(Key(kReal)).ended_size(), 0);
    EXPECT_GT(Revoke(Key(kTestNumber)).ended_size(), 0);
    EXPECT_GT(Ends().ends_size(), 0);
    EXPECT_EQ(Explain(real_decision_), "DECISION_NOT_FOUND");
  }
  void Act(int which) {
    switch (which) {
      case 0: {
        const auto answer = ConfirmNumber(Draw(2) == 0 ? kReal : kTestNumber);
        if (!answer.patient_handle().empty()) test_handle_ = answer.patient_handle();
        break;
      }
      case 1: {
        const uint64_t serials[] = {kRealCard, kTestCard, kTestCard, kNobodysCard};
        const auto answer = ConfirmCard(serials[Draw(4)], AnyForm(), Often());
        if (!answer.patient_handle().empty()) test_handle_ = answer.patient_handle();
        break;
      }
      case 2: {
        v1::ListConsentsRequest request;
        *request.mutable_patient() = AnyPatient();
        Call(Operation::kListConsents, *consents_stub_, &v1::ConsentService::Stub::ListConsents,
             request);
        break;
      }
      case 3: {
        v1::ListReferenceNumbersRequest request;
        *request.mutable_patient() = AnyPatient();
        Call(Operation::kListReferenceNumbers, *numbers_stub_,
             &v1::ReferenceNumberService::Stub::ListReferenceNumbers, request);
        break;
      }
      case 4:
        ChangeNumbers();
        break;
      case 5:
        UseLinks();
        break;
      case 6:
        UseList();
        break;
      case 7:
      case 8:
      case 9:
      case 10:
        SeeRecordsOf(AnyPatient(), AnyForm(), which - 7);
        break;
      default: {
        const uint64_t serials[] = {kRealCard, kTestCard, kNobodysCard};
        SeePast(which - kFirstOfPast, AnyPatient(), serials[Draw(3)]);
        break;
      }
    }
  }
  static constexpr int kFirstOfPast = 11;
  static constexpr int kActs = kFirstOfPast + kPastActs;

  // The real person as the facility knows them from before the test: shown, with a consent, a
  // number of its own and a list.
  void KnowTheRealPerson() {
    const auto by_card = ConfirmCard(kRealCard, v1::FORM_OF_CARE_OUTPATIENT, true);
    EXPECT_NE(by_card.SerializeAsString().find("禁句　真実子"), std::string::npos);
    real_handles_ = {by_card.patient_handle(), ConfirmNumber(kReal).patient_handle()};
    for (const std::string& handle : real_handles_) EXPECT_FALSE(handle.empty());
    const auto drugs =
        Call(Operation::kGetDrugHistory, *records_stub_, &v1::RecordService::Stub::GetDrugHistory,
             RecordsOf<v1::GetDrugHistoryRequest>(Key(kReal), v1::FORM_OF_CARE_OUTPATIENT));
    EXPECT_NE(drugs.SerializeAsString().find("真実薬"), std::string::npos);
    real_decision_ = drugs.audit_id();
    v1::ChangeReferenceNumbersRequest change;
    *change.mutable_change()->mutable_patient() = Key(kReal);
    change.mutable_change()->set_action(v1::REFERENCE_NUMBER_ACTION_REPLACE);
    change.mutable_change()->add_reference_numbers("REAL-8642");
    Call(Operation::kChangeReferenceNumbers, *numbers_stub_,
         &v1::ReferenceNumberService::Stub::ChangeReferenceNumbers, change);
    real_list_ = SendList({kReal}, /*await=*/true);
    EXPECT_NE(Results(real_list_).SerializeAsString().find("禁句　真実子"), std::string::npos);
    KnowTheRealPast();
  }
  // What lists the past shows them now: that it does not later says something.
  void KnowTheRealPast() {
    const auto at_home = ConfirmCard(kRealCard, v1::FORM_OF_CARE_HOME_VISIT, true);
    EXPECT_FALSE(at_home.patient_handle().empty());
    real_handles_.push_back(at_home.patient_handle());
    const auto test = handle_key_.Open(kTestFacility, ConfirmNumber(kTestNumber).patient_handle());
    ASSERT_TRUE(test);
    WriteNotices(PersonId{test->person});
    EXPECT_EQ(Notices().notices_size(), 1);
    EXPECT_FALSE(Watch().notices().empty());
    EXPECT_GT(Revoke(Key(kReal)).ended_size(), 0);
    EXPECT_GT(Ends().ends_size(), 0);
    EXPECT_EQ(Explain(real_decision_), "");
    EXPECT_EQ(Consented().patients_size(), 1);
    real_page_ = PatientAccesses(kRealCard).next_page_token();
    EXPECT_TRUE(NextPage(real_page_));
    CopyCalls();
    EXPECT_GT(FacilityAccesses().accesses_size(), 0);
    EXPECT_GT(Confirmations(100).confirmations_size(), 0);
  }

  static constexpr v1::FormOfCare kOutpatient = v1::FORM_OF_CARE_OUTPATIENT;

  std::mt19937 random_;
  const char* role_ = "DOCTOR";  // of every call; null: any
  std::string real_list_;
  std::string test_handle_;
  std::string link_ = TestUuid();
};

TEST_F(OperationTestWalk, NoneOfThemShowsARealPerson) {
  KnowTheRealPerson();
  if (HasFailure()) return;
  BeginTestAsApproved();
  testing_ = true;
  called_.clear();
  answered_.clear();
  answers_ = of_test_person_ = 0;
  const int64_t before = RealTraces();
  const int walks = IsLong() ? 200 : 4;
  for (int walk = 0; walk < walks && !HasFailure(); ++walk) {
    SCOPED_TRACE(fmt::format("walk {}", walk));
    random_.seed(static_cast<unsigned>(walk));
    // Every act five times, in an order of its own.
    std::vector<int> acts;
    for (int i = 0; i < 5 * kActs; ++i) acts.push_back(i % kActs);
    std::ranges::shuffle(acts, random_);
    SeeTheTestPerson();
    for (const int act : acts) Act(act);
  }
  EXPECT_EQ(RealTraces(), before) << "not a row of theirs is touched";
  // That none is shown says something only where others are.
  EXPECT_GT(of_test_person_, answers_ / 20);
  for (const Operation operation : kOfPatients) {
    EXPECT_TRUE(called_.contains(operation)) << static_cast<int>(operation);
    if (operation == Operation::kCancelBulkInquiry) continue;  // a list is done before it, mostly
    EXPECT_GT(answered_[operation], 0) << "never answered: " << static_cast<int>(operation);
  }
  fmt::print("{} answers of {} walks searched, {} of them of the test person\n", answers_, walks,
             of_test_person_);
}

// What is offered later is walked, too, or named as telling of nobody.
TEST(OperationTestMethods, EveryOneIsWalkedOrTellsOfNobody) {
  std::set<Operation> named(std::begin(kOfPatients), std::end(kOfPatients));
  named.insert(std::begin(kOfNobody), std::end(kOfNobody));
  named.insert(std::begin(kWalkedApart), std::end(kWalkedApart));
  for (int number = 1; number < 1000; ++number) {
    const auto operation = static_cast<Operation>(number);
    EXPECT_EQ(named.contains(operation), OfferedInOperationTest(operation)) << number;
  }
}

}  // namespace
}  // namespace kakunin
