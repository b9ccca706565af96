#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "auth/certificate_request.h"
#include "auth/encoding.h"
#include "auth/terminal_issuance.h"
#include "auth/uuid.h"
#include "kakunin/v1/certificate_renewal_service.grpc.pb.h"
#include "kakunin/v1/enrolment_service.grpc.pb.h"
#include "kakunin/v1/terminal_certificate_service.grpc.pb.h"
#include "server/rpc/certificate_renewal_service.h"
#include "server/rpc/enrolment_service.h"
#include "server/rpc/status.h"
#include "server/rpc/terminal_certificate_service.h"
#include "server/usecases/revoke_terminal.h"
#include "storage/postgres/request_store.h"
#include "storage/postgres/terminal_certificate_store.h"
#include "tests/rpc/raw_call.h"
#include "tests/support/rpc_server.h"

namespace kakunin {

// What a call came to: "" or the reason, with the answer.
template <class Response>
struct Asked {
  std::string reason;
  Response answer;
};

// TerminalCertificateFixture is the three ports that terminals' certificates pass through, over TLS
// and PostgreSQL, with two operators and the authority's key in the test's own hand.
class TerminalCertificateFixture : public testing::Test {
 protected:
  using Operators = v1::TerminalCertificateService::Stub;
  using Enrolment = v1::EnrolmentService::Stub;
  using Renewal = v1::CertificateRenewalService::Stub;
  static constexpr char kNewTerminal[] = "desk-9";
  static constexpr char kRenewalMethod[] = "/kakunin.v1.CertificateRenewalService/RenewCertificate";

  TerminalCertificateFixture() {
    RegisterTestCallers(database_, clock_.Now());
    RegisterSecondOperator();
    authority_ = {.ca_pem = auth::CertificatePem(TestClientCa().certificate_der),
                  .trust_domain = "kakunin.test"};
    operators_ = std::make_unique<RpcServer>(database_, clock_, Port::kOperator);
    operator_service_ = MakeTerminalCertificateService(
        {operators_->dispatch(), operators_->database(), operators_->registry_store(), store_,
         requests_, look_up_key_, audit_key_, [this]() -> absl::StatusOr<TerminalAuthority> {
           if (!authority_) return MakeError(Reason::kCertificateAuthorityMissing);
           return *authority_;
         }});
    operators_->Start(*operator_service_);
    onboarding_ = std::make_unique<RpcServer>(database_, clock_, Port::kOnboarding, PeerSource{},
                                              nullptr, &limits_);
    enrolment_service_ = MakeEnrolmentService({onboarding_->dispatch(), onboarding_->database(),
                                               onboarding_->registry_store(), store_, limits_,
                                               look_up_key_, audit_key_});
    onboarding_->Start(*enrolment_service_);
    terminals_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    renewal_service_ =
        MakeCertificateRenewalService({terminals_->dispatch(), terminals_->database(),
                                       terminals_->registry_store(), store_, audit_key_});
    terminals_->Start(*renewal_service_);
  }
  ~TerminalCertificateFixture() override {
    operators_->Stop();
    onboarding_->Stop();
    terminals_->Stop();
  }

  void RegisterSecondOperator() {
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
  }

