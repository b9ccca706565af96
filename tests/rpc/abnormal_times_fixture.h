#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "auth/encoding.h"
#include "auth/uuid.h"
#include "kakunin/v1/abnormal_times_policy_service.grpc.pb.h"
#include "kakunin/v1/abnormal_times_service.grpc.pb.h"
#include "kakunin/v1/access_log_service.grpc.pb.h"
#include "server/rpc/abnormal_times_policy_service.h"
#include "server/rpc/abnormal_times_service.h"
#include "storage/postgres/abnormal_times_store.h"
#include "storage/postgres/request_store.h"
#include "storage/postgres/text_value.h"
#include "tests/rpc/record_service_fixture.h"
#include "tests/rpc/sync_server.h"
#include "tests/support/protected_person.h"

namespace kakunin {

inline constexpr char kWajima[] = "17204";
inline constexpr char kAddress[] = "東京都千代田区霞が関";  // of whom Insure insures
inline constexpr char kName[] = "高田 花子";

// CountingGuard counts what searches would be stopped by.
class CountingGuard final : public InquiryGuard {
 public:
  bool Allows(std::string_view, std::string_view, absl::Time) override { return open; }
  void NoMatch(std::string_view, std::string_view, absl::Time) override { ++no_match; }
  void Found(std::string_view, std::string_view, const PersonId&, absl::Time) override { ++found; }
  std::atomic<bool> open{true};
  std::atomic<int> no_match{0};
  std::atomic<int> found{0};
};

// AbnormalTimesTest has a hospital in Wajima, one patient with drugs, and three operators, two of
// them of one body. What a disaster opens begins at `from_`.
class AbnormalTimesTest : public RecordServiceTest {
 protected:
  AbnormalTimesTest() {
    records_.Push({DrugReceipt(absl::CivilMonth(2026, 10), "ブロプレス錠１２")});
    database_.Exec("UPDATE kakunin.coverage SET sex = 2");
    const auto pool = database_.Open("kakunin_operator");
    const absl::Status status = pool->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(
          registry_.PutFacility(tx, {.facility_code = kTestFacility,
                                     .type = FacilityType::kHospital,
                                     .name = "試験病院",
                                     .municipality_code = kWajima,
                                     .municipality_since = clock_.Now() - absl::Hours(1)}));
      RETURN_IF_ERROR(PutOperator(tx, kTestOperator, "mhlw", IdentityOf(Caller::kOperator)));
      RETURN_IF_ERROR(PutOperator(tx, "operator-2", "ishikawa", second_));
      return PutOperator(tx, "operator-3", "mhlw", colleague_);
    });
    EXPECT_TRUE(status.ok()) << status;
    times_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    times_ = Searches(*times_port_, 2);
    times_port_->Start(*times_);
    operators_ = std::make_unique<SyncServer>(
        database_, clock_, Port::kOperator, std::vector<SyncServer::Make>{[this](RpcServer& port) {
          return MakeAbnormalTimesPolicyService(
              {port.dispatch(), port.database(), store_, requests_, audit_key_, &policy_key_});
        }});
    AwaitRegistry();
  }
  ~AbnormalTimesTest() override { times_port_->Stop(); }

  absl::Status PutOperator(Transaction& tx, const std::string& name, const std::string& body,
                           const TestIdentity& identity) {
    return registry_.PutParty(tx, {.kind = ActorKind::kOperator,
                                   .name = name,
                                   .display_name = name,
                                   .fingerprint = identity.fingerprint,
                                   .not_before = clock_.Now() - absl::Hours(1),
                                   .not_after = clock_.Now() + absl::Hours(24 * 900),
                                   .body = body});
  }
  // The terminals' service with so many searches at once.
  std::unique_ptr<QueuedService> Searches(RpcServer& port, int at_once) {
    std::vector<ConfirmEligibility*> confirms;
    for (int i = 0; i < at_once; ++i) {
      searches_.push_back(
          MakeConfirmationStore(database_.ConnInfo("kakunin_terminal"), "", "searches"));
      confirms_.push_back(std::make_unique<ConfirmEligibility>(
          *searches_.back(), counts_, ConfirmationKeys{audit_key_, handle_key_}, rules_,
          &BuildAnswerRow, auth::kSha256));
      confirms.push_back(confirms_.back().get());
    }
    return MakeAbnormalTimesService({port.dispatch(), port.database(), store_, counts_,
                                     std::move(confirms), audit_key_, look_up_key_, handle_key_});
  }
  static TestIdentity OperatorIdentity(const std::string& name) {
    return IssueTestIdentity({"spiffe://kakunin.test/operator/" + name});
  }

  // Every server has read what was written last.
  void AwaitRegistry() {
    const int64_t last = Count("SELECT generation FROM kakunin.registry_generation");
    const auto behind = [&](const Registry& registry) {
      const auto snapshot = registry.Current();
      return snapshot == nullptr || snapshot->generation() < last;
    };
    while (behind(port_->registry()) || behind(times_port_->registry()) ||
           behind(operators_->port().registry())) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  v1::ProposeAbnormalTimesRequest Disaster() const {
    v1::ProposeAbnormalTimesRequest request;
    request.set_request_id(TestUuid());
    v1::AbnormalTimesContent& content = *request.mutable_content();
    content.set_situation(v1::SITUATION_DISASTER);
    content.set_order_number("保連発0101第1号");
    *content.mutable_order_date() = DayToProto(CivilDayAt(clock_.Now()));
    content.add_municipality_codes(kWajima);
    *content.mutable_from_time() = TimeToProto(from_);
    *content.mutable_to_time() = TimeToProto(from_ + absl::Hours(24 * 7));
    content.add_kinds(v1::CONSENT_KIND_DRUG);
    return request;
  }

  template <class Request, class Response>
  grpc::Status Operate(const TestIdentity& who, const Request& request, Response& response,
                       grpc::Status (v1::AbnormalTimesPolicyService::Stub::*method)(
                           grpc::ClientContext*, const Request&, Response*)) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    const auto stub = v1::AbnormalTimesPolicyService::NewStub(operators_->port().Channel(who));
    return (stub.get()->*method)(&context, request, &response);
  }
  std::string Propose(const v1::ProposeAbnormalTimesRequest& request) {
    v1::ProposeAbnormalTimesResponse response;
    const grpc::Status status =
        Operate(IdentityOf(Caller::kOperator), request, response,
                &v1::AbnormalTimesPolicyService::Stub::ProposeAbnormalTimes);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason << ' ' << status.error_message();
    return response.policy().policy_id();
  }
  std::string ReasonOfApproval(const std::string& id, const TestIdentity& who) {
    v1::ApproveAbnormalTimesRequest request;
    request.set_request_id(TestUuid());
    request.set_policy_id(id);
    v1::ApproveAbnormalTimesResponse response;
    return DescribeError(Operate(who, request, response,
                                 &v1::AbnormalTimesPolicyService::Stub::ApproveAbnormalTimes))
        .reason;
  }
  std::string InForce(const v1::ProposeAbnormalTimesRequest& request) {
    std::string id = Propose(request);
    EXPECT_EQ(ReasonOfApproval(id, second_), "");
    AwaitRegistry();
    return id;
  }
  void End(const std::string& id) {
    v1::EndAbnormalTimesRequest request;
    request.set_request_id(TestUuid());
    request.set_policy_id(id);
    v1::EndAbnormalTimesResponse response;
    const grpc::Status status = Operate(colleague_, request, response,
                                        &v1::AbnormalTimesPolicyService::Stub::EndAbnormalTimes);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    AwaitRegistry();
  }
  v1::ReportAbnormalTimesResponse Report(const std::string& id) {
    v1::ReportAbnormalTimesRequest request;
    request.set_policy_id(id);
    v1::ReportAbnormalTimesResponse response;
    const grpc::Status status = Operate(second_, request, response,
                                        &v1::AbnormalTimesPolicyService::Stub::ReportAbnormalTimes);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    return response;
  }

  static v1::SearchPatientRequest ByFourItems() {
    v1::SearchPatientRequest request;
    request.set_situation(v1::SITUATION_DISASTER);
    v1::FourItems& items = *request.mutable_four_items();
    items.set_name(kName);
    *items.mutable_birth_date() = DayToProto(kBirth);
    items.set_sex(v1::SEX_FEMALE);
    items.set_address(kAddress);
    request.set_oral_consent(v1::ORAL_CONSENT_GIVEN);
    return request;
  }
  v1::SearchPatientRequest ByKey() const {
    v1::SearchPatientRequest request;
    request.set_situation(v1::SITUATION_DISASTER);
    *request.mutable_insured() = ByNumber().patient().insured();
    request.set_oral_consent(v1::ORAL_CONSENT_NOT_OBTAINED);
    request.set_no_consent_reason(v1::NO_CONSENT_REASON_UNCONSCIOUS);
    return request;
  }
  std::string ReasonOfSearch(const v1::SearchPatientRequest& request, const char* role = "DOCTOR") {
    found_.Clear();
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.AddMetadata("kakunin-role", role);
    context.AddMetadata("kakunin-user", "dr-1");
    const auto stub = v1::AbnormalTimesService::NewStub(times_port_->Channel(Caller::kTerminal));
    return DescribeError(stub->SearchPatient(&context, request, &found_)).reason;
  }
  // The drugs by the view that was opened last.
  std::string ReasonOfLook(v1::FormOfCare form = v1::FORM_OF_CARE_OUTPATIENT) {
    v1::GetDrugHistoryRequest request;
    request.mutable_patient()->set_patient_handle(found_.view_handle());
    request.set_form_of_care(form);
    return ReasonOfDrugs(request);
  }

  static std::vector<std::string> FieldsOf(const grpc::Status& status) {
    std::vector<std::string> fields;
    for (const FieldViolation& one : DescribeError(status).violations) fields.push_back(one.field);
    return fields;
  }
  PersonId Person() const { return UuidFromText<PersonId>(person_); }
  // What the patient is shown, newest first: "operation situation"; eligibility has no operation
  // before the facility's accesses are copied.
  std::vector<std::string> Shown() const {
    const auto store = MakeAccessLogStore(database_.ConnInfo("kakunin_terminal"), "", "patient");
    EXPECT_TRUE(store->Reconnect(Soon()).ok());
    const auto rows = store->ReadPatient(
        Person(), {.from = absl::InfinitePast(), .to = clock_.Now() + absl::Hours(1), .limit = 100},
        Soon());
    std::vector<std::string> shown;
    if (!rows.ok()) return shown;
    for (const Access& one : *rows) {
      shown.push_back(fmt::format("{} {}", one.operation ? static_cast<int>(*one.operation) : 0,
                                  static_cast<int>(one.situation)));
    }
    return shown;
  }

  const absl::Time from_ = clock_.Now() + absl::Minutes(5);
  const TestIdentity second_ = OperatorIdentity("operator-2");
  const TestIdentity colleague_ = OperatorIdentity("operator-3");  // of operator-1's body
  const auth::HmacKey policy_key_ = TestKey("abnormal-times");
  PostgresRegistryStore registry_;
  PostgresAbnormalTimesStore store_;
  PostgresRequestStore requests_;
  CountingGuard counts_;
  std::vector<std::unique_ptr<ConfirmationStore>> searches_;
  std::vector<std::unique_ptr<ConfirmEligibility>> confirms_;
  std::unique_ptr<RpcServer> times_port_;
  std::unique_ptr<QueuedService> times_;
  std::unique_ptr<SyncServer> operators_;
  v1::SearchPatientResponse found_;
};

}  // namespace kakunin
