#include "server/usecases/confirm_eligibility.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "domain/civil_day.h"
#include "domain/error.h"
#include "tests/unit/usecases/scripted_confirmation_store.h"

namespace kakunin {
namespace {

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2026, 11, 21, 10, 0, 0), JapanTime());
const absl::CivilDay kToday(2026, 11, 21);

Digest32 HashOctets(std::string_view octets) { return auth::Sha256(octets); }

template <class Id>
Id IdOf(uint8_t number) {
  Id id;
  id.octets[0] = number;
  return id;
}

class OpenGuard final : public InquiryGuard {
 public:
  bool Allows(std::string_view, std::string_view, absl::Time) override { return open; }
  void NoMatch(std::string_view, std::string_view, absl::Time) override { ++misses; }
  void Found(std::string_view, std::string_view, const PersonId&, absl::Time) override { ++found; }

  bool open = true;
  int misses = 0;
  int found = 0;
};

class ConfirmEligibilityTest : public testing::Test {
 protected:
  ConfirmEligibilityTest() {
    terminal_.facility_code = "1310000003";
    terminal_.terminal_id = "T1";
  }

  // A person with one open coverage since 2020, found by `key`.
  void Insure(uint8_t key, uint8_t person, std::vector<AnswerPiece> pieces = {}) {
    AnswerCoverage coverage{.key_without_branch = IdOf<KeyHash>(key),
                            .qualification_date = absl::CivilDay(2020, 4, 1),
                            .octets = "base",
                            .pieces = std::move(pieces)};
    store_.by_key[IdOf<KeyHash>(key)].push_back(
        {IdOf<PersonId>(person), kAnswerFormat, EncodeAnswerRow(std::span(&coverage, 1))});
  }

  Inquiry ByNumber(uint8_t key) const {
    return {.terminal = &terminal_,
            .actor_name = "1310000003/T1",
            .day = kToday,
            .question = KeyQuestion{.key = IdOf<KeyHash>(key),
                                    .key_without_branch = IdOf<KeyHash>(key),
                                    .document = DocumentShown::kEligibilityCertificate}};
  }

  Inquiry ByCard(const ChallengeId& challenge, uint8_t request = 0, uint8_t digest = 1) const {
    return {.terminal = &terminal_,
            .actor_name = "1310000003/T1",
            .day = kToday,
            .request_id = IdOf<RequestId>(request),
            .request_digest = IdOf<PersonPseudonym>(digest),
            .question = CardQuestion{.challenge = challenge, .certificate = "x", .signature = "y"}};
  }

  ChallengeId IssueOne(absl::Time at = kNow, CardPurpose purpose = CardPurpose::kConfirm) {
    const IssueInquiry inquiry{
        .terminal = &terminal_, .actor_name = "1310000003/T1", .purpose = purpose};
    const auto issued = usecase_.Issue(std::span(&inquiry, 1), at, Soon());
    EXPECT_TRUE(issued[0].status.ok());
    return issued[0].challenge;
  }

  std::vector<Confirmed> Confirm(const std::vector<Inquiry>& inquiries, absl::Time at = kNow) {
    return usecase_.Confirm(inquiries, {}, at, Soon());
  }

  static MonotonicTime Soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(5); }

  // The rows of each stream are numbered from 1 without gaps, and each is chained to the one
  // before.
  void ExpectChained() {
    std::map<StreamId, const AuditRecord*> last;
    for (const AuditRecord& row : store_.audit) {
      const AuditRecord* before = last[row.id.stream];
      EXPECT_EQ(row.id.number, before == nullptr ? 1 : before->id.number + 1);
      EXPECT_EQ(row.previous_hash, before == nullptr ? Digest32{} : before->hash);
      std::string octets;
      AppendCanonicalOctets(row, octets);
      EXPECT_EQ(row.hash, HashOctets(octets));
      last[row.id.stream] = &row;
    }
  }

  Terminal terminal_;
  ScriptedConfirmationStore store_;
  OpenGuard guard_;
  auth::HmacKey audit_key_{"audit", "k1"};
  auth::PatientHandleKey handle_key_{auth::AsBytes("0123456789abcdef0123456789abcdef")};
  ConfirmationRules rules_;
  ConfirmEligibility usecase_{store_,
                              guard_,
                              {audit_key_, handle_key_},
                              rules_,
                              [](std::span<const Coverage>) { return EncodeAnswerRow({}); },
                              &HashOctets};
};

