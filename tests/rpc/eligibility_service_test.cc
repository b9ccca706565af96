// The terminals' port as it is served: lane, mutual TLS, PostgreSQL.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "domain/civil_day.h"
#include "kakunin/v1/eligibility_service.grpc.pb.h"
#include "server/lane/eligibility_handler.h"
#include "server/lane/terminal_methods.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/coverage_octets.h"
#include "server/rpc/status.h"
#include "server/usecases/feed_keys.h"
#include "storage/postgres/confirmation_store.h"
#include "storage/postgres/feed_store.h"
#include "tests/support/frozen_server.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

constexpr char kLaneName[] = "lane under test";
const absl::CivilDay kBirth(1970, 1, 1);

Digest32 HashOctets(std::string_view octets) { return auth::Sha256(octets); }

class OpenGuard final : public InquiryGuard {
 public:
  bool Allows(std::string_view, std::string_view, absl::Time) override { return true; }
  void NoMatch(std::string_view, std::string_view, absl::Time) override {}
  void Found(std::string_view, std::string_view, const PersonId&, absl::Time) override {}
};

class BatchSizes final : public LaneObserver {
 public:
  void BatchRan(size_t size, std::chrono::nanoseconds, std::chrono::nanoseconds) override {
    calls += size;
    largest = std::max<size_t>(largest, size);
  }
  std::atomic<size_t> calls{0};
  std::atomic<size_t> largest{0};
};

class EligibilityServiceTest : public testing::Test {
 protected:
  EligibilityServiceTest() {
    RegisterTestCallers(database_, clock_.Now());
    port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    store_ = MakeConfirmationStore(database_.ConnInfo("kakunin_terminal"), "", kLaneName);
    usecase_ = std::make_unique<ConfirmEligibility>(*store_, guard_,
                                                    ConfirmationKeys{audit_key_, handle_key_},
                                                    rules_, &BuildAnswerRow, &HashOctets);
    handler_ = std::make_unique<EligibilityHandler>(
        *usecase_, [] { return CardTrust{}; }, health_, clock_,
        EligibilityHandler::Border{
            .contact = contact_, .lookup_key = look_up_key_, .audit_key = audit_key_});
    port_->Start([this](grpc::ServerBuilder& builder) {
      builder.RegisterService(&eligibility_);
      builder.RegisterService(&health_rpc_);
      builder.SetMaxReceiveMessageSize(1 << 20);
      lane_ = std::make_unique<Lane>(Lane::Options{.batch_bound = 64, .slots_per_method = 128},
                                     builder.AddCompletionQueue(), port_->dispatch(), *handler_,
                                     batches_);
      AddTerminalMethods(eligibility_, health_rpc_, *lane_);
    });
    lane_->Start();
    // On a busy machine the first connection takes its time, and the lane refuses until it has one.
    while (!handler_->Connected()) std::this_thread::yield();
  }

  ~EligibilityServiceTest() override {
    port_->Shutdown();
    lane_->Shutdown();
    port_->Stop();
  }

  // Insures one person at the test insurer through the real feed store.
  void Insure(uint8_t person, const std::string& number, const std::string& branch,
              std::optional<absl::CivilDay> lost = {}) {
    const auto insurer = InsurerNumber::Parse(kTestInsurer);
    InsuredKey key{.insurer = *insurer,
                   .symbol = *InsuredSymbol::Parse("1234"),
                   .number = *InsuredNumber::Parse(number),
                   .branch = BranchNumber::Parse(branch),
                   .birth_date = kBirth};
    Coverage coverage;
    coverage.insurer_number = kTestInsurer;
    coverage.coverage_reference = "ref-" + std::to_string(person);
    coverage.card_classification = CardClassification::kGeneral;
    coverage.symbol = "１２３４";
    coverage.number = number;
    coverage.branch_number = branch;
    coverage.name = {.original = "髙田　花子", .kana = "タカダ　ハナコ"};
    coverage.birth_date = kBirth;
    coverage.qualification_date = absl::CivilDay(2018, 7, 1);
    coverage.disqualification_date = lost;
    coverage.insurer_name = "見本組合";
    coverage.key_without_branch = LookUpHash(look_up_key_, key, false);
    coverage.key_with_branch = LookUpHash(look_up_key_, key, true);
    StagedCoverage row{.individual = IndividualNumberHash{.key_id = "k"}, .coverage = coverage};
    row.individual->hash[0] = person;
    PostgresDatabase insurers({.conninfo = database_.ConnInfo("kakunin_insurer"),
                               .hash = &HashOctets,
                               .new_stream = [] { return StreamId{auth::RandomArray<16>()}; }});
    PostgresFeedStore feeds;
    const absl::Status status = insurers.Write(
        std::chrono::steady_clock::now() + std::chrono::seconds(10),
        [&](Transaction& tx) -> absl::Status {
          auto feed = feeds.Begin(tx, kTestInsurer, FeedKind::kCoverages, person,
                                  FeedId{auth::RandomArray<16>()}, clock_.Now());
          if (!feed.ok()) return feed.status();
          const ChunkRecord chunk{.number = 1, .rows = 1};
          if (auto s = feeds.AppendChunk(tx, *feed, chunk, std::span(&row, 1), {}); !s.ok())
            return s;
          return feeds.Publish(tx, *feed, clock_.Now(), &BuildAnswerRow).status();
        });
    ASSERT_TRUE(status.ok()) << status;
  }

