// First certificates, from the code to the first call, over TLS and PostgreSQL.
#include <gtest/gtest.h>

#include "domain/civil_day.h"
#include "domain/enrolment_code.h"
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

class ActivationTest : public TerminalEnrolmentTest {
 protected:
  Asked<v1::IssueActivationCodeResponse> Activate(
      const std::string& label = "", v1::TerminalKind kind = v1::TERMINAL_KIND_UNSPECIFIED) {
    v1::IssueActivationCodeRequest request;
    request.set_facility_code(kTestFacility);
    request.set_terminal_id("phone-1");
    request.set_kind(kind);
    request.set_label(label);
    return Operate(first_, &Operators::IssueActivationCode, request);
  }
  void Registry(const std::function<absl::Status(Transaction&, PostgresRegistryStore&)>& act) {
    PostgresRegistryStore store;
    const absl::Status status =
        database_.Open("kakunin_operator", 1)->Write(Soon(), [&](Transaction& tx) {
          return act(tx, store);
        });
    ASSERT_TRUE(status.ok()) << status;
  }
  void SetTerms(const FacilityTerms& terms) {
    Registry([&](Transaction& tx, PostgresRegistryStore& store) {
      return store.SetTerms(tx, kTestFacility, terms);
    });
  }
  std::string SubmitNew(const std::string& code) {
    return Submit(code, RequestPem(PrivateKey::GenerateP256())).reason;
  }
};

TEST_F(ActivationTest, AnActivationCodeBecomesARestrictedTerminalOfAShelter) {
  SetTerms(
      {.introduction_type = IntroductionType::kRestricted, .ground = RestrictedGround::kHardship});
  const std::string label = "見本小学校避難所";
  const auto issued = Activate(label);
  ASSERT_EQ(issued.reason, "");
  EXPECT_EQ(issued.answer.code().size(), 29u);
  const PrivateKey key = PrivateKey::GenerateP256();
  ASSERT_EQ(Submit(issued.answer.code(), RequestPem(key)).reason, "");
  const std::string id = RequestOf(key);
  v1::ListCertificateRequestsRequest list;
  const auto listed = Ask(v1::TerminalCertificateService::NewStub(operators_->Channel(first_)),
                          &Operators::ListCertificateRequests, list);
  ASSERT_EQ(listed.answer.certificate_requests_size(), 1);
  EXPECT_EQ(listed.answer.certificate_requests(0).label(), label);
  EXPECT_EQ(Approve(first_, id, Fingerprint(key)), "CERTIFICATE_REQUEST_SAME_OPERATOR");
  EXPECT_EQ(Approve(second_, id, Fingerprint(key)), "");
  const std::string pem = Signed(Spec(key, "phone-1"));
  ASSERT_EQ(Deliver(id, pem).reason, "");
  EXPECT_TRUE(IsLetIn(terminals_->Channel(IdentityOfPem(pem, key))));
  const auto row =
      database_.Exec("SELECT kind, label FROM kakunin.terminal WHERE terminal_id = 'phone-1'");
  EXPECT_EQ(row[0][0].as<int>(), static_cast<int>(TerminalKind::kRestricted));
  EXPECT_EQ(std::string(row[0][1].c_str()), label);
  EXPECT_EQ(SubmitNew(issued.answer.code()), "ENROLMENT_CODE_USED");
}

TEST_F(ActivationTest, AnActivationCodeEndsAtItsSecondAndAfterFiveWrongTries) {
  const std::string code = Activate().answer.code();
  clock_.Advance(kActivationCodeLife);
  EXPECT_EQ(SubmitNew(code), "ENROLMENT_CODE_EXPIRED");
  clock_.Advance(-absl::Seconds(1));
  EXPECT_EQ(SubmitNew(code), "");
  const std::string other = Activate().answer.code();
  std::string wrong = other;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  for (int i = 0; i < kEnrolmentCodeTries; ++i) {
    EXPECT_EQ(SubmitNew(wrong), "ENROLMENT_CODE_REFUSED");
  }
  EXPECT_EQ(SubmitNew(other), "ENROLMENT_CODE_REFUSED");
}

TEST_F(ActivationTest, OnlyPhonesAndTabletsAreActivated) {
  for (const auto kind : {v1::TERMINAL_KIND_DESK, v1::TERMINAL_KIND_VIEWING}) {
    EXPECT_EQ(Activate("", kind).reason, "INVALID_FIELDS");
  }
  EXPECT_EQ(Activate("", v1::TERMINAL_KIND_MOBILE).reason, "");
  EXPECT_EQ(Activate(std::string(61, 'x')).reason, "INVALID_FIELDS");
}

