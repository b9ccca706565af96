// Consents as a facility sees, ends and has them explained: real cards, lanes, TLS and PostgreSQL.
#include <fmt/format.h>

#include <string>

#include "kakunin/v1/consent_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "tests/rpc/card_confirmation_fixture.h"
#include "tests/rpc/crossed_store.h"
#include "tests/support/identity_case.h"
#include "tests/support/protected_person.h"

namespace kakunin {
namespace {

constexpr char kRequest[] = "11111111-2222-3333-4444-555555555555";
constexpr char kOtherRequest[] = "11111111-2222-3333-4444-555555555556";

// SecondServer is another server of the installation: a record lane of its own on the same
// database.
class SecondServer {
 public:
  SecondServer(const TestDatabase& database, const Clock& clock, InquiryGuard& guard,
               const auth::HmacKey& audit_key, const auth::HmacKey& look_up_key,
               const auth::PatientHandleKey& handle_key, const RecordRules& rules,
               const RecordHandler::RevocationSource& revocations)
      : port_(database, clock, Port::kTerminal),
        store_(MakeRecordStore(database.ConnInfo("kakunin_terminal"), "", "second record lane")),
        reader_(*store_, guard, {audit_key, handle_key}, rules, AnswersOfThisFormat(),
                auth::kSha256),
        desk_(*store_, guard, {audit_key, handle_key}, rules, auth::kSha256),
        consents_handler_(desk_, revocations, clock,
                          {.lookup_key = look_up_key, .audit_key = audit_key}),
        records_handler_(reader_, revocations, clock,
                         {.lookup_key = look_up_key, .audit_key = audit_key}),
        // No list of accesses is asked for here.
        handler_(consents_handler_, records_handler_, records_handler_) {
    port_.Start([this](grpc::ServerBuilder& builder) {
      builder.RegisterService(&records_);
      builder.RegisterService(&consents_);
      lane_ = std::make_unique<Lane>(Lane::Options{.batch_bound = 16, .slots_per_method = 16},
                                     builder.AddCompletionQueue(), port_.dispatch(), handler_,
                                     batches_);
      AddRecordMethods(records_, *lane_);
      AddConsentMethods(consents_, *lane_);
    });
    lane_->Start();
    while (!records_handler_.Connected()) std::this_thread::yield();
  }
  ~SecondServer() {
    port_.Shutdown();
    lane_->Shutdown();
    port_.Stop();
  }
  RpcServer& port() { return port_; }

 private:
  RpcServer port_;
  RecordRpc records_;
  ConsentRpc consents_;
  BatchSizes batches_;
  std::unique_ptr<RecordStore> store_;
  ReadRecords reader_;
  ConsentDesk desk_;
  ConsentHandler consents_handler_;
  RecordHandler records_handler_;
  RecordLaneHandler handler_;
  std::unique_ptr<Lane> lane_;
};

class ConsentServiceTest : public CardConfirmationTest {
 protected:
  ConsentServiceTest() {
    Insure(1, "5678910", "01");
    Link(1);
  }

