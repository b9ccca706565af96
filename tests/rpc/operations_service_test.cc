#include "server/rpc/operations_service.h"

#include <gtest/gtest.h>

#include "kakunin/v1/operations_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/status.h"
#include "server/usecases/feed_keys.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/identity_case_store.h"
#include "storage/postgres/number_store.h"
#include "storage/postgres/person_repair_store.h"
#include "storage/postgres/protection_store.h"
#include "storage/postgres/request_store.h"
#include "storage/postgres/text_value.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

class OperationsServiceTest : public testing::Test {
 protected:
  OperationsServiceTest() {
    RegisterTestCallers(database_, clock_.Now());
    server_ = std::make_unique<RpcServer>(database_, clock_, Port::kOperator);
    service_ = MakeOperationsService({server_->dispatch(), server_->database(),
                                      server_->registry_store(), requests_, feeds_, histories_,
                                      look_up_key_, audit_key_, protections_, number_key_, repairs_,
                                      cases_, numbers_, CopiesOfThisFormat()});
    server_->Start(*service_);
    stub_ = StubOf(Caller::kOperator);
  }
  ~OperationsServiceTest() override { server_->Stop(); }

  std::unique_ptr<v1::OperationsService::Stub> StubOf(Caller caller) {
    return v1::OperationsService::NewStub(server_->Channel(caller));
  }

  static v1::RegisterFacilityRequest FacilityRequest(const std::string& code = "1398765432") {
    v1::RegisterFacilityRequest request;
    request.set_request_id(TestUuid());
    request.mutable_facility()->set_facility_code(code);
    request.mutable_facility()->set_type(v1::FACILITY_TYPE_PHARMACY);
    request.mutable_facility()->set_name("試験薬局");
    request.mutable_facility()->set_active(true);
    return request;
  }
  static v1::RegisterTerminalRequest TerminalRequest(const TestIdentity& identity) {
    v1::RegisterTerminalRequest request;
    request.set_request_id(TestUuid());
    request.set_facility_code(kTestFacility);
    request.set_terminal_id("desk-9");
    request.set_kind(v1::TERMINAL_KIND_DESK);
    request.set_certificate_pem(identity.certificate_pem);
    return request;
  }

  template <class Method, class Request, class Response>
  grpc::Status Call(Method method, const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    return ((*stub_).*method)(&context, request, &response);
  }
  grpc::Status Register(const v1::RegisterFacilityRequest& request,
                        v1::RegisterFacilityResponse& response) {
    return Call(&v1::OperationsService::Stub::RegisterFacility, request, response);
  }
  grpc::Status Register(const v1::RegisterTerminalRequest& request,
                        v1::RegisterTerminalResponse& response) {
    return Call(&v1::OperationsService::Stub::RegisterTerminal, request, response);
  }
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }

  TestDatabase database_;
  SettableClock clock_;
  PostgresRequestStore requests_;
  PostgresProtectionStore protections_;
  PostgresFeedStore feeds_;
  PostgresCoverageHistoryStore histories_;
  PostgresPersonRepairStore repairs_;
  PostgresIdentityCaseStore cases_;
  PostgresNumberStore numbers_;
  auth::HmacKey look_up_key_ = TestKey("look-up");
  auth::HmacKey audit_key_ = TestKey("audit");
  auth::HmacKey number_key_ = TestKey("individual number");
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<v1::OperationsService::Stub> stub_;
};

TEST_F(OperationsServiceTest, RegistersAFacilityAndAuditsIt) {
  v1::RegisterFacilityResponse response;
  const grpc::Status status = Register(FacilityRequest(), response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(response.created());
  EXPECT_EQ(response.facility().name(), "試験薬局");
  const auto id = AuditIdFromText(response.audit_id());
  ASSERT_TRUE(id.has_value());
  const auto rows =
      database_.Exec("SELECT actor, operation, details FROM kakunin.audit_event WHERE number = " +
                     std::to_string(id->number));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0][0].as<std::string>(), kTestOperator);
  EXPECT_EQ(rows[0][1].as<int>(), static_cast<int>(Operation::kRegisterFacility));
  EXPECT_EQ(rows[0][2].as<std::string>(), "facility=1398765432;created=1;active=1");
  EXPECT_EQ(server_->observer().Count(), 1);
}

