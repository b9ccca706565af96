// A card of nobody on its first use, from the terminal's call to the link: real lane, real register
// file, real PostgreSQL under the role that writes the link.
#include "server/first_use.h"

#include <sys/stat.h>

#include <fstream>

#include "auth/encoding.h"
#include "domain/next_step.h"
#include "server/resident_file.h"
#include "server/rpc/status.h"
#include "tests/rpc/card_confirmation_fixture.h"

namespace kakunin {
namespace {

constexpr char kNumber[] = "123456789018";  // its check digit is right
constexpr uint64_t kRenewed = auth::kSerial + 1;

// CountingRegister counts the questions to a register.
class CountingRegister final : public ResidentRegistry {
 public:
  explicit CountingRegister(ResidentRegistry& registry) : registry_(registry) {}
  absl::StatusOr<std::optional<CardHolder>> FindHolder(const CardCertificateId& card) override {
    ++asked;
    return registry_.FindHolder(card);
  }
  std::atomic<int> asked{0};

 private:
  ResidentRegistry& registry_;
};

class FirstUseTest : public CardConfirmationTest {
 protected:
  FirstUseTest() {
    Insure(1, "5678910", "01", {}, kTestInsurer,
           HashOf(number_key_, *IndividualNumber::Parse(kNumber)));
    unlinked_.receiver = &first_use_;
  }
  // No card reaches what is gone.
  ~FirstUseTest() override { unlinked_.receiver = nullptr; }

  static std::string Line(uint64_t serial, uint64_t replaces = 0) {
    const std::string issuer = auth::HexEncode(CardIssuerKeyId());
    std::string line =
        issuer + "," + auth::HexEncode(SerialOctets(serial)) + ",card," + kNumber + ",";
    if (replaces == 0) return line + ",\n";
    return line + issuer + "," + auth::HexEncode(SerialOctets(replaces)) + "\n";
  }
  void WriteRegister(const std::string& lines) const {
    const std::string next = file_.string() + ".next";
    std::ofstream(next) << "issuer_key_id,serial,medium,individual_number,replaces_issuer_key_id,"
                           "replaces_serial\n"
                        << lines;
    ASSERT_EQ(chmod(next.c_str(), 0600), 0);
    std::filesystem::rename(next, file_);
  }
  v1::CardVerdict VerdictNow() {
    const grpc::Status status = Use(Act());
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response_.card_verdict();
  }
  void Await(FirstUse::Outcome outcome, int64_t count) const {
    const auto bound = Soon();
    while (first_use_.Count(outcome) < count) {
      ASSERT_LT(std::chrono::steady_clock::now(), bound);
      std::this_thread::yield();
    }
  }

  const auth::HmacKey number_key_ = TestKey("individual number");
  const auth::ScratchDirectory scratch_;
  const std::filesystem::path file_ = scratch_.path() / "residents.csv";
  std::unique_ptr<PostgresDatabase> jobs_ = database_.Open("kakunin_job");
  PostgresCardLinkStore links_;
  ResidentFile residents_{file_};
  CountingRegister register_{residents_};
  FirstUse first_use_{{.database = *jobs_,
                       .links = links_,
                       .registry = register_,
                       .individual_number_key = number_key_,
                       .audit_key = audit_key_},
                      clock_};
};

TEST_F(FirstUseTest, TheNextConfirmationAMomentLaterIsLinked) {
  WriteRegister(Line(auth::kSerial));
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_NOT_REGISTERED);
  EXPECT_NE(response_.next_step().find("少し待ってもう一度"), std::string::npos);
  Await(FirstUse::Outcome::kLinked, 1);
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_ACCEPTED);
  EXPECT_EQ(response_.validity(), v1::VALIDITY_VALID);
  ASSERT_EQ(response_.coverages_size(), 1);
  EXPECT_EQ(response_.coverages(0).number(), "5678910");
  EXPECT_EQ(register_.asked, 1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 31 AND code = 0"
                  " AND actor = 'kakunin_job' AND details = 'linked=1;superseded=0;unchanged=0'"),
            1);
  EXPECT_EQ(Count(std::string("SELECT count(*) FROM kakunin.audit_event a WHERE a::text LIKE '%") +
                  kNumber + "%'"),
            0);
}

TEST_F(FirstUseTest, ARenewedCardKeepsThePersonAndTheOldOneIsOver) {
  WriteRegister(Line(auth::kSerial));
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_NOT_REGISTERED);
  Await(FirstUse::Outcome::kLinked, 1);
  WriteRegister(Line(auth::kSerial) + Line(kRenewed, auth::kSerial));
  const std::string old = certificate_;
  certificate_ = CertificateOf(kRenewed);
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_NOT_REGISTERED);
  Await(FirstUse::Outcome::kLinked, 2);
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_ACCEPTED);
  EXPECT_EQ(response_.coverages_size(), 1);
  EXPECT_EQ(Count("SELECT count(DISTINCT person_id) FROM kakunin.card_link"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.person"), 1);
  certificate_ = old;
  EXPECT_EQ(DescribeError(Use(Act())).reason, "CARD_REVOKED");
}

TEST_F(FirstUseTest, AnOldCardThatWasNeverSeenIsOverOnceTheRenewedOneIsLinked) {
  WriteRegister(Line(auth::kSerial) + Line(kRenewed, auth::kSerial));
  const std::string old = certificate_;
  certificate_ = CertificateOf(kRenewed);
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_NOT_REGISTERED);
  Await(FirstUse::Outcome::kLinked, 1);
  certificate_ = old;
  EXPECT_EQ(DescribeError(Use(Act())).reason, "CARD_REVOKED");
}

TEST_F(FirstUseTest, ACardThatTheRegisterDoesNotKnowStaysUnlinkedAndIsAskedAboutRarely) {
  WriteRegister(Line(kRenewed));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_NOT_REGISTERED);
  Await(FirstUse::Outcome::kUnknown, 1);
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_NOT_REGISTERED);
  EXPECT_EQ(register_.asked, 1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.card_link"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 31"), 0);
  // In the span after the next it is asked about again.
  WriteRegister(Line(auth::kSerial));
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_NOT_REGISTERED);
  EXPECT_EQ(register_.asked, 1);
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_NOT_REGISTERED);
  Await(FirstUse::Outcome::kLinked, 1);
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_ACCEPTED);
}

TEST_F(FirstUseTest, ACardOfSomebodyElseIsAConflictThatIsAuditedAndNotRepeated) {
  WriteRegister(Line(auth::kSerial, kRenewed));
  const CardLinkRow other{.issuer_key_id = CardIssuerKeyId(),
                          .serial = SerialOctets(kRenewed),
                          .medium = 1,
                          .individual = {.hash = {9}, .key_id = "k"}};
  ASSERT_TRUE(jobs_
                  ->Write(Soon(),
                          [&](Transaction& tx) {
                            return links_.Put(tx, std::span(&other, 1), clock_.Now()).status();
                          })
                  .ok());
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_NOT_REGISTERED);
  Await(FirstUse::Outcome::kFailed, 1);
  EXPECT_EQ(VerdictNow(), v1::CARD_VERDICT_NOT_REGISTERED);
  EXPECT_EQ(register_.asked, 1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 31 AND reason ="
                  " 'PERSON_CONFLICT'"),
            1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.card_link"), 1);
}

}  // namespace
}  // namespace kakunin