  void Consent(std::initializer_list<ConsentKind> agreed) {
    clock_.Advance(absl::Seconds(1));  // of two acts at one instant the stricter would win
    v1::ConfirmByCardRequest request = Act(v1::DECISION_DECLINED);
    for (const ConsentKind kind : agreed) {
      request.mutable_decisions(static_cast<int>(kind) - 1)->set_decision(v1::DECISION_AGREED);
    }
    const grpc::Status status = Use(request);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  void RenewCrl() {
    SetRevocations(std::make_shared<const auth::RevocationSnapshot>(
        auth::SnapshotOf({auth::IssueCrl(auth::DefaultCrl(clock_.Now()), CardIssuer())})));
  }

  static v1::PatientKey Number(const std::string& number = "5678910") {
    v1::PatientKey key;
    key.mutable_insured()->set_insurer_number(kTestInsurer);
    key.mutable_insured()->set_symbol("1234");
    key.mutable_insured()->set_number(number);
    *key.mutable_insured()->mutable_birth_date() = DayToProto(kBirth);
    return key;
  }

  template <class Request, class Response>
  grpc::Status Ask(grpc::Status (v1::ConsentService::Stub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*),
                   const Request& request, Response& response, const char* role = "DOCTOR") {
    response.Clear();
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.AddMetadata("kakunin-role", role);
    const auto stub = v1::ConsentService::NewStub(port_->Channel(Caller::kTerminal));
    return (stub.get()->*method)(&context, request, &response);
  }
  v1::ListConsentsResponse List() {
    v1::ListConsentsRequest request;
    *request.mutable_patient() = Number();
    v1::ListConsentsResponse response;
    const grpc::Status status = Ask(&v1::ConsentService::Stub::ListConsents, request, response);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    return response;
  }
  v1::RevokeConsentRequest Revocation() const {
    v1::RevokeConsentRequest request;
    *request.mutable_patient() = Number();
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    request.set_reason(v1::CONSENT_END_REASON_REVOKED_BY_PATIENT);
    return request;
  }
  v1::RevokeConsentResponse Revoke(const v1::RevokeConsentRequest& request) {
    v1::RevokeConsentResponse response;
    const grpc::Status status = Ask(&v1::ConsentService::Stub::RevokeConsent, request, response);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    return response;
  }
  std::string ReasonOfRevoking(const v1::RevokeConsentRequest& request) {
    v1::RevokeConsentResponse response;
    return DescribeError(Ask(&v1::ConsentService::Stub::RevokeConsent, request, response)).reason;
  }
  v1::CheckConsentEndResponse Ends(const v1::CheckConsentEndRequest& request) {
    v1::CheckConsentEndResponse response;
    const grpc::Status status = Ask(&v1::ConsentService::Stub::CheckConsentEnd, request, response);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    return response;
  }
  v1::ExplainDecisionResponse Explain(const v1::ExplainDecisionRequest& request) {
    v1::ExplainDecisionResponse response;
    const grpc::Status status = Ask(&v1::ConsentService::Stub::ExplainDecision, request, response);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    return response;
  }
  static v1::ExplainDecisionRequest Hypothetical(const v1::PatientKey& patient) {
    v1::ExplainDecisionRequest request;
    *request.mutable_call()->mutable_patient() = patient;
    request.mutable_call()->set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    request.mutable_call()->set_kind(v1::CONSENT_KIND_DRUG);
    return request;
  }

  // Asks a server for drugs; the reason, "" when they are shown.
  std::string Drugs(RpcServer& server, const v1::PatientKey& patient = Number()) {
    v1::GetDrugHistoryRequest request;
    *request.mutable_patient() = patient;
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.AddMetadata("kakunin-role", "DOCTOR");
    const grpc::Status status = v1::RecordService::NewStub(server.Channel(Caller::kTerminal))
                                    ->GetDrugHistory(&context, request, &drugs_);
    return DescribeError(status).reason;
  }

  v1::GetDrugHistoryResponse drugs_;
};

TEST_F(ConsentServiceTest, ListsWhatThePatientDecidedHereToTheSecond) {
  EXPECT_EQ(List().consents_size(), 0);
  Consent({ConsentKind::kDrug});
  const absl::Time given = clock_.Now();
  clock_.Advance(absl::Hours(24) - absl::Seconds(1));
  v1::ListConsentsResponse list = List();
  ASSERT_EQ(list.consents_size(), kConsentKinds);
  const v1::Consent& drug = list.consents(0);
  EXPECT_EQ(drug.kind(), v1::CONSENT_KIND_DRUG);
  EXPECT_EQ(drug.form_of_care(), v1::FORM_OF_CARE_OUTPATIENT);
  EXPECT_EQ(drug.method(), v1::CONSENT_METHOD_CARD);
  EXPECT_EQ(drug.standing(), v1::CONSENT_STANDING_RUNNING);
  EXPECT_EQ(TimeFromProto(drug.decide_time()), given);
  EXPECT_EQ(TimeFromProto(drug.window_end_time()), given + absl::Hours(24));
  EXPECT_FALSE(drug.has_end_code());
  EXPECT_EQ(list.consents(1).standing(), v1::CONSENT_STANDING_DECLINED);
  EXPECT_FALSE(list.consents(1).has_window_end_time());
  for (int second = 0; second < 2; ++second) {
    clock_.Advance(absl::Seconds(1));
    list = List();
    EXPECT_EQ(list.consents(0).standing(), v1::CONSENT_STANDING_EXPIRED);
    EXPECT_TRUE(list.consents(0).has_end_code());
    EXPECT_EQ(list.consents(0).end_code(), 0);  // OQSCD031: normal expiry
    EXPECT_EQ(TimeFromProto(list.consents(0).since_time()), given + absl::Hours(24));
  }
  EXPECT_FALSE(list.audit_id().empty());
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 60 AND code = 0"), 4);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.record_access WHERE operation = 60"), 4);
}

TEST_F(ConsentServiceTest, AfterARevocationNoServerShowsAnything) {
  Consent({ConsentKind::kDrug});
  SecondServer second(database_, clock_, guard_, audit_key_, look_up_key_, handle_key_,
                      record_rules_, [this] { return Revocations(); });
  EXPECT_EQ(Drugs(*port_), "");
  EXPECT_EQ(Drugs(second.port()), "");
  const v1::RevokeConsentResponse ended = Revoke(Revocation());
  ASSERT_EQ(ended.ended_size(), 1);
  EXPECT_EQ(ended.ended(0).kind(), v1::CONSENT_KIND_DRUG);
  EXPECT_EQ(ended.ended(0).standing(), v1::CONSENT_STANDING_REVOKED_BY_PATIENT);
  EXPECT_EQ(ended.ended(0).end_code(), 2);
  EXPECT_EQ(TimeFromProto(ended.ended(0).since_time()), clock_.Now());
  for (int second_later = 0; second_later < 2; ++second_later) {
    EXPECT_EQ(Drugs(second.port()), "CONSENT_REVOKED");
    EXPECT_EQ(Drugs(*port_), "CONSENT_REVOKED");
    v1::PatientKey handle;
    handle.set_patient_handle(response_.patient_handle());
    EXPECT_EQ(Drugs(second.port(), handle), "CONSENT_REVOKED");
    clock_.Advance(absl::Seconds(1));
  }
  // Also on a server whose clock is a second behind.
  clock_.Advance(-absl::Seconds(3));
  EXPECT_EQ(Drugs(second.port()), "NO_CONSENT");  // by that clock it had not begun
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Drugs(second.port()), "CONSENT_REVOKED");
  EXPECT_EQ(List().consents(0).standing(), v1::CONSENT_STANDING_REVOKED_BY_PATIENT);
}