TEST_F(OperationsServiceTest, ARepetitionGetsTheSameAnswerAndAnotherBodyIsRefused) {
  auto request = FacilityRequest();
  v1::RegisterFacilityResponse first;
  v1::RegisterFacilityResponse second;
  ASSERT_TRUE(Register(request, first).ok());
  ASSERT_TRUE(Register(request, second).ok());
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  request.mutable_facility()->set_name("別の名称");
  EXPECT_EQ(DescribeError(Register(request, second)).reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(Count("audit_event"), 3);
  EXPECT_EQ(Count("request_outcome WHERE response IS NOT NULL"), 1);
}

TEST_F(OperationsServiceTest, ValidateOnlyChangesNothing) {
  auto request = FacilityRequest();
  request.set_validate_only(true);
  v1::RegisterFacilityResponse response;
  ASSERT_TRUE(Register(request, response).ok());
  EXPECT_TRUE(response.created());
  EXPECT_EQ(Count("facility WHERE facility_code = '1398765432'"), 0);
  EXPECT_EQ(Count("request_outcome"), 0);
}

TEST_F(OperationsServiceTest, TellsEveryViolationAtOnceAndNoValue) {
  v1::RegisterFacilityRequest request;
  request.set_request_id("secret");
  request.mutable_facility()->set_facility_code("12345");
  v1::RegisterFacilityResponse response;
  const grpc::Status status = Register(request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const ErrorDescription told = DescribeError(status);
  ASSERT_EQ(told.violations.size(), 4u);
  EXPECT_EQ(told.violations[0].field, "request_id");
  EXPECT_EQ(told.violations[1].field, "facility.facility_code");
  EXPECT_EQ(told.violations[2].field, "facility.type");
  EXPECT_EQ(told.violations[3].field, "facility.name");
  EXPECT_EQ(status.error_details().find("secret"), std::string::npos);
  EXPECT_EQ(status.error_details().find("12345"), std::string::npos);
}

TEST_F(OperationsServiceTest, RegistersATerminalAndReplacesItsCertificate) {
  const TestIdentity identity = IssueTestIdentity({TerminalUri(kTestFacility, "desk-9")});
  v1::RegisterTerminalResponse response;
  ASSERT_TRUE(Register(TerminalRequest(identity), response).ok());
  EXPECT_TRUE(response.created());
  EXPECT_EQ(response.terminal().certificate_fingerprint(),
            std::string(identity.fingerprint.begin(), identity.fingerprint.end()));
  EXPECT_LT(TimeFromProto(response.terminal().not_before()),
            TimeFromProto(response.terminal().not_after()));

  // Another certificate replaces the binding.
  const TestIdentity renewed = IssueTestIdentity({TerminalUri(kTestFacility, "desk-9")});
  ASSERT_TRUE(Register(TerminalRequest(renewed), response).ok());
  EXPECT_FALSE(response.created());
  EXPECT_EQ(Count("terminal WHERE terminal_id = 'desk-9'"), 1);
}

TEST_F(OperationsServiceTest, RefusesCertificatesThatAreTakenOrNameSomebodyElse) {
  v1::RegisterTerminalResponse response;
  const TestIdentity other = IssueTestIdentity({TerminalUri(kTestFacility, "desk-8")});
  const ErrorDescription named = DescribeError(Register(TerminalRequest(other), response));
  EXPECT_EQ(named.violations.at(0).field, "certificate_pem");

  // The renamed terminal's certificate is bound to renewed-1 and names somebody-else.
  auto taken = TerminalRequest(IdentityOf(Caller::kRenamedTerminal));
  taken.set_terminal_id("somebody-else");
  EXPECT_EQ(DescribeError(Register(taken, response)).reason, "CERTIFICATE_IN_USE");

  auto lost = TerminalRequest(IssueTestIdentity({TerminalUri("1300000000", "desk-9")}));
  lost.set_facility_code("1300000000");
  EXPECT_EQ(DescribeError(Register(lost, response)).reason, "FACILITY_NOT_FOUND");
  EXPECT_EQ(Count("audit_event WHERE reason = 'FACILITY_NOT_FOUND'"), 1);
}

TEST_F(OperationsServiceTest, AnInsurersNumberNeedsItsCheckDigit) {
  v1::RegisterInsurerRequest request;
  request.set_request_id(TestUuid());
  request.set_insurer_number("06139464");
  request.set_name("試験組合");
  request.set_certificate_pem(IssueTestIdentity({InsurerUri("06139464")}).certificate_pem);
  v1::RegisterInsurerResponse response;
  const auto method = &v1::OperationsService::Stub::RegisterInsurer;
  EXPECT_EQ(DescribeError(Call(method, request, response)).violations.at(0).field,
            "insurer_number");
  request.set_insurer_number("00131235");
  request.set_certificate_pem(IssueTestIdentity({InsurerUri("00131235")}).certificate_pem);
  ASSERT_TRUE(Call(method, request, response).ok());
  EXPECT_TRUE(response.insurer().active());
}

constexpr char kSomebody[] = "123456789018";  // its check digit is right

TEST_F(OperationsServiceTest, APatientIsProtectedOnceAndTheAuditNamesNobody) {
  const auto hash = HashOf(number_key_, *IndividualNumber::Parse(kSomebody));
  database_.Exec(
      "INSERT INTO kakunin.person_number (number_hash, key_id, person_id, known_from)"
      " VALUES ('" +
      ByteaText(hash.hash) + "', 'k', gen_random_uuid(), '2026-01-01Z')");
  const auto method = &v1::OperationsService::Stub::ProtectPatient;
  const auto stored = [&] {
    const pqxx::result rows = database_.Exec(
        "SELECT hide_address, hide_facility_names FROM kakunin.person_protection"
        " JOIN kakunin.person_number USING (person_id)");
    return rows.empty() ? std::string("none")
                        : std::string(rows[0][0].c_str()) + rows[0][1].c_str();
  };
  v1::ProtectPatientRequest request;
  request.set_request_id(TestUuid());
  request.set_individual_number(kSomebody);
  request.mutable_protection()->set_hide_address(true);
  request.set_validate_only(true);
  v1::ProtectPatientResponse response;
  ASSERT_TRUE(Call(method, request, response).ok());
  EXPECT_EQ(stored(), "none");

  request.set_validate_only(false);
  ASSERT_TRUE(Call(method, request, response).ok());
  EXPECT_FALSE(response.previous().hide_address());
  EXPECT_EQ(stored(), "tf");
  v1::ProtectPatientResponse repeated;
  ASSERT_TRUE(Call(method, request, repeated).ok());
  EXPECT_EQ(repeated.audit_id(), response.audit_id());  // done once, told twice
  EXPECT_FALSE(repeated.previous().hide_address());
  request.mutable_protection()->set_hide_facility_names(true);
  EXPECT_EQ(DescribeError(Call(method, request, response)).reason, "REQUEST_ID_REUSED");

  request.set_request_id(TestUuid());
  request.mutable_protection()->set_hide_address(false);
  ASSERT_TRUE(Call(method, request, response).ok());
  EXPECT_TRUE(response.previous().hide_address());
  EXPECT_FALSE(response.previous().hide_facility_names());
  EXPECT_EQ(stored(), "ft");

  const pqxx::result audited = database_.Exec(
      "SELECT count(*) FILTER (WHERE a.person IS NULL), count(*) FILTER (WHERE a.person ="
      " n.person_id), count(*) FILTER (WHERE a.details LIKE '%" +
      std::string(kSomebody) +
      "%')"
      " FROM kakunin.audit_event a, kakunin.person_number n"
      " WHERE a.operation = 46 AND a.code = 0 AND a.details NOT LIKE '%repeat=1%'");
  EXPECT_EQ(audited[0][0].as<int>(), 0);
  EXPECT_EQ(audited[0][1].as<int>(), 0);  // by a pseudonym
  EXPECT_EQ(audited[0][2].as<int>(), 0);
}

TEST_F(OperationsServiceTest, NobodyAndNothingAreNotProtected) {
  const auto method = &v1::OperationsService::Stub::ProtectPatient;
  v1::ProtectPatientRequest request;
  v1::ProtectPatientResponse response;
  EXPECT_EQ(DescribeError(Call(method, request, response)).violations.size(), 3u);
  request.set_request_id(TestUuid());
  request.set_individual_number("123456789012");  // a wrong check digit
  request.mutable_protection();
  EXPECT_EQ(DescribeError(Call(method, request, response)).violations.at(0).field,
            "individual_number");
  request.set_individual_number(kSomebody);
  EXPECT_EQ(DescribeError(Call(method, request, response)).reason, "PERSON_NOT_FOUND");
}

TEST_F(OperationsServiceTest, ARevokedTerminalIsRefusedOnItsOpenConnectionWithinASecond) {
  RpcServer desk(database_, clock_, Port::kEvery);
  const auto service =
      MakeOperationsService({desk.dispatch(), desk.database(), desk.registry_store(), requests_,
                             feeds_, histories_, look_up_key_, audit_key_, protections_,
                             number_key_, repairs_, cases_, numbers_, CopiesOfThisFormat()});
  desk.Start(*service);
  const auto terminal = v1::OperationsService::NewStub(desk.Channel(Caller::kTerminal));
  const auto reason_now = [&] {
    grpc::ClientContext context;
    v1::RegisterFacilityResponse response;
    return DescribeError(terminal->RegisterFacility(&context, {}, &response)).reason;
  };
  ASSERT_EQ(reason_now(), "WRONG_KIND_OF_CALLER");  // known, only at the wrong door

  v1::RevokeTerminalRequest request;
  request.set_request_id(TestUuid());
  request.set_facility_code(kTestFacility);
  request.set_terminal_id(kTestTerminal);
  request.set_reason(v1::REVOCATION_REASON_LOST);
  v1::RevokeTerminalResponse response;
  ASSERT_TRUE(Call(&v1::OperationsService::Stub::RevokeTerminal, request, response).ok());
  EXPECT_TRUE(response.terminal().revoked());
  const auto returned = std::chrono::steady_clock::now();
  while (reason_now() != "TERMINAL_REVOKED") {
    ASSERT_LT(std::chrono::steady_clock::now() - returned, std::chrono::seconds(1));
  }
}

TEST_F(OperationsServiceTest, EveryMethodRefusesEveryWrongCaller) {
  struct Wrong {
    Caller caller;
    std::string reason;  // empty: the handshake fails
  };
  const Wrong wrongs[] = {{Caller::kTerminal, "WRONG_KIND_OF_CALLER"},
                          {Caller::kInsurer, "WRONG_KIND_OF_CALLER"},
                          {Caller::kRevokedTerminal, "TERMINAL_REVOKED"},
                          {Caller::kLapsedTerminal, "CERTIFICATE_EXPIRED"},
                          {Caller::kRenamedTerminal, "CERTIFICATE_NAMES_DIFFER"},
                          {Caller::kUnknown, "CERTIFICATE_NOT_REGISTERED"},
                          {Caller::kForeign, ""},
                          {Caller::kExpired, ""},
                          {Caller::kNobody, ""}};
  for (const Wrong& wrong : wrongs) {
    stub_ = StubOf(wrong.caller);
    const auto check = [&](const grpc::Status& status) {
      EXPECT_EQ(DescribeError(status).reason, wrong.reason);
      EXPECT_EQ(status.error_code(), wrong.reason.empty() ? grpc::StatusCode::UNAVAILABLE
                                                          : grpc::StatusCode::PERMISSION_DENIED);
    };
    using Stub = v1::OperationsService::Stub;
    v1::RegisterFacilityResponse facility;
    check(Call(&Stub::RegisterFacility, v1::RegisterFacilityRequest(), facility));
    v1::RegisterTerminalResponse terminal;
    check(Call(&Stub::RegisterTerminal, v1::RegisterTerminalRequest(), terminal));
    v1::RegisterInsurerResponse insurer;
    check(Call(&Stub::RegisterInsurer, v1::RegisterInsurerRequest(), insurer));
    v1::RevokeTerminalResponse revoked;
    check(Call(&Stub::RevokeTerminal, v1::RevokeTerminalRequest(), revoked));
  }
  EXPECT_EQ(Count("facility"), 1);
}

}  // namespace
}  // namespace kakunin