TEST_F(ConfirmEligibilityTest, AnswersAuditsAndConfirmsByNumber) {
  Insure(1, 7);
  const auto answers = Confirm({ByNumber(1), ByNumber(2)});
  ASSERT_TRUE(answers[0].status.ok());
  EXPECT_EQ(answers[0].validity, Validity::kValid);
  EXPECT_EQ(answers[0].coverages, std::vector<std::string>{"base"});
  EXPECT_EQ(answers[1].validity, Validity::kNotFound);
  EXPECT_TRUE(answers[1].patient_handle.empty());
  ASSERT_EQ(store_.audit.size(), 2u);
  ASSERT_EQ(store_.confirmations.size(), 1u);
  EXPECT_EQ(store_.confirmations[0].person, IdOf<PersonId>(7));
  EXPECT_EQ(store_.confirmations[0].audit_id.number, answers[0].audit_id.number);
  ASSERT_TRUE(store_.audit[0].person);
  EXPECT_NE(store_.audit[0].person->octets, IdOf<PersonId>(7).octets);
  EXPECT_FALSE(store_.audit[1].person);
  EXPECT_EQ(guard_.misses, 1);
  EXPECT_EQ(guard_.found, 1);
  ExpectChained();
}

TEST_F(ConfirmEligibilityTest, SeveralPersonsAreNeverChosenFrom) {
  Insure(1, 7);
  Insure(1, 8);
  const auto answers = Confirm({ByNumber(1)});
  EXPECT_EQ(answers[0].validity, Validity::kSeveralFound);
  EXPECT_TRUE(answers[0].coverages.empty());
  EXPECT_TRUE(store_.confirmations.empty());
}

TEST_F(ConfirmEligibilityTest, HandleOpensForThisFacilityAloneAndEndsWithTheWindow) {
  Insure(1, 7);
  const auto answers = Confirm({ByNumber(1)});
  const auto content = handle_key_.Open("1310000003", answers[0].patient_handle);
  ASSERT_TRUE(content);
  EXPECT_EQ(content->person, IdOf<PersonId>(7).octets);
  EXPECT_EQ(content->end, kNow + absl::Hours(24));
  EXPECT_FALSE(handle_key_.Open("1310000011", answers[0].patient_handle));
}

TEST_F(ConfirmEligibilityTest, LimitCertificateIsShownOnlyWithConsentAndOnlyTheLastThatHolds) {
  Insure(1, 7,
         {{PieceKind::kLimitCertificate, absl::CivilDay(2026, 8, 1), absl::CivilDay(2027, 7, 31),
           "+new"},
          {PieceKind::kLimitCertificate, absl::CivilDay(2025, 8, 1), absl::CivilDay(2026, 12, 31),
           "+old"},
          {PieceKind::kLimitCertificate, absl::CivilDay(2020, 8, 1), absl::CivilDay(2021, 7, 31),
           "+gone"},
          {PieceKind::kSpecificDiseaseCertificate, {}, {}, "+disease"},
          {PieceKind::kElderlyRecipientCertificate, {}, absl::CivilDay(2026, 11, 21), "+elderly"},
          {PieceKind::kElderlyRecipientCertificate, {}, absl::CivilDay(2026, 11, 20), "+past"}});
  Inquiry agreed = ByNumber(1);
  std::get<KeyQuestion>(agreed.question).limit_certificate = Decision::kAgreed;
  Inquiry declined = ByNumber(1);
  std::get<KeyQuestion>(declined.question).limit_certificate = Decision::kDeclined;
  const auto answers = Confirm({ByNumber(1), agreed, declined});
  EXPECT_EQ(answers[0].coverages[0], "base+elderly");
  EXPECT_EQ(answers[1].coverages[0], "base+elderly+new");
  EXPECT_EQ(answers[2].coverages[0], "base+elderly");
  ASSERT_EQ(store_.consents.size(), 2u);
  EXPECT_EQ(store_.consents[0].kind, ConsentKind::kLimitCertificate);
  EXPECT_EQ(store_.consents[0].method, ConsentMethod::kOral);
  EXPECT_EQ(store_.consents[0].begin, kNow);
  EXPECT_EQ(store_.consents[0].end, kNow + absl::Hours(24));
  EXPECT_EQ(store_.consents[1].decision, Decision::kDeclined);
  EXPECT_EQ(store_.consents[1].end, kNow);
}

TEST_F(ConfirmEligibilityTest, OneBadRowAmongSixtyFourLeavesSixtyThreeRightAnswersEachWrittenOnce) {
  Insure(1, 7);
  Terminal poisoned = terminal_;
  poisoned.user = "poison";
  store_.poisoned_user = "poison";
  std::vector<Inquiry> inquiries(64, ByNumber(1));
  inquiries[41].terminal = &poisoned;
  const auto answers = Confirm(inquiries);
  std::set<int64_t> numbers;
  for (size_t i = 0; i < answers.size(); ++i) {
    if (i == 41) {
      EXPECT_EQ(ReasonOf(answers[i].status), Reason::kInternal);
      EXPECT_TRUE(answers[i].coverages.empty());
      continue;
    }
    ASSERT_TRUE(answers[i].status.ok()) << i;
    EXPECT_EQ(answers[i].validity, Validity::kValid);
    EXPECT_TRUE(numbers.insert(answers[i].audit_id.number).second);
  }
  EXPECT_EQ(store_.audit.size(), 64u);
  EXPECT_EQ(store_.confirmations.size(), 63u);
  int failures = 0;
  for (const AuditRecord& row : store_.audit) failures += row.reason == "ROW_REFUSED" ? 1 : 0;
  EXPECT_EQ(failures, 1);
  ExpectChained();
}

