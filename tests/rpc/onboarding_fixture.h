#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>

#include "domain/applicant.h"
#include "domain/civil_day.h"
#include "kakunin/v1/application_review_service.grpc.pb.h"
#include "kakunin/v1/onboarding_service.grpc.pb.h"
#include "server/rpc/application_review_service.h"
#include "server/rpc/onboarding_service.h"
#include "server/rpc/status.h"
#include "storage/postgres/applicant_store.h"
#include "storage/postgres/application_store.h"
#include "storage/postgres/protection_store.h"
#include "storage/postgres/request_store.h"
#include "tests/support/rpc_server.h"

namespace kakunin {

inline constexpr char kFacility[] = "1319999999";  // nobody has registered it
inline constexpr char kPassword[] = "sakura-no-ki-no-shita";
using Fields = std::map<std::string, std::string>;

// OnboardingServiceTest has both ports, and two operators: "operator-1" (first_), who confirms
// accounts, and "operator-2" (second_), who may approve what they hand in.
class OnboardingServiceTest : public testing::Test {
 protected:
  using Applicants = v1::OnboardingService::Stub;
  using Operators = v1::ApplicationReviewService::Stub;

  OnboardingServiceTest() {
    RegisterTestCallers(database_, clock_.Now());
    const auto pool = database_.Open("kakunin_operator");
    PostgresRegistryStore store;
    const absl::Status status = pool->Write(Soon(), [&](Transaction& tx) {
      return store.PutParty(tx, {.kind = ActorKind::kOperator,
                                 .name = "operator-2",
                                 .display_name = "試験用の名称",
                                 .fingerprint = second_.fingerprint,
                                 .not_before = clock_.Now() - absl::Hours(48),
                                 .not_after = clock_.Now() + absl::Hours(24 * 365)});
    });
    EXPECT_TRUE(status.ok()) << status;
    operators_ = std::make_unique<RpcServer>(database_, clock_, Port::kOperator);
    review_ = MakeApplicationReviewService(
        {operators_->dispatch(), operators_->database(), operators_->registry_store(), applicants_,
         applications_, persons_, requests_, TestKey("individual number"), audit_key_});
    operators_->Start(*review_);
    onboarding_ = std::make_unique<RpcServer>(database_, clock_, Port::kOnboarding, PeerSource{},
                                              nullptr, &limits_);
    rules_.reader_offer = {.from = absl::CivilDay(2020, 8, 1), .last_day = {}};
    joining_ = MakeOnboardingService({onboarding_->dispatch(), onboarding_->database(),
                                      onboarding_->registry_store(), applicants_, applications_,
                                      requests_, rules_, look_up_key_, audit_key_});
    onboarding_->Start(*joining_);
  }
  ~OnboardingServiceTest() override {
    operators_->Stop();
    onboarding_->Stop();
  }

  // Apply and Operate return "" or the reason; the answer is in `response`.
  template <class Request, class Response>
  std::string Apply(grpc::Status (Applicants::*method)(grpc::ClientContext*, const Request&,
                                                       Response*),
                    const Request& request, Response& response, const std::string& token = "") {
    response.Clear();
    grpc::ClientContext context;
    if (!token.empty()) context.AddMetadata("kakunin-session", token);
    const auto stub = v1::OnboardingService::NewStub(onboarding_->Channel(Caller::kNobody));
    status_ = (stub.get()->*method)(&context, request, &response);
    return status_.ok() ? "" : DescribeError(status_).reason;
  }
  template <class Request, class Response>
  std::string Operate(const TestIdentity& who,
                      grpc::Status (Operators::*method)(grpc::ClientContext*, const Request&,
                                                        Response*),
                      const Request& request, Response& response) {
    response.Clear();
    grpc::ClientContext context;
    const auto stub = v1::ApplicationReviewService::NewStub(operators_->Channel(who));
    status_ = (stub.get()->*method)(&context, request, &response);
    return status_.ok() ? "" : DescribeError(status_).reason;
  }
  std::set<std::string> Faults() const {
    std::set<std::string> fields;
    for (const FieldViolation& one : DescribeError(status_).violations) fields.insert(one.field);
    return fields;
  }

  static v1::RegisterApplicantRequest Registration(const std::string& facility = kFacility) {
    v1::RegisterApplicantRequest request;
    request.set_request_id(TestUuid());
    request.set_facility_code(facility);
    request.set_facility_name("見本診療所");
    request.set_facility_type(v1::FACILITY_TYPE_CLINIC);
    request.set_prefecture(13);
    request.set_mail("jimu@clinic.example.jp");
    return request;
  }
  std::string Register(const std::string& facility = kFacility) {
    v1::RegisterApplicantResponse response;
    EXPECT_EQ(Apply(&Applicants::RegisterApplicant, Registration(facility), response), "");
    return response.applicant().account();
  }
  std::string ConfirmAccount(const std::string& account) {
    v1::ConfirmApplicantRequest request;
    request.set_request_id(TestUuid());
    request.set_account(account);
    return Operate(first_, &Operators::ConfirmApplicant, request, confirmed_);
  }
  // LogIn returns the token, or "?" and the reason.
  std::string LogIn(const std::string& account, const std::string& password) {
    v1::LogInApplicantRequest request;
    request.set_account(account);
    request.set_password(password);
    const std::string reason = Apply(&Applicants::LogInApplicant, request, logged_in_);
    return reason.empty() ? logged_in_.session_token() : "?" + reason;
  }
  std::string ChangePassword(const std::string& token, const std::string& from,
                             const std::string& to = kPassword) {
    v1::ChangeApplicantPasswordRequest request;
    request.set_current_password(from);
    request.set_new_password(to);
    v1::ChangeApplicantPasswordResponse response;
    return Apply(&Applicants::ChangeApplicantPassword, request, response, token);
  }
  // A session of a confirmed account with a password of its own.
  std::string Session(const std::string& facility = kFacility) {
    account_ = Register(facility);
    EXPECT_EQ(ConfirmAccount(account_), "");
    const std::string token = LogIn(account_, confirmed_.one_time_password());
    EXPECT_EQ(ChangePassword(token, confirmed_.one_time_password()), "");
    return token;
  }

