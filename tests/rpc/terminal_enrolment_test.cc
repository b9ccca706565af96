// First certificates, from the code to the first call, over TLS and PostgreSQL.
#include <gtest/gtest.h>

#include "tests/rpc/terminal_certificate_fixture.h"

namespace kakunin {
namespace {

using auth::PrivateKey;

class TerminalEnrolmentTest : public TerminalCertificateFixture {
 protected:
  int Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int>();
  }
};

TEST_F(TerminalEnrolmentTest, FromTheCodeToTheFirstCall) {
  const auto issued = Issue();
  ASSERT_EQ(issued.reason, "");
  EXPECT_EQ(issued.answer.code().size(), 29u);
  // Nothing that opens anything is stored.
  EXPECT_EQ(Count("enrolment_code WHERE position('" + issued.answer.code().substr(10, 4) +
                  "' in secret_hash::text) > 0"),
            0);
  EXPECT_EQ(Count("request_outcome WHERE position('" + issued.answer.code() +
                  "'::bytea in response) > 0"),
            0);

  const PrivateKey key = PrivateKey::GenerateP256();
  const auto submitted = Submit(issued.answer.code(), RequestPem(key));
  ASSERT_EQ(submitted.reason, "");
  EXPECT_EQ(submitted.answer.facility_code(), kTestFacility);
  EXPECT_EQ(submitted.answer.terminal_id(), kNewTerminal);
  EXPECT_EQ(submitted.answer.key_fingerprint(), Fingerprint(key));
  EXPECT_EQ(Fetch(submitted.answer.receipt()).answer.state(),
            v1::CERTIFICATE_REQUEST_STATE_SUBMITTED);

  const std::string id = RequestOf(key);
  const std::string pem = Signed(Spec(key));
  EXPECT_EQ(Deliver(id, pem).reason, "CERTIFICATE_REQUEST_NOT_APPROVED");
  EXPECT_EQ(Approve(second_, id, Fingerprint(key)), "");
  EXPECT_EQ(Fetch(submitted.answer.receipt()).answer.state(),
            v1::CERTIFICATE_REQUEST_STATE_APPROVED);
  const TestIdentity terminal = IdentityOfPem(pem, key);
  const auto channel = terminals_->Channel(terminal);
  EXPECT_EQ(DoorSays(channel), "CERTIFICATE_NOT_REGISTERED");
  const auto delivered = Deliver(id, pem);
  ASSERT_EQ(delivered.reason, "");
  EXPECT_FALSE(delivered.answer.has_overlap_end_time());
  EXPECT_TRUE(IsLetIn(channel));
  // Not before every server knows it.
  EXPECT_EQ(Fetch(submitted.answer.receipt()).answer.state(),
            v1::CERTIFICATE_REQUEST_STATE_APPROVED);
  clock_.Advance(kKnownEverywhereAfter);
  const auto fetched = Fetch(submitted.answer.receipt());
  EXPECT_EQ(fetched.answer.state(), v1::CERTIFICATE_REQUEST_STATE_DELIVERED);
  EXPECT_EQ(fetched.answer.certificate().certificate_pem(), pem);
  EXPECT_EQ(fetched.answer.certificate().issuer_pem(), authority_->ca_pem);
  EXPECT_EQ(Deliver(id, pem).reason, "CERTIFICATE_REQUEST_DECIDED");
  EXPECT_EQ(Approve(second_, id, Fingerprint(key)), "CERTIFICATE_REQUEST_DECIDED");
}

TEST_F(TerminalEnrolmentTest, ACodeWorksOnceAndForItsOwnRequestAgain) {
  const std::string code = Code();
  const PrivateKey key = PrivateKey::GenerateP256();
  const std::string pem = RequestPem(key);
  const auto first = Submit(code, pem);
  ASSERT_EQ(first.reason, "");
  EXPECT_EQ(Submit(code, pem).answer.receipt(), first.answer.receipt());
  // A thief of the code, and the terminal when the thief was first.
  EXPECT_EQ(Submit(code, RequestPem(PrivateKey::GenerateP256())).reason, "ENROLMENT_CODE_USED");
  EXPECT_EQ(Submit(code, "nothing").reason, "ENROLMENT_CODE_USED");
  EXPECT_EQ(Count("certificate_request"), 1);
  EXPECT_EQ(Count("audit_event WHERE operation = 128 AND reason = 'ENROLMENT_CODE_USED'"), 2);
}

TEST_F(TerminalEnrolmentTest, ACodeEndsAtItsSecond) {
  const std::string early = Code("a");
  const std::string at = Code("b");
  const std::string late = Code("c");
  clock_.Advance(kEnrolmentCodeLife - absl::Seconds(1));
  EXPECT_EQ(Submit(early, RequestPem(PrivateKey::GenerateP256())).reason, "");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Submit(at, RequestPem(PrivateKey::GenerateP256())).reason, "ENROLMENT_CODE_EXPIRED");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Submit(late, RequestPem(PrivateKey::GenerateP256())).reason, "ENROLMENT_CODE_EXPIRED");
}