TEST_F(ConfirmEligibilityTest, ASerialisationFailureRepeatsTheBatchAndWritesItOnce) {
  Insure(1, 7);
  store_.next_reads = {StoreFailure::kSerialisation};
  store_.next_writes = {{StoreFailure::kSerialisation, false},
                        {StoreFailure::kSerialisation, false}};
  const auto answers = Confirm({ByNumber(1), ByNumber(1)});
  EXPECT_TRUE(answers[0].status.ok());
  EXPECT_EQ(store_.writes, 3);
  EXPECT_EQ(store_.audit.size(), 2u);
  ExpectChained();
}

TEST_F(ConfirmEligibilityTest, AnUnknownOutcomeIsDecidedByTheLastAuditRow) {
  Insure(1, 7);
  store_.next_writes = {{StoreFailure::kUnknownOutcome, true}};
  const auto happened = Confirm({ByNumber(1), ByNumber(1)});
  EXPECT_TRUE(happened[0].status.ok());
  EXPECT_TRUE(happened[1].status.ok());
  EXPECT_EQ(store_.audit.size(), 2u);

  store_.next_writes = {{StoreFailure::kUnknownOutcome, false}};
  const auto lost = Confirm({ByNumber(1)});
  EXPECT_EQ(ReasonOf(lost[0].status), Reason::kDatabaseUnavailable);
  EXPECT_TRUE(lost[0].coverages.empty());
  EXPECT_EQ(store_.audit.size(), 2u);
}

TEST_F(ConfirmEligibilityTest, EveryConnectionOpensAStreamOfItsOwn) {
  Insure(1, 7);
  const auto first = Confirm({ByNumber(1)});
  store_.next_writes = {{StoreFailure::kTimedOut, false}};
  const auto frozen = Confirm({ByNumber(1)});
  EXPECT_EQ(ReasonOf(frozen[0].status), Reason::kDatabaseUnavailable);
  const auto after = Confirm({ByNumber(1)});
  EXPECT_EQ(first[0].audit_id.number, 1);
  EXPECT_EQ(after[0].audit_id.number, 1);
  EXPECT_NE(first[0].audit_id.stream, after[0].audit_id.stream);
  EXPECT_EQ(store_.connections, 2);
  ExpectChained();
}

TEST_F(ConfirmEligibilityTest, WithoutAConnectionNothingIsAnswered) {
  Insure(1, 7);
  store_.may_connect = false;
  const auto answers = Confirm({ByNumber(1)});
  EXPECT_EQ(ReasonOf(answers[0].status), Reason::kDatabaseUnavailable);
  EXPECT_TRUE(answers[0].coverages.empty());
  EXPECT_TRUE(store_.audit.empty());
}

TEST_F(ConfirmEligibilityTest, ARowOfAnotherFormatReadsTheTruth) {
  store_.by_key[IdOf<KeyHash>(1)].push_back({IdOf<PersonId>(7), kAnswerFormat + 1, "not ours"});
  const auto answers = Confirm({ByNumber(1)});
  EXPECT_TRUE(answers[0].status.ok());
  EXPECT_EQ(store_.truths_read, 1);
}

TEST_F(ConfirmEligibilityTest, ABrokenRowIsRefusedAndAudited) {
  store_.by_key[IdOf<KeyHash>(1)].push_back({IdOf<PersonId>(7), kAnswerFormat, "broken"});
  const auto answers = Confirm({ByNumber(1)});
  EXPECT_EQ(ReasonOf(answers[0].status), Reason::kInternal);
  ASSERT_EQ(store_.audit.size(), 1u);
  EXPECT_EQ(store_.audit[0].reason, "ANSWER_ROW_BROKEN");
}

TEST_F(ConfirmEligibilityTest, GuessingStopsNumberQueriesAndLeavesCardsOpen) {
  guard_.open = false;
  const auto answers = Confirm({ByNumber(1), ByCard(IssueOne())});
  EXPECT_EQ(ReasonOf(answers[0].status), Reason::kInquiryLimit);
  EXPECT_NE(ReasonOf(answers[1].status), Reason::kInquiryLimit);
  EXPECT_EQ(store_.audit.back().id.number, static_cast<int64_t>(store_.audit.size()));
}