  v1::ConfirmByInsuredNumberRequest Ask(const std::string& number,
                                        const std::string& branch = {}) const {
    v1::ConfirmByInsuredNumberRequest request;
    request.set_insurer_number(kTestInsurer);
    request.set_symbol("1234");
    request.set_number(number);
    request.set_branch_number(branch);
    *request.mutable_birth_date() = DayToProto(kBirth);
    *request.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    request.set_limit_certificate_consent(v1::DECISION_NOT_ASKED);
    request.set_document_shown(v1::DOCUMENT_SHOWN_ELIGIBILITY_CERTIFICATE);
    return request;
  }

  std::unique_ptr<v1::EligibilityService::Stub> StubOf(Caller caller = Caller::kTerminal) const {
    return v1::EligibilityService::NewStub(port_->Channel(caller));
  }

  static grpc::Status Confirm(v1::EligibilityService::Stub& stub,
                              const v1::ConfirmByInsuredNumberRequest& request,
                              v1::ConfirmByInsuredNumberResponse& response,
                              std::chrono::milliseconds within = std::chrono::seconds(5)) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + within);
    return stub.ConfirmByInsuredNumber(&context, request, &response);
  }

  v1::Validity ValidityOf(const v1::ConfirmByInsuredNumberRequest& request) {
    v1::ConfirmByInsuredNumberResponse response;
    const auto stub = StubOf();
    const grpc::Status status = Confirm(*stub, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.validity();
  }

  int64_t Count(const std::string& sql) const { return database_.Exec(sql)[0][0].as<int64_t>(); }

  int LanePid() const {
    return database_
        .Exec(std::string("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                          " AND application_name = '") +
              kLaneName + "'")[0][0]
        .as<int>();
  }

  const TestDatabase database_;
  SettableClock clock_;
  OpenGuard guard_;
  BatchSizes batches_;
  const auth::HmacKey audit_key_ = TestKey("audit");
  const auth::HmacKey look_up_key_ = TestKey("look-up");
  const auth::PatientHandleKey handle_key_{auth::AsBytes("0123456789abcdef0123456789abcdef")};
  const ConfirmationRules rules_;
  const Contact contact_;
  const PortHealth health_{[] { return true; }};
  EligibilityRpc eligibility_;
  HealthRpc health_rpc_;
  std::unique_ptr<RpcServer> port_;
  std::unique_ptr<ConfirmationStore> store_;
  std::unique_ptr<ConfirmEligibility> usecase_;
  std::unique_ptr<EligibilityHandler> handler_;
  std::unique_ptr<Lane> lane_;
};

TEST_F(EligibilityServiceTest, AnswersWithSplicedCoveragesAndItsAuditRowIsThere) {
  Insure(1, "5678910", "01");
  v1::ConfirmByInsuredNumberResponse response;
  const auto stub = StubOf();
  ASSERT_TRUE(Confirm(*stub, Ask("5678910", "01"), response).ok());
  EXPECT_EQ(response.validity(), v1::VALIDITY_VALID);
  ASSERT_EQ(response.coverages_size(), 1);
  EXPECT_EQ(response.coverages(0).name().original(), "髙田　花子");
  EXPECT_EQ(response.coverages(0).name().jis_safe(), "高田　花子");
  EXPECT_EQ(response.coverages(0).name().half_width_kana(), "ﾀｶﾀﾞ ﾊﾅｺ");
  EXPECT_EQ(response.coverages(0).insurer_number(), kTestInsurer);
  EXPECT_TRUE(response.municipal_subsidies_out_of_scope());
  const auto id = AuditIdFromText(response.audit_id());
  ASSERT_TRUE(id);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE number = " +
                  std::to_string(id->number) + " AND stream = '" +
                  response.audit_id().substr(0, 32) + "'::uuid AND code = 0"),
            1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.confirmation"), 1);
}

