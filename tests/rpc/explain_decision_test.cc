// Decisions explained from their audit rows: real cards, lanes, TLS and PostgreSQL.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "auth/encoding.h"
#include "domain/civil_day.h"
#include "kakunin/v1/consent_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "tests/rpc/card_confirmation_fixture.h"

namespace kakunin {
namespace {

class ExplainDecisionTest : public CardConfirmationTest {
 protected:
  ExplainDecisionTest() {
    Insure(1, "5678910", "01");
    Link(1);
  }

  static v1::PatientKey Number() {
    v1::PatientKey key;
    key.mutable_insured()->set_insurer_number(kTestInsurer);
    key.mutable_insured()->set_symbol("1234");
    key.mutable_insured()->set_number("5678910");
    key.mutable_insured()->set_branch_number("01");
    *key.mutable_insured()->mutable_birth_date() = DayToProto(kBirth);
    return key;
  }
  v1::ExplainDecisionResponse Explain(const v1::ExplainDecisionRequest& request) {
    v1::ExplainDecisionResponse response;
    grpc::ClientContext context;
    const grpc::Status status = v1::ConsentService::NewStub(port_->Channel(Caller::kTerminal))
                                    ->ExplainDecision(&context, request, &response);
    EXPECT_TRUE(status.ok()) << DescribeError(status).reason;
    return response;
  }

  v1::GetDrugHistoryResponse drugs_;
};

// Of two bookings of online care each call names one; the longer one stands first in a list.
TEST_F(ExplainDecisionTest, NamesTheBookingThatWasUsedWhicheverTerminalAsks) {
  const absl::CivilDay first = CivilDayAt(clock_.Now()) + 2;
  const absl::CivilDay second = first + 3;
  for (const absl::CivilDay day : {first, second}) {
    clock_.Advance(absl::Seconds(1));
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.consent_act (person_id, begin_at, stream, number, facility_code,"
        " form_of_care, appointment_day, agreed, declined, method, end_at, issuer_key_id, serial,"
        " crl_partition) SELECT person_id, '{}', gen_random_uuid(), 1, '{}', 3, '{}', {}, 0, 1,"
        " '{}', '\\x{}', '\\x{}', {} FROM kakunin.answer",
        absl::FormatTime(absl::RFC3339_full, clock_.Now(), absl::UTCTimeZone()), kTestFacility,
        absl::FormatCivilTime(day), day == first ? 1 : 1 | 2,
        absl::FormatTime(absl::RFC3339_full, EndOfDay(day), absl::UTCTimeZone()),
        auth::HexEncode(CardIssuerKeyId()), auth::HexEncode(SerialOctets(auth::kSerial)),
        static_cast<int64_t>(auth::PartitionIdOf(auth::DefaultCrl(clock_.Now()).partition))));
  }
  const auto ask = [&](absl::CivilDay day, const char* role) {
    v1::GetDrugHistoryRequest request;
    *request.mutable_patient() = Number();
    request.set_form_of_care(v1::FORM_OF_CARE_ONLINE_CARE);
    *request.mutable_appointment_date() = DayToProto(day);
    grpc::ClientContext context;
    context.AddMetadata("kakunin-role", role);
    return DescribeError(v1::RecordService::NewStub(port_->Channel(Caller::kViewingTerminal))
                             ->GetDrugHistory(&context, request, &drugs_))
        .reason;
  };
  const auto explained = [&](const std::string& audit_id) {
    v1::ExplainDecisionRequest request;
    request.set_audit_id(audit_id);
    return Explain(request).explanations(0);
  };
  const auto text = [](absl::CivilDay day) {
    return fmt::format("診療日 {}年{}月{}日", day.year(), day.month(), day.day());
  };
  ASSERT_EQ(ask(first, "DOCTOR"), "");
  const std::string of_first = drugs_.audit_id();
  ASSERT_EQ(ask(second, "DOCTOR"), "");
  const std::string of_second = drugs_.audit_id();
  for (const auto& [audit_id, day] : {std::pair(of_first, first), std::pair(of_second, second)}) {
    const v1::DecisionExplanation words = explained(audit_id);
    EXPECT_TRUE(words.allowed());
    EXPECT_NE(words.consent().find(text(day)), std::string::npos) << words.consent();
    const absl::CivilDay end = day + 1;
    EXPECT_NE(words.time_left().find(
                  fmt::format("{}年{}月{}日0時00分00秒まで", end.year(), end.month(), end.day())),
              std::string::npos)
        << words.time_left();
  }
  // A booking that nobody consented for: neither of the others' consents is told as what was used.
  ASSERT_EQ(ask(first + 1, "DOCTOR"), "NO_CONSENT");
  const auto audit_id_of = [&](const char* reason) {
    return database_
        .Exec(fmt::format(
            "SELECT replace(stream::text, '-', '') || '-' || number FROM kakunin.audit_event"
            " WHERE operation = 50 AND reason = '{}'",
            reason))[0][0]
        .as<std::string>();
  };
  EXPECT_EQ(explained(audit_id_of("NO_CONSENT")).consent(), "");
  // The desk asks why a terminal of another kind was refused.
  RestrictViewingTerminal();
  ASSERT_EQ(ask(first, "DOCTOR"), "TERMINAL_RESTRICTED");
  const v1::DecisionExplanation restricted = explained(audit_id_of("TERMINAL_RESTRICTED"));
  EXPECT_EQ(restricted.reason(), "TERMINAL_RESTRICTED");
  EXPECT_NE(restricted.source().find("seed 004"), std::string::npos) << restricted.source();
}

}  // namespace
}  // namespace kakunin