TEST_F(ConfirmEligibilityTest, FormsOfCareThatAreNotInServiceAreRefusedAndAudited) {
  Inquiry inquiry = ByNumber(1);
  inquiry.form_of_care = FormOfCare::kHomeVisit;
  const auto answers = Confirm({inquiry});
  EXPECT_EQ(ReasonOf(answers[0].status), Reason::kFormOfCareNotInService);
  ASSERT_EQ(store_.audit.size(), 1u);
  EXPECT_EQ(store_.audit[0].reason, "FORM_OF_CARE_NOT_IN_SERVICE");
}

TEST_F(ConfirmEligibilityTest, WithoutRootsAndCrlsACardIsUnavailableAndItsChallengeBurnt) {
  const ChallengeId challenge = IssueOne();
  const auto first = Confirm({ByCard(challenge)});
  EXPECT_EQ(ReasonOf(first[0].status), Reason::kRevocationUnknown);
  const auto second = Confirm({ByCard(challenge)});
  EXPECT_EQ(ReasonOf(second[0].status), Reason::kChallengeRefused);
  EXPECT_EQ(store_.audit.back().reason, "CHALLENGE_USED");
}

// What the audit says of one use of a challenge.
class ChallengeUseTest : public ConfirmEligibilityTest {
 protected:
  std::string Judge(const Inquiry& inquiry, absl::Time at = kNow) {
    const auto answers = Confirm({inquiry}, at);
    EXPECT_FALSE(answers[0].status.ok());
    return store_.audit.back().reason;
  }
  static constexpr char kPassed[] =
      "CARD_REVOCATION_MISSING";  // the next check after the challenge
};

TEST_F(ChallengeUseTest, LivesSixtySecondsToTheMillisecond) {
  EXPECT_EQ(Judge(ByCard(IssueOne()), kNow + absl::Seconds(60) - absl::Milliseconds(1)), kPassed);
  EXPECT_EQ(Judge(ByCard(IssueOne()), kNow + absl::Seconds(60)), "CHALLENGE_EXPIRED");
  EXPECT_EQ(Judge(ByCard(IssueOne()), kNow + absl::Seconds(60) + absl::Milliseconds(1)),
            "CHALLENGE_EXPIRED");
}

TEST_F(ChallengeUseTest, ReasonsAreKeptApart) {
  EXPECT_EQ(Judge(ByCard(IdOf<ChallengeId>(9))), "CHALLENGE_UNKNOWN");
  EXPECT_EQ(Judge(ByCard(IssueOne(kNow, CardPurpose::kConsent))), "CHALLENGE_OTHER_PURPOSE");
  Terminal other = terminal_;
  other.terminal_id = "T2";
  Inquiry inquiry = ByCard(IssueOne());
  inquiry.terminal = &other;
  EXPECT_EQ(Judge(inquiry), "CHALLENGE_OTHER_TERMINAL");
  other.facility_code = "1310000011";
  inquiry = ByCard(IssueOne());
  inquiry.terminal = &other;
  EXPECT_EQ(Judge(inquiry), "CHALLENGE_OTHER_FACILITY");
}

TEST_F(ChallengeUseTest, OfTwoUsesInOneBatchExactlyOnePasses) {
  const ChallengeId challenge = IssueOne();
  Confirm({ByCard(challenge, 0, 1), ByCard(challenge, 0, 2)});
  ASSERT_GE(store_.audit.size(), 3u);
  EXPECT_EQ(store_.audit[1].reason, kPassed);
  EXPECT_EQ(store_.audit[2].reason, "CHALLENGE_USED");
  EXPECT_FALSE(store_.repeated_id_in_one_batch);
}

TEST_F(ChallengeUseTest, TheSameRequestMayBeRepeatedUntilTheChallengeEnds) {
  const ChallengeId challenge = IssueOne();
  EXPECT_EQ(Judge(ByCard(challenge, 5)), kPassed);
  EXPECT_EQ(Judge(ByCard(challenge, 5)), kPassed);
  EXPECT_NE(store_.audit.back().details.find("retry=1"), std::string::npos);
  EXPECT_EQ(Judge(ByCard(challenge, 5, 2)), "CHALLENGE_USED");
  EXPECT_EQ(Judge(ByCard(challenge, 6)), "CHALLENGE_USED");
  EXPECT_EQ(Judge(ByCard(challenge, 5), kNow + absl::Seconds(60)), "CHALLENGE_EXPIRED");
}

TEST_F(ChallengeUseTest, WithoutARequestIdNothingIsARetry) {
  const ChallengeId challenge = IssueOne();
  EXPECT_EQ(Judge(ByCard(challenge)), kPassed);
  EXPECT_EQ(Judge(ByCard(challenge)), "CHALLENGE_USED");
}

}  // namespace
}  // namespace kakunin