TEST_F(ConsentServiceTest, ARevocationBetweenAReadAndItsWriteIsDecidedAnew) {
  Consent({ConsentKind::kDrug});
  CrossedStore store(MakeRecordStore(database_.ConnInfo("kakunin_terminal"), "", "crossed lane"));
  ReadRecords reader(store, guard_, {audit_key_, handle_key_}, record_rules_, AnswersOfThisFormat(),
                     auth::kSha256);
  const Terminal terminal{
      .facility_code = kTestFacility, .terminal_id = "desk-2", .role = Role::kDoctor};
  const absl::CivilMonth month(CivilDayAt(clock_.Now()));
  const RecordInquiry inquiry{.terminal = &terminal,
                              .actor_name = "crossed",
                              .patient = response_.patient_handle(),
                              .kinds = {RecordKind::kDrug},
                              .from_month = month,
                              .through_month = month,
                              .day = CivilDayAt(clock_.Now())};
  const auto ask = [&] {
    return reader.Read({&inquiry, 1}, Revocations().get(), clock_.Now(), Soon()).front();
  };
  EXPECT_TRUE(ask().status.ok());
  EXPECT_EQ(store.reads, 1);
  store.after_read = [&] { EXPECT_EQ(Revoke(Revocation()).ended_size(), 1); };
  EXPECT_EQ(ReasonOf(ask().status), Reason::kConsentRevoked);
  EXPECT_EQ(store.reads, 3);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE actor = 'crossed'"
                  " AND reason = 'CONSENT_REVOKED'"),
            1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE actor = 'crossed'"), 2);
}