  template <class Stub, class Request, class Response>
  Asked<Response> Ask(const std::unique_ptr<Stub>& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request) {
    grpc::ClientContext context;
    Asked<Response> asked;
    const grpc::Status status = (stub.get()->*method)(&context, request, &asked.answer);
    if (status.ok()) return asked;
    asked.reason = DescribeError(status).reason;
    if (asked.reason.empty()) asked.reason = "transport: " + status.error_message();
    return asked;
  }
  template <class Request, class Response>
  Asked<Response> Operate(const TestIdentity& who,
                          grpc::Status (Operators::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                          Request request) {
    request.set_request_id(TestUuid());
    return Ask(v1::TerminalCertificateService::NewStub(operators_->Channel(who)), method, request);
  }

  Asked<v1::IssueEnrolmentCodeResponse> Issue(const std::string& terminal = kNewTerminal) {
    v1::IssueEnrolmentCodeRequest request;
    request.set_facility_code(kTestFacility);
    request.set_terminal_id(terminal);
    request.set_kind(v1::TERMINAL_KIND_DESK);
    return Operate(first_, &Operators::IssueEnrolmentCode, request);
  }
  std::string Code(const std::string& terminal = kNewTerminal) {
    const auto issued = Issue(terminal);
    EXPECT_EQ(issued.reason, "");
    return issued.answer.code();
  }
  static std::string RequestPem(const auth::PrivateKey& key) {
    return auth::CertificateRequestPem(auth::MakeCertificateRequest(key, "test"));
  }
  Asked<v1::SubmitCertificateRequestResponse> Submit(const std::string& code,
                                                     const std::string& pem) {
    v1::SubmitCertificateRequestRequest request;
    request.set_code(code);
    request.set_certificate_request_pem(pem);
    return Ask(v1::EnrolmentService::NewStub(onboarding_->Channel(Caller::kNobody)),
               &Enrolment::SubmitCertificateRequest, request);
  }
  Asked<v1::GetEnrolledCertificateResponse> Fetch(const std::string& receipt) {
    v1::GetEnrolledCertificateRequest request;
    request.set_receipt(receipt);
    return Ask(v1::EnrolmentService::NewStub(onboarding_->Channel(Caller::kNobody)),
               &Enrolment::GetEnrolledCertificate, request);
  }

  // The id of the request for this key, as operators list it.
  std::string RequestOf(const auth::PrivateKey& key, v1::CertificateRequestState state = {}) {
    v1::ListCertificateRequestsRequest request;
    request.set_state(state);
    const auto listed = Ask(v1::TerminalCertificateService::NewStub(operators_->Channel(first_)),
                            &Operators::ListCertificateRequests, request);
    EXPECT_EQ(listed.reason, "");
    for (const auto& one : listed.answer.certificate_requests()) {
      if (one.key_fingerprint() == Fingerprint(key)) return one.certificate_request_id();
    }
    return "";
  }
  static std::string Fingerprint(const auth::PrivateKey& key) {
    return std::string(auth::AsText(auth::Sha256(key.PublicKeyDer())));
  }
  std::string Approve(const TestIdentity& who, const std::string& id, const std::string& key) {
    v1::ApproveCertificateRequestRequest request;
    request.set_certificate_request_id(id);
    request.set_key_fingerprint(key);
    return Operate(who, &Operators::ApproveCertificateRequest, request).reason;
  }
  std::string Refuse(const std::string& id) {
    v1::RefuseCertificateRequestRequest request;
    request.set_certificate_request_id(id);
    return Operate(second_, &Operators::RefuseCertificateRequest, request).reason;
  }
  Asked<v1::DeliverCertificateResponse> Deliver(const std::string& id, const std::string& pem) {
    v1::DeliverCertificateRequest request;
    request.set_certificate_request_id(id);
    request.set_certificate_pem(pem);
    return Operate(second_, &Operators::DeliverCertificate, request);
  }

  // What the authority would sign for a key.
  auth::TerminalCertificateSpec Spec(const auth::PrivateKey& key,
                                     const std::string& terminal = kNewTerminal,
                                     const std::string& facility = kTestFacility) const {
    const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now()));
    return {.name = {auth::PeerKind::kTerminal, "kakunin.test", facility, terminal},
            .public_key = key.PublicKeyDer(),
            .not_before = now - absl::Minutes(5),
            .not_after = now + absl::Hours(24)};
  }
  static std::string Signed(const auth::TerminalCertificateSpec& spec,
                            const auth::Authority& by = TestClientCa()) {
    return auth::CertificatePem(auth::IssueTerminalCertificate(by, spec));
  }
  static TestIdentity IdentityOfPem(const std::string& pem, const auth::PrivateKey& key) {
    return {pem, key.ToPem(), auth::Sha256(*auth::PemDecode("CERTIFICATE", pem))};
  }

