// Requests that are wrong in every way that a field's kind allows, to every method, by a caller who
// may: each is refused by name, the server lives, and nobody repeats what was in them.
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "domain/access_policy.h"
#include "kakunin/v1/abnormal_times_policy_service.pb.h"
#include "kakunin/v1/abnormal_times_service.pb.h"
#include "kakunin/v1/access_log_service.pb.h"
#include "kakunin/v1/account_administration_service.pb.h"
#include "kakunin/v1/account_service.pb.h"
#include "kakunin/v1/application_review_service.pb.h"
#include "kakunin/v1/bulk_service.pb.h"
#include "kakunin/v1/card_link_service.pb.h"
#include "kakunin/v1/certificate_renewal_service.pb.h"
#include "kakunin/v1/consent_service.pb.h"
#include "kakunin/v1/delivery_service.pb.h"
#include "kakunin/v1/eligibility_list_service.pb.h"
#include "kakunin/v1/eligibility_service.pb.h"
#include "kakunin/v1/facility_settings_service.pb.h"
#include "kakunin/v1/identity_case_service.pb.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "kakunin/v1/notice_service.pb.h"
#include "kakunin/v1/operations_service.pb.h"
#include "kakunin/v1/reception_app_service.pb.h"
#include "kakunin/v1/reception_link_service.pb.h"
#include "kakunin/v1/record_service.pb.h"
#include "kakunin/v1/reference_number_service.pb.h"
#include "kakunin/v1/terminal_certificate_service.pb.h"
#include "server/dev/api_channel.h"
#include "server/rpc/status.h"
#include "server/synth/facility_table.h"
#include "tests/e2e/malformed_requests.h"
#include "tests/e2e/sandbox_fixture.h"
#include "tests/rpc/raw_call.h"
#include "tests/support/test_seed.h"

namespace kakunin::e2e {
namespace {

using google::protobuf::MethodDescriptor;

// One message of each file of services: what nothing refers to is not linked.
std::set<const google::protobuf::FileDescriptor*> FilesOfServices() {
  std::set<const google::protobuf::FileDescriptor*> files;
  for (const google::protobuf::Descriptor* message :
       {v1::ListFacilityAccessRequest::descriptor(),
        v1::SearchPatientRequest::descriptor(),
        v1::ProposeAbnormalTimesRequest::descriptor(),
        v1::BulkServiceSubmitRequest::descriptor(),
        v1::DecideApplicationRequest::descriptor(),
        v1::PushCardLinksRequest::descriptor(),
        v1::ListConsentsRequest::descriptor(),
        v1::GetDeliveryStatusRequest::descriptor(),
        v1::ListConsentedPatientsRequest::descriptor(),
        v1::BeginCardAuthenticationRequest::descriptor(),
        v1::ListIdentityCasesRequest::descriptor(),
        v1::BeginFeedRequest::descriptor(),
        v1::ListNoticesRequest::descriptor(),
        v1::RegisterFacilityRequest::descriptor(),
        v1::RegisterReceptionAppRequest::descriptor(),
        v1::CreateReceptionLinkRequest::descriptor(),
        v1::GetDrugHistoryRequest::descriptor(),
        v1::ChangeReferenceNumbersRequest::descriptor(),
        v1::SuspendTerminalRequest::descriptor(),
        v1::RenewCertificateRequest::descriptor(),
        v1::LogInRequest::descriptor(),
        v1::CreateAdministratorRequest::descriptor(),
        v1::UpdateFacilitySettingsRequest::descriptor()}) {
    files.insert(message->file());
  }
  return files;
}

// What is judged behind the form of a request, by a reason of its own or none.
bool IsJudgedLater(const MalformedRequest& request) {
  const auto is = [&](std::string_view name) { return request.field.ends_with(name); };
  // Opaque to whoever sends it.
  if (is("patient_handle")) return true;
  // A card that is none is refused as a card.
  if (is("certificate") || is("signature")) return true;
  // A certificate or key that is none; too much is refused at once.
  if (is("_pem")) return request.fault != "far too much";
  // White space is dropped from what a clerk types or scans.
  const std::string last = request.field.substr(request.field.rfind('.') + 1);
  return (last == "symbol" || last == "number") &&
         (request.fault == "a line's end" ||
          request.fault == "a character of the second control set");
}

class MalformedRequestTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { running_ = new RunningSandbox(100); }
  static void TearDownTestSuite() {
    delete running_;
    running_ = nullptr;
  }