TEST_F(EligibilityServiceTest, FindsTheSamePersonInEverySpellingOfTheField) {
  Insure(1, "0567", "01");
  for (const char* symbol : {"1234", "１２３４", " 1234 ", "１ ２３４"}) {
    v1::ConfirmByInsuredNumberRequest request = Ask("0567", "1");
    request.set_symbol(symbol);
    EXPECT_EQ(ValidityOf(request), v1::VALIDITY_VALID) << symbol;
  }
  EXPECT_EQ(ValidityOf(Ask("０５６７", "０１")), v1::VALIDITY_VALID);
  EXPECT_EQ(ValidityOf(Ask("567", "01")), v1::VALIDITY_NOT_FOUND);  // leading zeros count
  v1::ConfirmByInsuredNumberRequest wrong_check_digit = Ask("0567", "01");
  wrong_check_digit.set_insurer_number("01234567");
  EXPECT_EQ(ValidityOf(wrong_check_digit), v1::VALIDITY_NOT_FOUND);
}

TEST_F(EligibilityServiceTest, TwinsNeedTheirBranch) {
  Insure(1, "5678910", "01");
  Insure(2, "5678910", "02");
  EXPECT_EQ(ValidityOf(Ask("5678910")), v1::VALIDITY_SEVERAL_FOUND);
  EXPECT_EQ(ValidityOf(Ask("5678910", "02")), v1::VALIDITY_VALID);
  EXPECT_EQ(ValidityOf(Ask("5678910", "03")), v1::VALIDITY_NOT_FOUND);
}

TEST_F(EligibilityServiceTest, LossDateIsTheFirstDayNotCovered) {
  const absl::CivilDay today = CivilDayAt(clock_.Now());
  Insure(1, "5678910", "01", today);
  v1::ConfirmByInsuredNumberRequest request = Ask("5678910", "01");
  EXPECT_EQ(ValidityOf(request), v1::VALIDITY_INVALID);
  *request.mutable_day() = DayToProto(today - 1);
  EXPECT_EQ(ValidityOf(request), v1::VALIDITY_VALID);
}