TEST_F(TerminalEnrolmentTest, FiveWrongTriesEndACodeAndNobodyLearnsThatThereIsOne) {
  const std::string code = Code();
  const std::string pem = RequestPem(PrivateKey::GenerateP256());
  std::string wrong = code;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  std::string unknown = wrong;
  unknown.front() = unknown.front() == '0' ? '1' : '0';
  for (int i = 0; i < kEnrolmentCodeTries - 1; ++i) {
    EXPECT_EQ(Submit(wrong, pem).reason, "ENROLMENT_CODE_REFUSED");
    EXPECT_EQ(Submit(unknown, pem).reason, "ENROLMENT_CODE_REFUSED");
    EXPECT_EQ(Submit("AB", pem).reason, "ENROLMENT_CODE_REFUSED");
  }
  EXPECT_EQ(Submit(wrong, pem).reason, "ENROLMENT_CODE_REFUSED");
  EXPECT_EQ(Submit(code, pem).reason, "ENROLMENT_CODE_REFUSED");
  EXPECT_EQ(Count("certificate_request"), 0);
  EXPECT_EQ(Count("audit_event WHERE details LIKE '%verdict=wrong%'"), kEnrolmentCodeTries);
  EXPECT_EQ(Count("audit_event WHERE details LIKE '%verdict=exhausted%'"), 1);
  EXPECT_EQ(Count("audit_event WHERE details LIKE '%verdict=unknown%'"), kEnrolmentCodeTries - 1);
  EXPECT_EQ(Count("audit_event WHERE operation = 128 AND actor LIKE 'address/%'"
                  " AND actor_kind = 4"),
            3 * kEnrolmentCodeTries - 1);
}

TEST_F(TerminalEnrolmentTest, FourWrongTriesLeaveACodeAsItWas) {
  const std::string code = Code();
  std::string wrong = code;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  const std::string pem = RequestPem(PrivateKey::GenerateP256());
  for (int i = 0; i < kEnrolmentCodeTries - 1; ++i) Submit(wrong, pem);
  EXPECT_EQ(Submit(code, pem).reason, "");
}

TEST_F(TerminalEnrolmentTest, ABadRequestHasItsOwnReasonAndLeavesTheCode) {
  const std::string code = Code();
  const PrivateKey owner = PrivateKey::GenerateP256();
  std::string forged = auth::MakeCertificateRequest(owner, "test");
  forged.back() = static_cast<char>(forged.back() ^ 1);
  EXPECT_EQ(Submit(code, "no request").reason, "CERTIFICATE_REQUEST_MALFORMED");
  EXPECT_EQ(Submit(code, RequestPem(PrivateKey::GenerateRsa(1024))).reason,
            "CERTIFICATE_REQUEST_WEAK_KEY");
  EXPECT_EQ(Submit(code, RequestPem(PrivateKey::GenerateRsa(2048, 3))).reason,
            "CERTIFICATE_REQUEST_WEAK_KEY");
  EXPECT_EQ(Submit(code, auth::CertificateRequestPem(forged)).reason,
            "CERTIFICATE_REQUEST_PROOF_FAILED");
  EXPECT_EQ(Submit(code, RequestPem(owner)).reason, "");
  EXPECT_EQ(Count("audit_event WHERE operation = 128 AND reason LIKE 'CERTIFICATE_REQUEST_%'"), 4);
}

TEST_F(TerminalEnrolmentTest, AKeyIsCertifiedOnce) {
  const PrivateKey key = PrivateKey::GenerateP256();
  const std::string second_code = Code("b");
  ASSERT_EQ(Submit(Code("a"), RequestPem(key)).reason, "");
  EXPECT_EQ(Submit(second_code, RequestPem(key)).reason, "CERTIFICATE_REQUEST_KEY_REUSED");
  // A refusal does not free it.
  EXPECT_EQ(Refuse(RequestOf(key)), "");
  EXPECT_EQ(Submit(second_code, RequestPem(key)).reason, "CERTIFICATE_REQUEST_KEY_REUSED");
  EXPECT_EQ(Submit(second_code, RequestPem(PrivateKey::GenerateP256())).reason, "");
}

TEST_F(TerminalEnrolmentTest, AReceiptOpensItsOwnRequestAlone) {
  const auto submitted = Submit(Code(), RequestPem(PrivateKey::GenerateP256()));
  std::string changed = submitted.answer.receipt();
  changed.front() = changed.front() == '0' ? '1' : '0';
  for (const std::string& wrong : {changed, std::string("x"), std::string(64, '0')}) {
    EXPECT_EQ(Fetch(wrong).reason, "ENROLMENT_RECEIPT_REFUSED");
  }
  EXPECT_EQ(Fetch("").reason, "INVALID_FIELDS");
}