TEST_F(ConsentServiceTest, RevokingTwiceChangesNothing) {
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(Revoke(Revocation()).ended_size(), 1);
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(Revoke(Revocation()).ended_size(), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.consent_end"), 1);
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(Drugs(*port_), "");
}

TEST_F(ConsentServiceTest, ARepeatedRequestEndsNothingThatWasAgreedSince) {
  Consent({ConsentKind::kDrug, ConsentKind::kHealthCheck});
  v1::RevokeConsentRequest request = Revocation();
  request.set_request_id(kRequest);
  const v1::RevokeConsentResponse first = Revoke(request);
  EXPECT_EQ(first.ended_size(), 2);
  Consent({ConsentKind::kDrug});
  const v1::RevokeConsentResponse again = Revoke(request);
  ASSERT_EQ(again.ended_size(), 2);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(again.ended(i).SerializeAsString(), first.ended(i).SerializeAsString());
  }
  EXPECT_EQ(Drugs(*port_), "");
  request.set_reason(v1::CONSENT_END_REASON_CHANGE_OF_USE);
  EXPECT_EQ(ReasonOfRevoking(request), "REQUEST_ID_REUSED");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.consent_end"), 1);
  // So is one that found nothing to end when it came first.
  Revoke(Revocation());
  request.set_request_id(kOtherRequest);
  EXPECT_EQ(Revoke(request).ended_size(), 0);
  Consent({ConsentKind::kDrug});
  EXPECT_EQ(Revoke(request).ended_size(), 0);
  EXPECT_EQ(Drugs(*port_), "");
}

TEST_F(ConsentServiceTest, EndsTheKindsAskedForAloneAndNothingOfAnotherFormOfCare) {
  Consent({ConsentKind::kDrug, ConsentKind::kHealthCheck});
  v1::RevokeConsentRequest request = Revocation();
  request.add_kinds(v1::CONSENT_KIND_HEALTH_CHECK);
  request.set_reason(v1::CONSENT_END_REASON_REVOKED_BY_FACILITY);
  const v1::RevokeConsentResponse ended = Revoke(request);
  ASSERT_EQ(ended.ended_size(), 1);
  EXPECT_EQ(ended.ended(0).end_code(), 1);
  EXPECT_EQ(Drugs(*port_), "");
  request.clear_kinds();
  request.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
  request.mutable_patient()->mutable_insured()->set_branch_number("01");
  EXPECT_EQ(Revoke(request).ended_size(), 0);
  EXPECT_EQ(Drugs(*port_), "");
}

TEST_F(ConsentServiceTest, AnEndIsStampedAfterEverythingThatItEnds) {
  Consent({ConsentKind::kDrug});
  const absl::Time begun = clock_.Now();
  clock_.Advance(-absl::Seconds(1));  // the server that revokes is behind
  EXPECT_EQ(Revoke(Revocation()).ended_size(), 1);
  clock_.Advance(absl::Seconds(2));
  EXPECT_EQ(Drugs(*port_), "CONSENT_REVOKED");
  EXPECT_EQ(TimeFromProto(List().consents(0).since_time()), begun);
}

TEST_F(ConsentServiceTest, TellsWhatEndedSinceWhenAndWhy) {
  Consent({ConsentKind::kDrug, ConsentKind::kHealthCheck});
  v1::RevokeConsentRequest one = Revocation();
  one.add_kinds(v1::CONSENT_KIND_DRUG);
  Revoke(one);
  v1::CheckConsentEndRequest request;
  *request.mutable_patient() = Number();
  v1::CheckConsentEndResponse ends = Ends(request);
  ASSERT_EQ(ends.consents_size(), 1);
  EXPECT_EQ(ends.consents(0).end_code(), 2);
  clock_.Advance(absl::Hours(24));
  ends = Ends(request);
  ASSERT_EQ(ends.consents_size(), 2);
  EXPECT_EQ(ends.consents(1).kind(), v1::CONSENT_KIND_HEALTH_CHECK);
  EXPECT_EQ(ends.consents(1).end_code(), 0);
  *request.mutable_from_date() = DayToProto(CivilDayAt(clock_.Now()) + 1);
  EXPECT_EQ(Ends(request).consents_size(), 0);

  // Of the whole facility: what acts ended, the patient by a handle of this facility.
  v1::CheckConsentEndRequest all;
  ends = Ends(all);
  ASSERT_EQ(ends.ends_size(), 1);
  EXPECT_EQ(ends.ends(0).kinds_size(), 1);
  EXPECT_EQ(ends.ends(0).reason(), v1::CONSENT_END_REASON_REVOKED_BY_PATIENT);
  EXPECT_TRUE(ends.next_page_token().empty());
  v1::ListConsentsRequest by_handle;
  by_handle.mutable_patient()->set_patient_handle(ends.ends(0).patient_handle());
  v1::ListConsentsResponse list;
  ASSERT_TRUE(Ask(&v1::ConsentService::Stub::ListConsents, by_handle, list).ok());
  EXPECT_EQ(list.consents_size(), kConsentKinds);
  database_.Exec("UPDATE kakunin.consent_end SET facility_code = '1399999999'");
  EXPECT_EQ(Ends(all).ends_size(), 0);
  all.set_page_token("1:not a page");
  v1::CheckConsentEndResponse refused;
  EXPECT_EQ(DescribeError(Ask(&v1::ConsentService::Stub::CheckConsentEnd, all, refused)).reason,
            "INVALID_FIELDS");
}