TEST_F(EligibilityServiceTest, NamesEveryFaultAndRepeatsNoValue) {
  v1::ConfirmByInsuredNumberRequest request;
  request.set_insurer_number("abc-secret");
  request.set_request_id("not a uuid");
  v1::ConfirmByInsuredNumberResponse response;
  const auto stub = StubOf();
  const grpc::Status status = Confirm(*stub, request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const ErrorDescription error = DescribeError(status);
  std::set<std::string> fields;
  for (const FieldViolation& violation : error.violations) fields.insert(violation.field);
  EXPECT_EQ(fields, (std::set<std::string>{"birth_date", "day", "document_shown", "form_of_care",
                                           "insurer_number", "limit_certificate_consent", "number",
                                           "request_id"}));
  EXPECT_EQ(status.error_details().find("secret"), std::string::npos);
}

TEST_F(EligibilityServiceTest, TheDayLiesWithinTenYearsAndNotBeyondToday) {
  const absl::CivilDay today = CivilDayAt(clock_.Now());
  const auto code_for = [&](absl::CivilDay day) {
    v1::ConfirmByInsuredNumberRequest request = Ask("1", "01");
    *request.mutable_day() = DayToProto(day);
    v1::ConfirmByInsuredNumberResponse response;
    const auto stub = StubOf();
    return Confirm(*stub, request, response).error_code();
  };
  const absl::CivilDay earliest = SameDayYearsBefore(today, 10);
  EXPECT_EQ(code_for(earliest - 1), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_for(earliest), grpc::StatusCode::OK);
  EXPECT_EQ(code_for(today), grpc::StatusCode::OK);
  EXPECT_EQ(code_for(today + 1), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(EligibilityServiceTest, AnotherFacilitysCodeIsDeniedAndAudited) {
  v1::ConfirmByInsuredNumberRequest request = Ask("1", "01");
  request.set_facility_code("1399999999");
  v1::ConfirmByInsuredNumberResponse response;
  const auto stub = StubOf();
  const grpc::Status status = Confirm(*stub, request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(DescribeError(status).reason, "FACILITY_CODE_DIFFERS");
  EXPECT_EQ(
      Count("SELECT count(*) FROM kakunin.audit_event WHERE reason = 'FACILITY_CODE_DIFFERS'"), 1);
}

TEST_F(EligibilityServiceTest, AMessageOverTheLimitIsRefusedByTheTransport) {
  v1::ConfirmByInsuredNumberRequest request = Ask("1", "01");
  request.set_symbol(std::string(2 << 20, '1'));
  v1::ConfirmByInsuredNumberResponse response;
  const auto stub = StubOf();
  EXPECT_EQ(Confirm(*stub, request, response).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(EligibilityServiceTest, AChallengeServesOnce) {
  const auto stub = StubOf();
  v1::BeginCardAuthenticationRequest begin;
  begin.set_purpose(v1::CARD_PURPOSE_CONFIRM);
  begin.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  v1::BeginCardAuthenticationResponse begun;
  grpc::ClientContext begin_context;
  ASSERT_TRUE(stub->BeginCardAuthentication(&begin_context, begin, &begun).ok());
  EXPECT_EQ(TimeFromProto(begun.expire_time()),
            absl::FromUnixMillis(absl::ToUnixMillis(clock_.Now() + absl::Seconds(60))));
  v1::ConfirmByCardRequest request;
  request.set_challenge_id(begun.challenge_id());
  request.set_certificate("not a certificate");
  request.set_signature("not a signature");
  request.set_holder_verification(v1::HOLDER_VERIFICATION_PIN);
  *request.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  for (int kind = 1; kind <= 6; ++kind) {
    auto* decision = request.add_decisions();
    decision->set_kind(static_cast<v1::ConsentKind>(kind));
    decision->set_decision(v1::DECISION_NOT_ASKED);
  }
  const auto use = [&] {
    grpc::ClientContext context;
    v1::ConfirmByCardResponse response;
    return DescribeError(stub->ConfirmByCard(&context, request, &response)).reason;
  };
  EXPECT_EQ(use(), "REVOCATION_UNKNOWN");  // this lane holds no roots: it cannot tell
  EXPECT_EQ(use(), "CHALLENGE_REFUSED");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE reason = 'CHALLENGE_USED'"), 1);
}

TEST_F(EligibilityServiceTest, EveryMethodRefusesEveryWrongCaller) {
  const std::vector<std::pair<Caller, std::string>> refusals = {
      {Caller::kUnknown, "CERTIFICATE_NOT_REGISTERED"},
      {Caller::kRevokedTerminal, "TERMINAL_REVOKED"},
      {Caller::kLapsedTerminal, "CERTIFICATE_EXPIRED"},
      {Caller::kRenamedTerminal, "CERTIFICATE_NAMES_DIFFER"},
      {Caller::kInsurer, "WRONG_KIND_OF_CALLER"},
      {Caller::kOperator, "WRONG_KIND_OF_CALLER"},
      {Caller::kForeign, ""},
      {Caller::kExpired, ""},
      {Caller::kNobody, ""}};
  for (const auto& [caller, reason] : refusals) {
    const auto stub = StubOf(caller);
    const auto check = [&, reason = reason](const grpc::Status& status) {
      EXPECT_FALSE(status.ok());
      EXPECT_EQ(DescribeError(status).reason, reason) << static_cast<int>(caller);
    };
    v1::ConfirmByInsuredNumberResponse by_number;
    check(Confirm(*stub, Ask("1", "01"), by_number, std::chrono::seconds(2)));
    grpc::ClientContext card_context;
    card_context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(2));
    v1::ConfirmByCardResponse by_card;
    check(stub->ConfirmByCard(&card_context, {}, &by_card));
    grpc::ClientContext begin_context;
    begin_context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(2));
    v1::BeginCardAuthenticationResponse begun;
    check(stub->BeginCardAuthentication(&begin_context, {}, &begun));
  }
}

TEST_F(EligibilityServiceTest, AProxysHeaderIsRefusedOnADirectListener) {
  grpc::ClientContext context;
  context.AddMetadata(kProxyHeader, "AAAA");
  v1::ConfirmByInsuredNumberResponse response;
  const auto stub = StubOf();
  const grpc::Status status = stub->ConfirmByInsuredNumber(&context, Ask("1", "01"), &response);
  EXPECT_EQ(DescribeError(status).reason, "PROXY_HEADER_REFUSED");
}

TEST_F(EligibilityServiceTest, AViewingTerminalTakesNoCard) {
  const auto stub = StubOf(Caller::kViewingTerminal);
  v1::BeginCardAuthenticationRequest begin;
  begin.set_purpose(v1::CARD_PURPOSE_CONFIRM);
  begin.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  grpc::ClientContext context;
  v1::BeginCardAuthenticationResponse response;
  EXPECT_EQ(DescribeError(stub->BeginCardAuthentication(&context, begin, &response)).reason,
            "TERMINAL_KIND_NOT_ALLOWED");
}

TEST_F(EligibilityServiceTest, ManyAtOnceAreAllAnsweredRightlyAndAuditedOnce) {
  Insure(1, "5678910", "01");
  constexpr int kThreads = 8;
  constexpr int kCalls = 50;
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto stub = StubOf();
      for (int i = 0; i < kCalls; ++i) {
        const bool known = (i + t) % 2 == 0;
        v1::ConfirmByInsuredNumberResponse response;
        if (!Confirm(*stub, Ask(known ? "5678910" : "999", "01"), response).ok()) continue;
        right +=
            response.validity() == (known ? v1::VALIDITY_VALID : v1::VALIDITY_NOT_FOUND) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, kThreads * kCalls);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 12"),
            kThreads * kCalls);
  EXPECT_EQ(batches_.calls, static_cast<size_t>(kThreads * kCalls));
  EXPECT_GT(batches_.largest, 1u);
  EXPECT_LE(batches_.largest, 64u);
}

TEST_F(EligibilityServiceTest, AFrozenDatabaseIsToldRetryablyInTimeAndServesAgainAfterwards) {
  Insure(1, "5678910", "01");
  const auto stub = StubOf();
  v1::ConfirmByInsuredNumberResponse response;
  ASSERT_TRUE(Confirm(*stub, Ask("5678910", "01"), response).ok());
  {
    const FrozenProcess frozen(LanePid());
    const auto began = std::chrono::steady_clock::now();
    const grpc::Status status = Confirm(*stub, Ask("5678910", "01"), response);
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_TRUE(DescribeError(status).retry_after);
    EXPECT_LT(took, std::chrono::milliseconds(1100));
  }
  response.Clear();
  grpc::Status status;
  for (int attempt = 0; attempt < 50 && response.validity() != v1::VALIDITY_VALID; ++attempt) {
    status = Confirm(*stub, Ask("5678910", "01"), response);
  }
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(EligibilityServiceTest, ALostBackendIsReplacedByANewStream) {
  Insure(1, "5678910", "01");
  const auto stub = StubOf();
  v1::ConfirmByInsuredNumberResponse before;
  ASSERT_TRUE(Confirm(*stub, Ask("5678910", "01"), before).ok());
  database_.Exec("SELECT pg_terminate_backend(" + std::to_string(LanePid()) + ")");
  v1::ConfirmByInsuredNumberResponse after;
  grpc::Status status;
  for (int attempt = 0; attempt < 50 && after.audit_id().empty(); ++attempt) {
    status = Confirm(*stub, Ask("5678910", "01"), after);
    if (!status.ok()) EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  }
  ASSERT_TRUE(status.ok());
  EXPECT_NE(before.audit_id().substr(0, 32), after.audit_id().substr(0, 32));
}

}  // namespace
}  // namespace kakunin