TEST_F(TerminalEnrolmentTest, TheSecondPersonIsAnotherAndKnowsTheKey) {
  const PrivateKey key = PrivateKey::GenerateP256();
  ASSERT_EQ(Submit(Code(), RequestPem(key)).reason, "");
  const std::string id = RequestOf(key);
  EXPECT_EQ(Approve(first_, id, Fingerprint(key)), "CERTIFICATE_REQUEST_SAME_OPERATOR");
  EXPECT_EQ(Approve(second_, id, std::string(32, 'x')), "CERTIFICATE_REQUEST_OTHER_KEY");
  EXPECT_EQ(Approve(second_, id, "short"), "INVALID_FIELDS");
  EXPECT_EQ(Approve(second_, TestUuid(), Fingerprint(key)), "CERTIFICATE_REQUEST_NOT_FOUND");
  EXPECT_EQ(Approve(second_, id, Fingerprint(key)), "");
  EXPECT_EQ(Count("audit_event WHERE operation = 122 AND code <> 0"), 3);
}

TEST_F(TerminalEnrolmentTest, ARefusedRequestIsOver) {
  const PrivateKey key = PrivateKey::GenerateP256();
  const auto submitted = Submit(Code(), RequestPem(key));
  const std::string id = RequestOf(key);
  EXPECT_EQ(Refuse(id), "");
  EXPECT_EQ(Refuse(id), "CERTIFICATE_REQUEST_DECIDED");
  EXPECT_EQ(Approve(second_, id, Fingerprint(key)), "CERTIFICATE_REQUEST_DECIDED");
  EXPECT_EQ(Deliver(id, Signed(Spec(key))).reason, "CERTIFICATE_REQUEST_DECIDED");
  EXPECT_EQ(Fetch(submitted.answer.receipt()).answer.state(),
            v1::CERTIFICATE_REQUEST_STATE_REFUSED);
}

TEST_F(TerminalEnrolmentTest, WhatTheAuthoritySignedMustFitTheRequest) {
  const PrivateKey key = PrivateKey::GenerateP256();
  ASSERT_EQ(Submit(Code(), RequestPem(key)).reason, "");
  const std::string id = RequestOf(key);
  ASSERT_EQ(Approve(second_, id, Fingerprint(key)), "");
  const auto says = [&](const std::string& pem) { return Deliver(id, pem).reason; };
  auto spec = Spec(key);
  EXPECT_EQ(says(Signed(spec, auth::MakeAuthority(
                                  TestClientCa().subject, PrivateKey::GenerateP256(),
                                  absl::Now() - absl::Hours(48), absl::Now() + absl::Hours(48)))),
            "CERTIFICATE_WRONG_ISSUER");
  EXPECT_EQ(says(Signed(Spec(PrivateKey::GenerateP256()))), "CERTIFICATE_WRONG_KEY");
  EXPECT_EQ(says(Signed(Spec(key, "desk-8"))), "CERTIFICATE_WRONG_NAME");
  EXPECT_EQ(says(Signed(Spec(key, kNewTerminal, "1399999999"))), "CERTIFICATE_WRONG_NAME");
  spec.not_before = spec.not_before + absl::Minutes(30);
  EXPECT_EQ(says(Signed(spec)), "CERTIFICATE_WRONG_DATES");
  EXPECT_EQ(says("no certificate"), "CERTIFICATE_WRONG_USE");
  const auto authority = std::exchange(authority_, std::nullopt);
  EXPECT_EQ(says(Signed(Spec(key))), "CERTIFICATE_AUTHORITY_MISSING");
  authority_ = authority;
  EXPECT_EQ(Count("terminal WHERE terminal_id = 'desk-9'"), 0);
  EXPECT_EQ(says(Signed(Spec(key))), "");
}

