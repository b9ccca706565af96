// A card act from the challenge to the tables: real certificate, signature, CRL, link and TLS.
#include <atomic>
#include <thread>
#include <vector>

#include "server/rpc/status.h"
#include "storage/postgres/audit_store.h"
#include "tests/rpc/card_confirmation_fixture.h"

namespace kakunin {
namespace {

TEST_F(CardConfirmationTest, AGoodCardIsAnsweredAuditedAndItsConsentsKept) {
  Insure(1, "5678910", "01");
  Link(1);
  const grpc::Status status = Use(Act(v1::DECISION_AGREED));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response_.validity(), v1::VALIDITY_VALID);
  EXPECT_EQ(response_.card_verdict(), v1::CARD_VERDICT_ACCEPTED);
  EXPECT_EQ(response_.prescription_form(), v1::PRESCRIPTION_FORM_ELECTRONIC);
  EXPECT_EQ(TimeFromProto(response_.certificate_expire_time()), not_after_);
  ASSERT_EQ(response_.coverages_size(), 1);
  EXPECT_EQ(response_.coverages(0).number(), "5678910");
  ASSERT_EQ(response_.consents_size(), kConsentKinds);
  for (const v1::ConsentState& consent : response_.consents()) {
    EXPECT_EQ(TimeFromProto(consent.end_time()), clock_.Now() + absl::Hours(24));
  }
  EXPECT_TRUE(handle_key_.Open(kTestFacility, response_.patient_handle()));
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 11 AND code = 0"
                  " AND details = 'verification=FACE'"),
            1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.confirmation"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.consent_act WHERE agreed = 63 AND declined = 0"),
            1);
}

TEST_F(CardConfirmationTest, ACardNobodyLinkedIsAnAnswer) {
  ASSERT_TRUE(Use(Act()).ok());
  EXPECT_EQ(response_.card_verdict(), v1::CARD_VERDICT_NOT_REGISTERED);
  EXPECT_EQ(response_.validity(), v1::VALIDITY_NOT_FOUND);
  EXPECT_TRUE(response_.patient_handle().empty());
}

TEST_F(CardConfirmationTest, ARefusedCardIsToldInGeneralAndBurnsItsChallenge) {
  Insure(1, "5678910", "01");
  Link(1);
  const v1::ConfirmByCardRequest good = Act();
  v1::ConfirmByCardRequest bad = good;
  bad.set_certificate("not a certificate");
  const grpc::Status status = Use(bad);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(DescribeError(status).reason, "CARD_REFUSED");
  EXPECT_FALSE(DescribeError(status).sentence.empty());
  EXPECT_FALSE(DescribeError(status).retry_after);
  EXPECT_EQ(DescribeError(Use(good)).reason, "CHALLENGE_REFUSED");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE reason IN ('CARD_MALFORMED',"
                  " 'CHALLENGE_USED')"),
            2);
}

TEST_F(CardConfirmationTest, OfAHundredUsesAtOnceExactlyOneIsAnswered) {
  Insure(1, "5678910", "01");
  Link(1);
  const v1::ConfirmByCardRequest request = Act();
  const auto stub = StubOf();
  std::atomic<int> answered = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> users;
  for (int i = 0; i < 100; ++i) {
    users.emplace_back([&] {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
      v1::ConfirmByCardResponse response;
      const grpc::Status status = stub->ConfirmByCard(&context, request, &response);
      answered += status.ok() ? 1 : 0;
      refused += DescribeError(status).reason == "CHALLENGE_REFUSED" ? 1 : 0;
    });
  }
  for (std::thread& user : users) user.join();
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(refused, 99);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE reason = 'CHALLENGE_USED'"), 99);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.confirmation"), 1);
}

TEST_F(CardConfirmationTest, ARetryIsAnsweredAndAnotherBodyIsNot) {
  Insure(1, "5678910", "01");
  Link(1);
  v1::ConfirmByCardRequest request = Act();
  request.set_request_id(TestUuid());
  ASSERT_TRUE(Use(request).ok());
  const std::string first = response_.audit_id();
  clock_.Advance(absl::Seconds(59));
  ASSERT_TRUE(Use(request).ok());
  EXPECT_EQ(response_.validity(), v1::VALIDITY_VALID);
  EXPECT_NE(response_.audit_id(), first);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE details LIKE '%;retry=1'"), 1);
  v1::ConfirmByCardRequest other = request;
  other.set_prescription_form(v1::PRESCRIPTION_FORM_PAPER);
  EXPECT_EQ(DescribeError(Use(other)).reason, "CHALLENGE_REFUSED");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(DescribeError(Use(request)).reason, "CHALLENGE_REFUSED");
}

TEST_F(CardConfirmationTest, EveryStreamIsNumberedAndChainedWithoutAGap) {
  Insure(1, "5678910", "01");
  Link(1);
  v1::ConfirmByInsuredNumberResponse by_number;
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(Use(Act()).ok());
    EXPECT_TRUE(Confirm(*StubOf(), Ask("5678910", "01"), by_number).ok());
    v1::ConfirmByCardRequest refused = Act();
    refused.set_signature("not a signature");
    EXPECT_FALSE(Use(refused).ok());
  }
  const auto auditor = database_.Open("kakunin_auditor");
  PostgresAuditStore audit;
  int64_t rows = 0;
  const absl::Status status = auditor->Read(Soon(), [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto heads, audit.Heads(tx));
    for (const StreamHead& head : heads) {
      Digest32 before{};
      int64_t number = 0;
      RETURN_IF_ERROR(audit.ReadStream(tx, head.stream, 0, [&](const AuditRecord& row) {
        EXPECT_EQ(row.id.number, ++number);
        EXPECT_EQ(row.previous_hash, before);
        std::string octets;
        AppendCanonicalOctets(row, octets);
        before = auth::Sha256(octets);
        EXPECT_EQ(row.hash, before);
        ++rows;
        return true;
      }));
      EXPECT_EQ(number, head.number);
      EXPECT_EQ(before, head.hash);
    }
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_GE(rows, 25);
}

}  // namespace
}  // namespace kakunin
