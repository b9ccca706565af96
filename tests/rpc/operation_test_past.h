#pragma once

#include <string>
#include <vector>

#include "kakunin/v1/access_log_service.grpc.pb.h"
#include "kakunin/v1/eligibility_list_service.grpc.pb.h"
#include "kakunin/v1/notice_service.grpc.pb.h"
#include "server/rpc/eligibility_list_service.h"
#include "server/rpc/notice_service.h"
#include "storage/postgres/eligibility_list_store.h"
#include "storage/postgres/notice_store.h"
#include "tests/rpc/operation_test_world.h"

namespace kakunin {

// OperationTestPast adds what lists the facility's past: accesses, notices, confirmations, patients
// who consented, ends of consents and explanations. A facility that comes back has one, of real
// persons.
class OperationTestPast : public OperationTestWorld {
 protected:
  OperationTestPast() {
    past_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    notices_service_ = MakeNoticeService(
        {past_port_->dispatch(), past_port_->database(), notices_, audit_key_, handle_key_},
        {.turn = std::chrono::milliseconds(10), .stream_life = std::chrono::milliseconds(60)});
    past_port_->Start(*notices_service_);
    told_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    told_service_ =
        MakeEligibilityListService({told_port_->dispatch(), told_port_->database(), told_, confirm_,
                                    audit_key_, handle_key_, [] { return FreshTrust(); }});
    told_port_->Start(*told_service_);
    notices_stub_ = v1::NoticeService::NewStub(past_port_->Channel(Caller::kTerminal));
    told_stub_ = v1::EligibilityListService::NewStub(told_port_->Channel(Caller::kTerminal));
    accesses_stub_ = v1::AccessLogService::NewStub(port_->Channel(Caller::kTerminal));
  }
  ~OperationTestPast() override {
    past_port_->Stop();
    told_port_->Stop();
  }

  // Asks as the administrator, who may ask for everything here.
  template <class Stub, class Request, class Response>
  grpc::Status Administer(Operation operation, Stub& stub,
                          grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                       Response*),
                          const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    context.AddMetadata("kakunin-role", "ADMINISTRATOR");
    grpc::Status status = (stub.*method)(&context, request, &response);
    See(operation, status, response);
    if (testing_) {
      EXPECT_EQ(context.GetServerTrailingMetadata().count("kakunin-mode"), 1)
          << static_cast<int>(operation);
    }
    return status;
  }

  // A notice about an answer of each of the two, as the jobs would write it: 1 is the real one's.
  void WriteNotices(const PersonId& test) {
    const PersonId persons[] = {real_, test};
    for (int number = 1; number <= 2; ++number) {
      database_.Exec(fmt::format(
          "INSERT INTO kakunin.notice (facility_code, number, found_at, work_id, kind, person_id,"
          " day, parts, asked_at) VALUES ('{}', {}, '{}', '{}', 2, '{}', '{}', 1, '{}')",
          kTestFacility, number, InstantText(clock_.Now()), TestUuid(),
          UuidText(persons[number - 1]), DayText(CivilDayAt(clock_.Now())),
          InstantText(clock_.Now())));
    }
    database_.Exec(
        fmt::format("INSERT INTO kakunin.notice_counter VALUES ('{}', 2)", kTestFacility));
  }
  // As the jobs copy the calls, by which the facility's lists are read.
  void CopyCalls() {
    database_.Exec(fmt::format("SELECT kakunin.copy_facility_access('{}', '{}')",
                               InstantText(clock_.Now() - absl::Minutes(15)),
                               InstantText(clock_.Now() + absl::Minutes(1))));
  }