TEST_F(TerminalEnrolmentTest, ADryRunChangesNothingAndARepetitionDoesItOnce) {
  v1::IssueEnrolmentCodeRequest request;
  request.set_request_id(TestUuid());
  request.set_facility_code(kTestFacility);
  request.set_terminal_id(kNewTerminal);
  request.set_kind(v1::TERMINAL_KIND_DESK);
  request.set_validate_only(true);
  const auto channel = [&] {
    return v1::TerminalCertificateService::NewStub(operators_->Channel(first_));
  };
  const auto checked = Ask(channel(), &Operators::IssueEnrolmentCode, request);
  EXPECT_EQ(checked.reason, "");
  EXPECT_EQ(checked.answer.code(), "");
  EXPECT_EQ(Count("enrolment_code"), 0);
  request.set_validate_only(false);
  const auto issued = Ask(channel(), &Operators::IssueEnrolmentCode, request);
  EXPECT_NE(issued.answer.code(), "");
  const auto again = Ask(channel(), &Operators::IssueEnrolmentCode, request);
  EXPECT_EQ(again.answer.code(), "") << "told once";
  EXPECT_EQ(again.answer.code_id(), issued.answer.code_id());
  EXPECT_EQ(Count("enrolment_code"), 1);
  request.set_terminal_id("another");
  EXPECT_EQ(Ask(channel(), &Operators::IssueEnrolmentCode, request).reason, "REQUEST_ID_REUSED");
  request.set_facility_code("1");
  request.set_terminal_id("a b");
  request.clear_kind();
  grpc::ClientContext context;
  v1::IssueEnrolmentCodeResponse response;
  const grpc::Status status = channel()->IssueEnrolmentCode(&context, request, &response);
  EXPECT_EQ(DescribeError(status).violations.size(), 3u);
  request.set_facility_code("1399999999");
  request.set_terminal_id("a");
  request.set_kind(v1::TERMINAL_KIND_DESK);
  request.set_request_id(TestUuid());
  EXPECT_EQ(Ask(channel(), &Operators::IssueEnrolmentCode, request).reason, "FACILITY_NOT_FOUND");
}

TEST_F(TerminalEnrolmentTest, AMachineThatTakesAnothersPlaceEndsItsCertificate) {
  const TestIdentity old = Enrol();
  const auto before = terminals_->Channel(old);
  EXPECT_TRUE(IsLetIn(before));
  const TestIdentity next = Enrol();
  EXPECT_TRUE(SaysSoon(before, "CERTIFICATE_NOT_REGISTERED"));
  EXPECT_TRUE(IsLetIn(terminals_->Channel(next)));
}

TEST_F(TerminalEnrolmentTest, RequestsAreListedPageByPage) {
  std::vector<PrivateKey> keys;
  for (int i = 0; i < 3; ++i) {
    keys.push_back(PrivateKey::GenerateP256());
    ASSERT_EQ(Submit(Code("t" + std::to_string(i)), RequestPem(keys.back())).reason, "");
    clock_.Advance(absl::Seconds(1));
  }
  v1::ListCertificateRequestsRequest request;
  request.set_page_size(2);
  std::vector<std::string> terminals;
  do {
    const auto page = Ask(v1::TerminalCertificateService::NewStub(operators_->Channel(second_)),
                          &Operators::ListCertificateRequests, request);
    ASSERT_EQ(page.reason, "");
    for (const auto& one : page.answer.certificate_requests()) {
      terminals.push_back(one.terminal_id());
      EXPECT_TRUE(one.certificate_request_der().empty()) << "not approved yet";
    }
    request.set_page_token(page.answer.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(terminals, (std::vector<std::string>{"t0", "t1", "t2"}));
}

TEST(OnboardingDoor, BoundsCallsByAddressAndAuditsTheFirstExcess) {
  const TestDatabase database;
  SettableClock clock;
  RegisterTestCallers(database, clock.Now());
  OnboardingLimits limits(3, 100);
  PostgresTerminalCertificateStore store;
  const auth::HmacKey key = TestKey("look-up");
  std::unique_ptr<grpc::Service> service;
  {
    RpcServer port(database, clock, Port::kOnboarding, PeerSource{}, nullptr, &limits);
    service = MakeEnrolmentService({port.dispatch(), port.database(), store, limits, key, key});
    port.Start(*service);
    const auto channel = port.Channel(Caller::kNobody);
    const std::string method = "/kakunin.v1.EnrolmentService/GetEnrolledCertificate";
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(CallWithNothing(channel, method).reason(), "INVALID_FIELDS");
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(CallWithNothing(channel, method).reason(), "ONBOARDING_LIMIT");
    }
    port.Stop();
  }
  const auto rows = database.Exec(
      "SELECT actor, count(*) FROM kakunin.audit_event WHERE reason = 'ONBOARDING_LIMIT' GROUP BY "
      "1");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0][0].as<std::string>(), "address/127.0.0.1");
  EXPECT_EQ(rows[0][1].as<int>(), 1);
}

TEST_F(TerminalEnrolmentTest, WhoGuessesTooOftenIsNoLongerLookedAt) {
  const std::string code = Code();
  const std::string pem = RequestPem(PrivateKey::GenerateP256());
  for (int i = 0; i < OnboardingLimits::kWrongCodesPerAddress; ++i) {
    EXPECT_EQ(Submit("0000-0000-0000-0000-0000-0000", pem).reason, "ENROLMENT_CODE_REFUSED");
  }
  EXPECT_EQ(Submit(code, pem).reason, "ONBOARDING_LIMIT");
  EXPECT_EQ(Fetch("x").reason, "ONBOARDING_LIMIT");
}

}  // namespace
}  // namespace kakunin