TEST_F(ConsentServiceTest, ExplainsByTheAuditIdOfAnAnswer) {
  Consent({ConsentKind::kDrug});
  ASSERT_EQ(Drugs(*port_), "");
  v1::ExplainDecisionRequest request;
  request.set_audit_id(drugs_.audit_id());
  Revoke(Revocation());  // explained as it was then
  const v1::ExplainDecisionResponse explained = Explain(request);
  ASSERT_EQ(explained.explanations_size(), 1);
  const v1::DecisionExplanation& drug = explained.explanations(0);
  EXPECT_TRUE(drug.allowed());
  EXPECT_EQ(drug.kind(), v1::CONSENT_KIND_DRUG);
  EXPECT_FALSE(drug.consent().empty());
  EXPECT_NE(drug.time_left().find("残り24時間0分0秒"), std::string::npos) << drug.time_left();
  // Of a refusal, whose id a facility knows from its own list of accesses.
  ASSERT_EQ(Drugs(*port_), "CONSENT_REVOKED");
  const auto refused = database_.Exec(
      "SELECT replace(stream::text, '-', '') || '-' || number FROM kakunin.audit_event"
      " WHERE reason = 'CONSENT_REVOKED'");
  request.set_audit_id(refused[0][0].as<std::string>());
  clock_.Advance(absl::Seconds(1));
  const v1::ExplainDecisionResponse why = Explain(request);
  ASSERT_EQ(why.explanations_size(), 1);
  EXPECT_FALSE(why.explanations(0).allowed());
  EXPECT_EQ(why.explanations(0).reason(), "CONSENT_REVOKED");
  EXPECT_NE(why.explanations(0).rule().find("患者"), std::string::npos);
}

TEST_F(ConsentServiceTest, AnotherFacilitysAuditIdIsLikeOneThatDoesNotExist) {
  Consent({ConsentKind::kDrug});
  ASSERT_EQ(Drugs(*port_), "");
  v1::ExplainDecisionRequest request;
  request.set_audit_id(drugs_.audit_id());
  EXPECT_EQ(Explain(request).explanations_size(), 1);
  database_.Exec("UPDATE kakunin.audit_event SET actor = '1399999999/T1' WHERE operation = 50");
  v1::ExplainDecisionResponse response;
  const grpc::Status foreign = Ask(&v1::ConsentService::Stub::ExplainDecision, request, response);
  request.set_audit_id("00000000000000000000000000000001-1");
  const grpc::Status absent = Ask(&v1::ConsentService::Stub::ExplainDecision, request, response);
  EXPECT_EQ(DescribeError(foreign).reason, "DECISION_NOT_FOUND");
  EXPECT_EQ(foreign.error_code(), absent.error_code());
  EXPECT_EQ(foreign.error_message(), absent.error_message());
  EXPECT_EQ(foreign.error_details(), absent.error_details());
}

TEST_F(ConsentServiceTest, ExplainsAQuestionThatWasNotAsked) {
  Consent({ConsentKind::kDrug});
  clock_.Advance(absl::Hours(24) - absl::Seconds(1));
  RenewCrl();
  const auto explain = [&] { return Explain(Hypothetical(Number())).explanations(0); };
  EXPECT_TRUE(explain().allowed());
  EXPECT_NE(explain().time_left().find("残り0時間0分1秒"), std::string::npos);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(explain().reason(), "CONSENT_EXPIRED");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(explain().reason(), "CONSENT_EXPIRED");
  v1::ExplainDecisionResponse response;
  ASSERT_TRUE(
      Ask(&v1::ConsentService::Stub::ExplainDecision, Hypothetical(Number()), response, "GENERAL")
          .ok());
  EXPECT_EQ(response.explanations(0).reason(), "ROLE_NOT_ALLOWED");
  EXPECT_FALSE(response.explanations(0).source().empty());
}

