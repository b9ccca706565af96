// What must hold for every service and message of the API, whoever adds one.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

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
#include "kakunin/v1/enrolment_service.pb.h"
#include "kakunin/v1/facility_settings_service.pb.h"
#include "kakunin/v1/identity_case_service.pb.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "kakunin/v1/notice_service.pb.h"
#include "kakunin/v1/onboarding_service.pb.h"
#include "kakunin/v1/operations_service.pb.h"
#include "kakunin/v1/reception_app_service.pb.h"
#include "kakunin/v1/reception_link_service.pb.h"
#include "kakunin/v1/reception_service.pb.h"
#include "kakunin/v1/record_service.pb.h"
#include "kakunin/v1/reference_number_service.pb.h"
#include "kakunin/v1/terminal_certificate_service.pb.h"
#include "tests/architecture/source_tree.h"

namespace kakunin::architecture {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::vector<const FileDescriptor*> ServiceFiles() {
  return {v1::ConfirmByCardRequest::descriptor()->file(),
          v1::CoverageRow::descriptor()->file(),
          v1::CardLink::descriptor()->file(),
          v1::Terminal::descriptor()->file(),
          v1::PatientKey::descriptor()->file(),
          v1::FacilityAccess::descriptor()->file(),
          v1::Consent::descriptor()->file(),
          v1::IdentityCase::descriptor()->file(),
          v1::LagClass::descriptor()->file(),
          v1::Notice::descriptor()->file(),
          v1::BulkInquiry::descriptor()->file(),
          v1::ReceptionLink::descriptor()->file(),
          v1::ReceptionApp::descriptor()->file(),
          v1::ReferenceNumberChange::descriptor()->file(),
          v1::ConsentedPatient::descriptor()->file(),
          v1::OwnConsent::descriptor()->file(),
          v1::IssuedCertificate::descriptor()->file(),
          v1::RenewCertificateRequest::descriptor()->file(),
          v1::CertificateRequest::descriptor()->file(),
          v1::Account::descriptor()->file(),
          v1::CreateAdministratorRequest::descriptor()->file(),
          v1::FacilitySettings::descriptor()->file(),
          v1::Applicant::descriptor()->file(),
          v1::AbnormalTimesInForce::descriptor()->file(),
          v1::AbnormalTimesContent::descriptor()->file(),
          v1::DecideApplicationRequest::descriptor()->file()};
}

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const FileDescriptor* file : ServiceFiles()) {
    for (int s = 0; s < file->service_count(); ++s) {
      const ServiceDescriptor* service = file->service(s);
      for (int m = 0; m < service->method_count(); ++m) methods.push_back(service->method(m));
    }
  }
  return methods;
}

std::string PathOf(const MethodDescriptor& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

TEST(Api, EveryProtoFileIsLookedAtHere) {
  std::set<std::string> known = {"kakunin/v1/record_types.proto", "kakunin/v1/types.proto"};
  for (const FileDescriptor* file : ServiceFiles()) known.insert(file->name());
  for (const SourceFile& file : ReadTree({".proto"})) {
    if (file.path.starts_with("proto/grpc/")) continue;
    if (file.path.starts_with("proto/kakunin/stored/")) continue;  // never on the wire
    EXPECT_TRUE(known.contains(file.path.substr(std::string_view("proto/").size()))) << file.path;
  }
}

TEST(Api, EveryMethodHasAPolicyRow) {
  for (const MethodDescriptor* method : Methods()) {
    EXPECT_NE(PolicyFor(PathOf(*method)), nullptr) << PathOf(*method);
  }
}

TEST(Api, EveryPolicyRowIsAboutAMethodAndNoneIsRepeated) {
  std::set<std::string> methods;
  for (const MethodDescriptor* method : Methods()) methods.insert(PathOf(*method));
  std::set<std::string_view> seen;
  std::set<Operation> operations;
  for (const MethodPolicy& policy : AllMethodPolicies()) {
    EXPECT_TRUE(seen.insert(policy.method).second) << policy.method;
    operations.insert(policy.operation);
    EXPECT_FALSE(policy.admits.empty()) << policy.method;
    EXPECT_GT(policy.default_deadline, absl::ZeroDuration()) << policy.method;
    if (policy.method.starts_with("/kakunin.")) {
      EXPECT_TRUE(methods.contains(std::string(policy.method))) << policy.method;
    }
  }
  EXPECT_GE(operations.size(), methods.size());
}

TEST(Api, EveryMethodHasItsOwnRequestAndResponse) {
  std::set<std::string> messages;
  for (const MethodDescriptor* method : Methods()) {
    EXPECT_TRUE(messages.insert(method->input_type()->full_name()).second) << PathOf(*method);
    EXPECT_TRUE(messages.insert(method->output_type()->full_name()).second) << PathOf(*method);
  }
}

// Collect adds the names of the fields that `message` reaches, each once.
void Collect(const Descriptor& message, std::set<const FieldDescriptor*>& fields) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* field = message.field(i);
    if (!fields.insert(field).second) continue;
    if (field->message_type() != nullptr) Collect(*field->message_type(), fields);
  }
}

bool ReachesIndividualNumber(const MethodDescriptor& method) {
  std::set<const FieldDescriptor*> fields;
  Collect(*method.input_type(), fields);
  Collect(*method.output_type(), fields);
  for (const FieldDescriptor* field : fields) {
    if (field->name().find("individual_number") != std::string::npos ||
        field->name().find("my_number") != std::string::npos) {
      return true;
    }
  }
  return false;
}

TEST(Api, TheIndividualNumberIsReachedByWhoeverDeliversAndByOperatorsOnly) {
  std::set<std::string> reached;
  for (const MethodDescriptor* method : Methods()) {
    if (!ReachesIndividualNumber(*method)) continue;
    reached.insert(PathOf(*method));
    const MethodPolicy* policy = PolicyFor(PathOf(*method));
    ASSERT_NE(policy, nullptr);
    for (const ActorKind kind : policy->admits) {
      EXPECT_TRUE(kind == ActorKind::kInsurer || kind == ActorKind::kClaimsReviewer ||
                  kind == ActorKind::kCardLinkProvider || kind == ActorKind::kOperator)
          << PathOf(*method);
    }
  }
  const std::set<std::string> kExpected = {"/kakunin.v1.ApplicationReviewService/PublishTestPerson",
                                           "/kakunin.v1.InsurerFeedService/PushRows",
                                           "/kakunin.v1.CardLinkService/PushCardLinks",
                                           "/kakunin.v1.CardLinkService/PushNumberChanges",
                                           "/kakunin.v1.OperationsService/ProposePersonRepair",
                                           "/kakunin.v1.OperationsService/ProtectPatient"};
  EXPECT_EQ(reached, kExpected);
}

TEST(Api, NoAnswerHasAFieldForTheIndividualNumber) {
  for (const MethodDescriptor* method : Methods()) {
    std::set<const FieldDescriptor*> fields;
    Collect(*method->output_type(), fields);
    for (const FieldDescriptor* field : fields) {
      EXPECT_EQ(field->name().find("individual_number"), std::string::npos) << field->full_name();
    }
  }
}

}  // namespace
}  // namespace kakunin::architecture