  struct Method {
    const MethodPolicy* policy;
    const MethodDescriptor* descriptor;
    std::string party;
    const char* role;
    bool streams() const {
      return descriptor->client_streaming() || descriptor->server_streaming();
    }
  };

  // Every method of our gRPC services, with a caller who may call it.
  static std::vector<Method> Methods() {
    std::vector<Method> methods;
    for (const auto* file : FilesOfServices()) {
      for (int service = 0; service < file->service_count(); ++service) {
        for (int i = 0; i < file->service(service)->method_count(); ++i) {
          const MethodDescriptor* method = file->service(service)->method(i);
          const MethodPolicy* policy =
              PolicyFor("/" + file->service(service)->full_name() + "/" + method->name());
          methods.push_back(
              {policy, method, PartyOf(*policy),
               file->service(service)->name() == "RecordService" ? "DOCTOR" : "ADMINISTRATOR"});
        }
      }
    }
    return methods;
  }

  static std::string PartyOf(const MethodPolicy& policy) {
    switch (policy.port) {
      case Port::kInsurer:
        return dev::InsurerName(
            synth::TestPersons(running_->sandbox().nation_day()).front().ask.insurer_number);
      case Port::kOperator:
        return "operator";
      default:
        return dev::TerminalName(synth::test_facility::kClinic, synth::test_facility::kDesk);
    }
  }

  const std::shared_ptr<grpc::Channel>& ChannelOf(const Method& method) {
    auto& channel = channels_[method.party];
    if (!channel) {
      const auto& ports = running_->sandbox().ports();
      const int port = method.policy->port == Port::kInsurer    ? ports.insurer
                       : method.policy->port == Port::kOperator ? ports.operators
                                                                : ports.terminal;
      channel = *dev::OpenChannel(running_->paths(), method.party, port);
    }
    return channel;
  }

  Outcome Send(const Method& method, const MalformedRequest& request) {
    ++sent_;
    ++sent_in_all_;
    Outcome outcome = CallWith(ChannelOf(method), std::string(method.policy->method),
                               request.octets, {{"kakunin-role", method.role}});
    for (const std::string& text :
         {outcome.status.error_message(), outcome.status.error_details()}) {
      EXPECT_EQ(text.find(kMarkOfMalformed), std::string::npos)
          << method.policy->method << " repeats " << request.field << ", " << request.fault;
    }
    return outcome;
  }

  // Whether it is an answer, or a refusal that says why.
  static bool IsClean(const Outcome& outcome) {
    switch (outcome.status.error_code()) {
      case grpc::StatusCode::OK:
        return true;
      case grpc::StatusCode::INVALID_ARGUMENT:
      case grpc::StatusCode::NOT_FOUND:
      case grpc::StatusCode::FAILED_PRECONDITION:
      case grpc::StatusCode::PERMISSION_DENIED:
      case grpc::StatusCode::UNAUTHENTICATED:  // a log-in of nobody
        return !outcome.reason().empty();
      default:
        return false;
    }
  }

  static std::string Described(const Outcome& outcome) {
    std::string text =
        fmt::format("{} {}", static_cast<int>(outcome.status.error_code()), outcome.reason());
    for (const FieldViolation& violation : DescribeError(outcome.status).violations) {
      text += " " + violation.field;
    }
    return text;
  }

