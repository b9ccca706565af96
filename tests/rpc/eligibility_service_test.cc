// The terminals' port as it is served: lane, mutual TLS, PostgreSQL.
#include <fmt/format.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "server/rpc/status.h"
#include "tests/rpc/eligibility_fixture.h"
#include "tests/support/frozen_server.h"

namespace kakunin {
namespace {

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

TEST_F(EligibilityServiceTest, OnlyTheDesignatedFacilitySeesWhatAMedicalTicketIsFor) {
  const auto ticket = [](const std::string& designated) {
    v1::MedicalTicket message;
    message.set_treatment_month("202606");
    message.set_designated_facility_code(designated);
    message.add_injury_names("傷病名");
    return MedicalTicket{.serialised = message.SerializeAsString()};
  };
  Insure(1, "5678910", "01", {}, kTestInsurer, {},
         {ticket(kTestFacility), ticket("1318000002"), ticket("")});
  v1::ConfirmByInsuredNumberResponse response;
  const auto stub = StubOf();
  ASSERT_TRUE(Confirm(*stub, Ask("5678910", "01"), response).ok());
  ASSERT_EQ(response.coverages_size(), 1);
  const auto& tickets = response.coverages(0).medical_tickets();
  ASSERT_EQ(tickets.size(), 3);
  EXPECT_TRUE(tickets[0].has_designated_facility_flag());
  EXPECT_EQ(tickets[0].designated_facility_flag(), 0);
  EXPECT_EQ(tickets[0].injury_names_size(), 1);
  EXPECT_EQ(tickets[1].designated_facility_flag(), 1);
  EXPECT_EQ(tickets[1].treatment_month(), "202606");
  EXPECT_EQ(tickets[1].injury_names_size(), 0);
  EXPECT_TRUE(tickets[1].designated_facility_code().empty());
  EXPECT_FALSE(tickets[2].has_designated_facility_flag());
  EXPECT_EQ(tickets[2].injury_names_size(), 0);
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

TEST_F(EligibilityServiceTest, ABranchTypedForTheLateElderlyHidesNobody) {
  Insure(1, "00002008", "", {}, kOtherTestInsurer);
  v1::ConfirmByInsuredNumberRequest request = Ask("00002008", "01");
  for (const char* insurer : {"39131156", "３９１３１１５６", " 39131156 "}) {
    request.set_insurer_number(insurer);
    EXPECT_EQ(ValidityOf(request), v1::VALIDITY_VALID) << insurer;
  }
}

TEST_F(EligibilityServiceTest, SixDigitInsurersAreFoundHoweverTheyArePadded) {
  Insure(1, "77", "01", {}, "00139998");
  v1::ConfirmByInsuredNumberRequest request = Ask("77", "01");
  for (const char* insurer : {"139998", "00139998", "  139998", "１３９９９８"}) {
    request.set_insurer_number(insurer);
    EXPECT_EQ(ValidityOf(request), v1::VALIDITY_VALID) << insurer;
  }
}

TEST_F(EligibilityServiceTest, LossDateIsTheFirstDayNotCovered) {
  const absl::CivilDay today = CivilDayAt(clock_.Now());
  Insure(1, "5678910", "01", today);
  v1::ConfirmByInsuredNumberRequest request = Ask("5678910", "01");
  EXPECT_EQ(ValidityOf(request), v1::VALIDITY_INVALID);
  *request.mutable_day() = DayToProto(today - 1);
  EXPECT_EQ(ValidityOf(request), v1::VALIDITY_VALID);
}

TEST_F(EligibilityServiceTest, ARowThatFailsAloneIsInternalAndCountedForItsTerminal) {
  Insure(1, "5678910", "01");
  const absl::CivilDay today = CivilDayAt(clock_.Now());
  // The database refuses answers about yesterday.
  database_.Exec(fmt::format("ALTER TABLE kakunin.confirmation ADD CHECK (day <> '{}')",
                             absl::FormatCivilTime(today - 1)));
  v1::ConfirmByInsuredNumberRequest request = Ask("5678910", "01");
  EXPECT_EQ(ValidityOf(request), v1::VALIDITY_VALID);
  EXPECT_EQ(failed_rows_.Total(), 0);
  *request.mutable_day() = DayToProto(today - 1);
  v1::ConfirmByInsuredNumberResponse response;
  const auto stub = StubOf();
  EXPECT_EQ(DescribeError(Confirm(*stub, request, response)).reason, "INTERNAL");
  EXPECT_EQ(failed_rows_.Total(), 1);
  EXPECT_EQ(failed_rows_.Of(std::string(kTestFacility) + "/" + kTestTerminal), 1);
}

TEST_F(EligibilityServiceTest, ARoleThatIsNoneIsAnsweredWithThoseThatAre) {
  grpc::ClientContext context;
  context.AddMetadata("kakunin-role", "doctor");
  v1::ConfirmByInsuredNumberResponse response;
  const ErrorDescription error =
      DescribeError(StubOf()->ConfirmByInsuredNumber(&context, Ask("1"), &response));
  ASSERT_EQ(error.violations.size(), 1u);
  EXPECT_EQ(error.violations[0].field, "metadata.kakunin-role");
  for (const char* role :
       {"GENERAL", "ADMINISTRATOR", "DOCTOR", "DENTIST", "PHARMACIST", "OTHER_QUALIFIED"}) {
    EXPECT_NE(error.violations[0].description.find(role), std::string::npos) << role;
  }
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

TEST_F(EligibilityServiceTest, AChallengeIdIsSixteenOctets) {
  const auto stub = StubOf();
  const auto violates = [&](size_t octets) {
    v1::ConfirmByCardRequest request;
    request.set_challenge_id(std::string(octets, 'c'));
    v1::ConfirmByCardResponse response;
    grpc::ClientContext context;
    const grpc::Status status = stub->ConfirmByCard(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);  // for the empty fields
    const ErrorDescription error = DescribeError(status);
    return std::ranges::any_of(error.violations, [](const FieldViolation& violation) {
      return violation.field == "challenge_id";
    });
  };
  EXPECT_FALSE(violates(16));
  for (const size_t octets : {0, 1, 15, 17, 4096}) EXPECT_TRUE(violates(octets)) << octets;
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
    if (!status.ok()) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    }
  }
  ASSERT_TRUE(status.ok());
  EXPECT_NE(before.audit_id().substr(0, 32), after.audit_id().substr(0, 32));
}

}  // namespace
}  // namespace kakunin