  // Enrol takes a terminal all the way; its certificate and key.
  TestIdentity Enrol(const std::string& terminal = kNewTerminal) {
    const auth::PrivateKey key = auth::PrivateKey::GenerateP256();
    const auto submitted = Submit(Code(terminal), RequestPem(key));
    EXPECT_EQ(submitted.reason, "");
    const std::string id = RequestOf(key);
    EXPECT_EQ(Approve(second_, id, Fingerprint(key)), "");
    EXPECT_EQ(Deliver(id, Signed(Spec(key, terminal))).reason, "");
    clock_.Advance(kKnownEverywhereAfter);
    const auto fetched = Fetch(submitted.answer.receipt());
    EXPECT_EQ(fetched.reason, "");
    EXPECT_EQ(fetched.answer.state(), v1::CERTIFICATE_REQUEST_STATE_DELIVERED);
    const TestIdentity identity =
        IdentityOfPem(fetched.answer.certificate().certificate_pem(), key);
    EXPECT_TRUE(IsLetIn(terminals_->Channel(identity)));
    return identity;
  }

  Asked<v1::RenewCertificateResponse> Renew(const TestIdentity& who, const std::string& pem,
                                            const std::string& facility = kTestFacility) {
    v1::RenewCertificateRequest request;
    request.set_facility_code(facility);
    request.set_certificate_request_pem(pem);
    return Ask(v1::CertificateRenewalService::NewStub(terminals_->Channel(who)),
               &Renewal::RenewCertificate, request);
  }

  // Why the terminals' port refuses calls over a connection; INVALID_FIELDS is past the door.
  static std::string DoorSays(const std::shared_ptr<grpc::Channel>& channel) {
    return CallWithNothing(channel, kRenewalMethod).reason();
  }
  // Calls until the door says `wanted`. On a machine that does nothing else within a second
  // (every_method_test, e2e.sandbox).
  static testing::AssertionResult SaysSoon(const std::shared_ptr<grpc::Channel>& channel,
                                           const std::string& wanted) {
    return SaysWithin(std::chrono::seconds(10), channel, wanted);
  }
  // Past the door. Every refusal until then is an audit row, which the registry's reading has to
  // share the database with: nobody is promised a second.
  static testing::AssertionResult IsLetIn(const std::shared_ptr<grpc::Channel>& channel) {
    return SaysWithin(std::chrono::seconds(20), channel, "INVALID_FIELDS");
  }
  static testing::AssertionResult SaysWithin(std::chrono::seconds bound,
                                             const std::shared_ptr<grpc::Channel>& channel,
                                             const std::string& wanted) {
    const auto from = std::chrono::steady_clock::now();
    std::string said;
    do {
      said = DoorSays(channel);
      if (said == wanted) return testing::AssertionSuccess();
    } while (std::chrono::steady_clock::now() - from < bound);
    return testing::AssertionFailure() << "it says " << said;
  }

  const TestDatabase database_;
  SettableClock clock_;
  PostgresRequestStore requests_;
  PostgresTerminalCertificateStore store_;
  const auth::HmacKey look_up_key_ = TestKey("look-up");
  const auth::HmacKey audit_key_ = TestKey("audit");
  OnboardingLimits limits_{1000, 10'000};
  const TestIdentity first_ = IdentityOf(Caller::kOperator);  // issues codes
  const TestIdentity second_ = IssueTestIdentity({"spiffe://kakunin.test/operator/operator-2"});
  std::optional<TerminalAuthority> authority_;
  std::unique_ptr<grpc::Service> operator_service_;
  std::unique_ptr<grpc::Service> enrolment_service_;
  std::unique_ptr<QueuedService> renewal_service_;
  std::unique_ptr<RpcServer> operators_;
  std::unique_ptr<RpcServer> onboarding_;
  std::unique_ptr<RpcServer> terminals_;
};

}  // namespace kakunin