  v1::ListNoticesResponse Notices() {
    v1::ListNoticesRequest request;
    request.set_include_acknowledged(true);
    request.set_page_size(1);
    v1::ListNoticesResponse response;
    Administer(Operation::kListNotices, *notices_stub_, &v1::NoticeService::Stub::ListNotices,
               request, response);
    return response;
  }
  v1::AcknowledgeNoticesResponse Acknowledge() {
    v1::AcknowledgeNoticesRequest request;
    for (const int64_t number : {1, 2, 3}) request.add_numbers(number);
    v1::AcknowledgeNoticesResponse response;
    Administer(Operation::kAcknowledgeNotices, *notices_stub_,
               &v1::NoticeService::Stub::AcknowledgeNotices, request, response);
    return response;
  }
  v1::WatchNoticesResponse Watch() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    const auto reader = notices_stub_->WatchNotices(&context, v1::WatchNoticesRequest());
    v1::WatchNoticesResponse all;
    v1::WatchNoticesResponse part;
    while (reader->Read(&part)) all.MergeFrom(part);
    See(Operation::kWatchNotices, reader->Finish(), all);
    return all;
  }
  v1::ListFacilityAccessResponse FacilityAccesses() {
    v1::ListFacilityAccessRequest request;
    *request.mutable_from_day() = DayToProto(CivilDayAt(clock_.Now()) - 1);
    *request.mutable_to_day() = DayToProto(CivilDayAt(clock_.Now()));
    v1::ListFacilityAccessResponse response;
    Administer(Operation::kListFacilityAccess, *accesses_stub_,
               &v1::AccessLogService::Stub::ListFacilityAccess, request, response);
    return response;
  }
  v1::ListPatientAccessResponse PatientAccesses(uint64_t serial) {
    clock_.Advance(absl::Seconds(1));
    certificate_ = CertificateOf(serial);
    v1::BeginCardAuthenticationRequest begin;
    begin.set_purpose(v1::CARD_PURPOSE_LIST_ACCESS);
    begin.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    v1::BeginCardAuthenticationResponse begun;
    Administer(Operation::kBeginCardAuthentication, *eligibility_stub_,
               &v1::EligibilityService::Stub::BeginCardAuthentication, begin, begun);
    v1::ListPatientAccessRequest request;
    v1::CardAct& card = *request.mutable_card();
    card.set_challenge_id(begun.challenge_id());
    card.set_certificate(certificate_);
    card.set_signature(auth::CardPki::Get().card_key.Sign(begun.to_be_signed()));
    card.set_holder_verification(v1::HOLDER_VERIFICATION_FACE);
    card.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    *request.mutable_from_day() = DayToProto(CivilDayAt(clock_.Now()) - 1);
    *request.mutable_to_day() = DayToProto(CivilDayAt(clock_.Now()));
    request.set_page_size(2);
    v1::ListPatientAccessResponse response;
    Administer(Operation::kListPatientAccess, *accesses_stub_,
               &v1::AccessLogService::Stub::ListPatientAccess, request, response);
    return response;
  }
  // The next page of a patient's list; whether it was answered.
  bool NextPage(const std::string& page_token) {
    v1::ListPatientAccessRequest request;
    request.set_page_token(page_token);
    *request.mutable_from_day() = DayToProto(CivilDayAt(clock_.Now()) - 1);
    *request.mutable_to_day() = DayToProto(CivilDayAt(clock_.Now()));
    v1::ListPatientAccessResponse response;
    return Administer(Operation::kListPatientAccess, *accesses_stub_,
                      &v1::AccessLogService::Stub::ListPatientAccess, request, response)
        .ok();
  }
  v1::ListConfirmationsResponse Confirmations(int page_size) {
    v1::ListConfirmationsRequest request;
    *request.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
    request.set_page_size(page_size);
    v1::ListConfirmationsResponse response;
    Administer(Operation::kListConfirmations, *told_stub_,
               &v1::EligibilityListService::Stub::ListConfirmations, request, response);
    return response;
  }
  v1::ListConsentedPatientsResponse Consented() {
    v1::ListConsentedPatientsRequest request;
    request.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
    *request.mutable_consent_from_date() = DayToProto(CivilDayAt(clock_.Now()) - 1);
    *request.mutable_consent_to_date() = DayToProto(CivilDayAt(clock_.Now()));
    v1::ListConsentedPatientsResponse response;
    Administer(Operation::kListConsentedPatients, *told_stub_,
               &v1::EligibilityListService::Stub::ListConsentedPatients, request, response);
    return response;
  }
  v1::RevokeConsentResponse Revoke(const v1::PatientKey& patient) {
    v1::RevokeConsentRequest request;
    *request.mutable_patient() = patient;
    request.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
    request.add_kinds(v1::CONSENT_KIND_DRUG);
    request.set_reason(v1::CONSENT_END_REASON_REVOKED_BY_FACILITY);
    request.set_request_id(TestUuid());
    v1::RevokeConsentResponse response;
    Administer(Operation::kRevokeConsent, *consents_stub_, &v1::ConsentService::Stub::RevokeConsent,
               request, response);
    return response;
  }
  // Of one patient, or, without, of the facility.
  v1::CheckConsentEndResponse Ends(const v1::PatientKey* patient = nullptr) {
    v1::CheckConsentEndRequest request;
    if (patient != nullptr) *request.mutable_patient() = *patient;
    *request.mutable_from_date() = DayToProto(CivilDayAt(clock_.Now()) - 1);
    *request.mutable_to_date() = DayToProto(CivilDayAt(clock_.Now()));
    v1::CheckConsentEndResponse response;
    Administer(Operation::kCheckConsentEnd, *consents_stub_,
               &v1::ConsentService::Stub::CheckConsentEnd, request, response);
    return response;
  }
  // The reason with which it was refused; "" when it was answered.
  std::string Explain(const std::string& audit_id) {
    v1::ExplainDecisionRequest request;
    request.set_audit_id(audit_id);
    v1::ExplainDecisionResponse response;
    return DescribeError(Administer(Operation::kExplainDecision, *consents_stub_,
                                    &v1::ConsentService::Stub::ExplainDecision, request, response))
        .reason;
  }
  void ExplainFor(const v1::PatientKey& patient) {
    v1::ExplainDecisionRequest request;
    *request.mutable_call()->mutable_patient() = patient;
    request.mutable_call()->set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    request.mutable_call()->set_kind(v1::CONSENT_KIND_DRUG);
    v1::ExplainDecisionResponse response;
    Administer(Operation::kExplainDecision, *consents_stub_,
               &v1::ConsentService::Stub::ExplainDecision, request, response);
  }

  // Acts 0 to kPastActs - 1 of a walk.
  static constexpr int kPastActs = 6;
  void SeePast(int which, const v1::PatientKey& patient, uint64_t serial) {
    CopyCalls();
    switch (which) {
      case 0:
        Notices();
        Acknowledge();
        Watch();
        break;
      case 1:
        FacilityAccesses();
        break;
      case 2:
        PatientAccesses(serial);
        NextPage(real_page_);
        break;
      case 3:
        Confirmations(1);
        Confirmations(100);
        Consented();
        break;
      case 4:
        Revoke(patient);
        Ends(&patient);
        Ends();
        break;
      default:
        Explain(real_decision_);
        ExplainFor(patient);
        break;
    }
  }

  std::string real_page_;      // of the real person's list of accesses, begun before the test
  std::string real_decision_;  // an answer about the real person before the test
  PostgresNoticeStore notices_;
  PostgresEligibilityListStore told_;
  std::unique_ptr<ConfirmationStore> confirmations_ =
      MakeConfirmationStore(database_.ConnInfo("kakunin_terminal"), "", "told");
  ConfirmEligibility confirm_{*confirmations_, guard_,          {audit_key_, handle_key_},
                              rules_,          &BuildAnswerRow, auth::kSha256};
  std::unique_ptr<QueuedService> notices_service_;
  std::unique_ptr<QueuedService> told_service_;
  std::unique_ptr<RpcServer> past_port_;
  std::unique_ptr<RpcServer> told_port_;
  std::unique_ptr<v1::NoticeService::Stub> notices_stub_;
  std::unique_ptr<v1::EligibilityListService::Stub> told_stub_;
  std::unique_ptr<v1::AccessLogService::Stub> accesses_stub_;
};

}  // namespace kakunin