TEST_F(ConsentServiceTest, AnOpenCaseIsExplainedToWhomAConsentWouldOpen) {
  const auto reason = [&] { return Explain(Hypothetical(Number())).explanations(0).reason(); };
  Consent({ConsentKind::kDrug});
  OpenCaseAboutEverybody(database_);
  EXPECT_EQ(reason(), "IDENTITY_IN_QUESTION");
  EndCases(database_);
  EXPECT_EQ(reason(), "");
}

TEST_F(ConsentServiceTest, NobodySeveralAndAProtectedPersonReadAlike) {
  const auto words = [&](const v1::PatientKey& patient) {
    v1::DecisionExplanation explanation = Explain(Hypothetical(patient)).explanations(0);
    return explanation.SerializeAsString();
  };
  const std::string absent = words(Number("999"));
  const std::string without_consent = words(Number());
  ProtectPerson(
      database_,
      database_.Exec("SELECT person_id::text FROM kakunin.answer")[0][0].as<std::string>(), true,
      true);
  const std::string is_protected = words(Number());
  Insure(2, "5678910", "02");
  const std::string several = words(Number());
  EXPECT_EQ(without_consent, absent);
  EXPECT_EQ(is_protected, absent);
  EXPECT_EQ(several, absent);
  v1::DecisionExplanation explanation;
  ASSERT_TRUE(explanation.ParseFromString(absent));
  EXPECT_EQ(explanation.reason(), "NO_CONSENT");
  EXPECT_NE(explanation.remedy().find("枝番"), std::string::npos);
}

TEST_F(ConsentServiceTest, SeveralPersonsUnderOneNumberAreNeverChosenFrom) {
  Consent({ConsentKind::kDrug});
  Insure(2, "5678910", "02");
  EXPECT_EQ(ReasonOfRevoking(Revocation()), "BRANCH_NUMBER_NEEDED");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.consent_end"), 0);
  v1::RevokeConsentRequest one = Revocation();
  one.mutable_patient()->mutable_insured()->set_branch_number("01");
  EXPECT_EQ(Revoke(one).ended_size(), 1);
}

TEST_F(ConsentServiceTest, ARowThatFailsAloneIsInternalAndCountedForItsTerminal) {
  Consent({ConsentKind::kDrug});
  v1::ListConsentsRequest request;
  *request.mutable_patient() = Number();
  v1::ListConsentsResponse response;
  const auto ask = [&] {
    return DescribeError(Ask(&v1::ConsentService::Stub::ListConsents, request, response)).reason;
  };
  EXPECT_EQ(ask(), "");
  EXPECT_EQ(failed_rows_.Total(), 0);
  database_.Exec("ALTER TABLE kakunin.record_access ADD CHECK (reason <> '') NOT VALID");
  EXPECT_EQ(ask(), "INTERNAL");
  EXPECT_EQ(failed_rows_.Of(std::string(kTestFacility) + "/" + kTestTerminal), 1);
}

TEST_F(ConsentServiceTest, RefusesWhatIsWrongWithEveryFieldAtOnce) {
  v1::RevokeConsentRequest request;
  request.set_request_id("not a uuid");
  request.add_kinds(v1::CONSENT_KIND_UNSPECIFIED);
  v1::RevokeConsentResponse response;
  const ErrorDescription error =
      DescribeError(Ask(&v1::ConsentService::Stub::RevokeConsent, request, response));
  EXPECT_EQ(error.reason, "INVALID_FIELDS");
  v1::RevokeConsentRequest elsewhere = Revocation();
  elsewhere.set_facility_code("1399999999");
  EXPECT_EQ(ReasonOfRevoking(elsewhere), "FACILITY_CODE_DIFFERS");
  v1::RevokeConsentRequest broken = Revocation();
  broken.mutable_patient()->set_patient_handle("no such handle");
  EXPECT_EQ(ReasonOfRevoking(broken), "PATIENT_HANDLE_REFUSED");
  guard_.open = false;
  EXPECT_EQ(ReasonOfRevoking(Revocation()), "INQUIRY_LIMIT");
}

}  // namespace
}  // namespace kakunin