  std::string NextMonth() const {
    return absl::FormatCivilTime(absl::CivilMonth(CivilDayAt(clock_.Now())) + 1);
  }
  Fields Good(const std::string& facility = kFacility) const {
    return {{"facility_code", facility},   {"facility_type", "clinic"},
            {"introduction_type", "full"}, {"line_kind", "ipsec-ike"},
            {"start_month", NextMonth()},  {"online_claims", "in-use"}};
  }
  static v1::SubmitApplicationRequest Application(
      const std::vector<Fields>& forms, v1::ApplicationKind kind = v1::APPLICATION_KIND_USE) {
    v1::SubmitApplicationRequest request;
    request.set_request_id(TestUuid());
    request.set_kind(kind);
    for (const Fields& fields : forms) {
      auto& form = *request.add_forms();
      for (const auto& [field, value] : fields) {
        form.add_fields()->set_field(field);
        form.mutable_fields(form.fields_size() - 1)->set_value(value);
      }
    }
    return request;
  }
  std::string Submit(const std::string& token, const v1::SubmitApplicationRequest& request) {
    return Apply(&Applicants::SubmitApplication, request, submitted_, token);
  }
  // A good application of the account; its id.
  std::string Submitted(const std::string& token, const std::string& facility = kFacility) {
    EXPECT_EQ(Submit(token, Application({Good(facility)})), "");
    return submitted_.rows_size() == 1 ? submitted_.rows(0).application().application_id() : "";
  }
  std::string Decide(const TestIdentity& who, const std::string& id, v1::ApplicationEvent event,
                     int version = 1, const std::string& note = "", bool validate_only = false) {
    v1::DecideApplicationRequest request;
    request.set_request_id(TestUuid());
    request.set_validate_only(validate_only);
    request.set_application_id(id);
    request.set_event(event);
    request.set_version(version);
    request.set_note(note);
    return Operate(who, &Operators::DecideApplication, request, decided_);
  }
  std::string StartUse(const std::string& id) {
    v1::StartUseRequest request;
    request.set_request_id(TestUuid());
    request.set_application_id(id);
    v1::StartUseResponse response;
    return Operate(second_, &Operators::StartUse, request, response);
  }
  std::string RequestStart(const std::string& token, const std::string& id) {
    v1::RequestStartOfUseRequest request;
    request.set_request_id(TestUuid());
    request.set_application_id(id);
    v1::RequestStartOfUseResponse response;
    return Apply(&Applicants::RequestStartOfUse, request, response, token);
  }
  std::string Withdraw(const std::string& token, const std::string& id) {
    v1::WithdrawApplicationRequest request;
    request.set_request_id(TestUuid());
    request.set_application_id(id);
    v1::WithdrawApplicationResponse response;
    return Apply(&Applicants::WithdrawApplication, request, response, token);
  }
  v1::Application Shown(const std::string& token, const std::string& id) {
    v1::GetApplicationRequest request;
    request.set_application_id(id);
    v1::GetApplicationResponse response;
    EXPECT_EQ(Apply(&Applicants::GetApplication, request, response, token), "");
    return response.application();
  }
  void TickAll() {
    for (int item = 1; item <= kOperationTestItems; ++item) {
      const absl::Status status =
          database_.Open("kakunin_terminal", 1)->Write(Soon(), [&](Transaction& tx) {
            return applications_.Tick(tx, kFacility, static_cast<OperationTestItem>(item),
                                      clock_.Now());
          });
      ASSERT_TRUE(status.ok()) << status;
    }
  }
  std::string Text(const std::string& sql) const {
    const auto rows = database_.Exec(sql);
    return rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].c_str();
  }

  const TestDatabase database_;
  SettableClock clock_;
  const auth::HmacKey look_up_key_ = TestKey("look-up");
  const auth::HmacKey audit_key_ = TestKey("audit");
  PostgresApplicantStore applicants_;
  PostgresApplicationStore applications_;
  PostgresProtectionStore persons_;
  PostgresRequestStore requests_;
  JoiningRules rules_;
  OnboardingLimits limits_{10'000, 10'000};
  const TestIdentity first_ = IdentityOf(Caller::kOperator);
  const TestIdentity second_ = IssueTestIdentity({"spiffe://kakunin.test/operator/operator-2"});
  std::unique_ptr<grpc::Service> review_;
  std::unique_ptr<grpc::Service> joining_;
  std::unique_ptr<RpcServer> operators_;
  std::unique_ptr<RpcServer> onboarding_;
  grpc::Status status_;
  std::string account_;
  v1::ConfirmApplicantResponse confirmed_;
  v1::LogInApplicantResponse logged_in_;
  v1::SubmitApplicationResponse submitted_;
  v1::DecideApplicationResponse decided_;
};

}  // namespace kakunin