TEST_F(ActivationTest, AFacilityOfTheRestrictedTypeGetsRestrictedTerminalsAlone) {
  // Asked for while it had the full type, and stopped at every step after.
  const std::string code = Code();
  const PrivateKey key = PrivateKey::GenerateP256();
  ASSERT_EQ(Submit(Code("desk-8"), RequestPem(key)).reason, "");
  const std::string id = RequestOf(key);
  const PrivateKey approved = PrivateKey::GenerateP256();
  ASSERT_EQ(Submit(Code("desk-7"), RequestPem(approved)).reason, "");
  const std::string approved_id = RequestOf(approved);
  ASSERT_EQ(Approve(second_, approved_id, Fingerprint(approved)), "");
  SetTerms(
      {.introduction_type = IntroductionType::kRestricted, .ground = RestrictedGround::kHardship});
  EXPECT_EQ(Issue().reason, "RESTRICTED_TERMINALS_ONLY");
  EXPECT_EQ(Activate("", v1::TERMINAL_KIND_MOBILE).reason, "RESTRICTED_TERMINALS_ONLY");
  EXPECT_EQ(SubmitNew(code), "ENROLMENT_CODE_OVERTAKEN");
  EXPECT_EQ(Approve(second_, id, Fingerprint(key)), "RESTRICTED_TERMINALS_ONLY");
  EXPECT_EQ(Deliver(approved_id, Signed(Spec(approved, "desk-7"))).reason,
            "RESTRICTED_TERMINALS_ONLY");
  SetTerms({.introduction_type = IntroductionType::kFull});
  EXPECT_EQ(SubmitNew(code), "");
  EXPECT_EQ(Approve(second_, id, Fingerprint(key)), "");
}

TEST_F(ActivationTest, ACodeFromBeforeItsTerminalWasStoppedWorksNoMore) {
  const std::string revoked = Code(kTestTerminal);
  const std::string suspended = Code("viewing-1");
  clock_.Advance(absl::Seconds(1));
  Registry([&](Transaction& tx, PostgresRegistryStore& store) -> absl::Status {
    ASSIGN_OR_RETURN(auto row, store.FindTerminal(tx, kTestFacility, kTestTerminal));
    row->revoked_at = clock_.Now();
    row->revocation_reason = 1;
    RETURN_IF_ERROR(store.PutTerminal(tx, *row));
    row->terminal_id = "viewing-1";
    row->fingerprint[0] ^= 0x55;
    row->revoked_at.reset();
    row->revocation_reason = 0;
    row->suspended_at = clock_.Now();
    row->suspension_reason = 1;
    return store.PutTerminal(tx, *row);
  });
  EXPECT_EQ(SubmitNew(revoked), "ENROLMENT_CODE_OVERTAKEN");
  EXPECT_EQ(SubmitNew(suspended), "ENROLMENT_CODE_OVERTAKEN");
  clock_.Advance(absl::Seconds(1));
  // One that was issued since is meant.
  EXPECT_EQ(SubmitNew(Code(kTestTerminal)), "");
}

TEST_F(ActivationTest, ACodeOfAFacilityThatServesNoMoreWorksNoMore) {
  const std::string code = Code();
  SetTerms({.closure = {.last_day = CivilDayAt(clock_.Now())}});
  EXPECT_EQ(Issue().reason, "") << "through the last day";
  clock_.Advance(EndOfDay(CivilDayAt(clock_.Now())) - clock_.Now());
  EXPECT_EQ(SubmitNew(code), "ENROLMENT_CODE_OVERTAKEN");
  EXPECT_EQ(Issue().reason, "FACILITY_CLOSED");
  SetTerms({});
  Registry([&](Transaction& tx, PostgresRegistryStore& store) -> absl::Status {
    ASSIGN_OR_RETURN(auto facility, store.FindFacility(tx, kTestFacility));
    facility->active = false;
    return store.PutFacility(tx, *facility);
  });
  EXPECT_EQ(SubmitNew(code), "ENROLMENT_CODE_OVERTAKEN");
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
    service = MakeEnrolmentService(
        {port.dispatch(), port.database(), port.registry_store(), store, limits, key, key});
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