  static RunningSandbox* running_;
  static int sent_in_all_;
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_;
  int sent_ = 0;
};

RunningSandbox* MalformedRequestTest::running_ = nullptr;
int MalformedRequestTest::sent_in_all_ = 0;

TEST_F(MalformedRequestTest, EveryFieldOfEveryMethodIsRefusedByName) {
  std::set<std::string> classes;
  for (const Method& method : Methods()) {
    // What is wrong with a row of a stream is told of the row (feed_to_truth_test,
    // bulk_service_test).
    // What is wrong with a row is told of the row (reference_number_service_test).
    if (method.descriptor->client_streaming() || method.descriptor->name().starts_with("Batch")) {
      continue;
    }
    for (const MalformedRequest& request : MalformedFields(*method.descriptor->input_type())) {
      const Outcome outcome = Send(method, request);
      if (IsJudgedLater(request)) {
        EXPECT_TRUE(IsClean(outcome)) << method.policy->method << "\t" << request.field << "\t"
                                      << request.fault << "\t" << Described(outcome);
        continue;
      }
      classes.insert(request.fault);
      const auto error = DescribeError(outcome.status);
      const bool named = std::ranges::any_of(
          error.violations,
          [&](const FieldViolation& violation) { return violation.field == request.field; });
      EXPECT_TRUE(outcome.status.error_code() == grpc::StatusCode::INVALID_ARGUMENT && named)
          << method.policy->method << "\t" << request.field << "\t" << request.fault << "\t"
          << Described(outcome);
    }
  }
  fmt::print("{} requests, {} kinds of faults of fields\n", sent_, classes.size());
}

TEST_F(MalformedRequestTest, OctetsThatAreNoMessageAreRefusedByEveryMethod) {
  for (const Method& method : Methods()) {
    // gRPC ends such a stream like one whose caller has said everything.
    if (method.descriptor->client_streaming()) continue;
    for (const MalformedRequest& request : MalformedOctets()) {
      const Outcome outcome = Send(method, request);
      EXPECT_EQ(outcome.reason(), "INVALID_FIELDS")
          << method.policy->method << "\t" << request.fault << "\t" << Described(outcome);
    }
  }
  fmt::print("{} requests\n", sent_);
}

TEST_F(MalformedRequestTest, AMessageCutAnywhereBreaksNothing) {
  for (const Method& method : Methods()) {
    if (method.streams()) continue;
    for (const MalformedRequest& request : CutShort(*method.descriptor->input_type())) {
      const Outcome outcome = Send(method, request);
      EXPECT_TRUE(IsClean(outcome))
          << method.policy->method << "\t" << request.fault << "\t" << Described(outcome);
    }
  }
  fmt::print("{} requests\n", sent_);
}

TEST_F(MalformedRequestTest, AMessageWithAnyOctetChangedBreaksNothing) {
  SCOPED_TRACE(SeedTrace());
  std::mt19937_64 random(TestSeed());
  for (const Method& method : Methods()) {
    if (method.streams()) continue;
    for (const MalformedRequest& request :
         WithAnOctetChanged(*method.descriptor->input_type(), random)) {
      const Outcome outcome = Send(method, request);
      EXPECT_TRUE(IsClean(outcome))
          << method.policy->method << "\t" << request.fault << "\t" << Described(outcome);
    }
  }
  fmt::print("{} requests\n", sent_);
}

TEST_F(MalformedRequestTest, NoMethodIsLeftOut) {
  const auto ours = std::ranges::count_if(AllMethodPolicies(), [](const MethodPolicy& policy) {
    // The onboarding port takes a few calls a minute of one address (enrolment_service_test).
    return policy.port != Port::kWeb && policy.port != Port::kOnboarding &&
           policy.method.starts_with("/kakunin.");
  });
  EXPECT_EQ(static_cast<ptrdiff_t>(Methods().size()), ours);
}

// Declared last, so it runs last.
TEST_F(MalformedRequestTest, TheServerLivesAndItsLogRepeatsNothing) {
  EXPECT_TRUE(AwaitReady(running_->sandbox().ports().admin));
  const std::string log = FileText(running_->paths().server_log());
  EXPECT_FALSE(log.empty());
  EXPECT_EQ(log.find(kMarkOfMalformed), std::string::npos);
  EXPECT_EQ(log.find("INTERNAL"), std::string::npos);
  fmt::print("{} requests in all\n", sent_in_all_);
  const auto* run = testing::UnitTest::GetInstance();
  if (run->test_to_run_count() == run->total_test_count()) {
    EXPECT_GE(sent_in_all_, 10'000);
  }
}

}  // namespace
}  // namespace kakunin::e2e
