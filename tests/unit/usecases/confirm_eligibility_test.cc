#include "server/usecases/confirm_eligibility.h"

#include <set>

#include "domain/error.h"
#include "tests/unit/usecases/confirm_eligibility_fixture.h"

namespace kakunin {
namespace {

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

class OneInsurerBehind final : public InsurerDelays {
 public:
  std::optional<DeliveryDelay> Of(std::string_view insurer_number) const override {
    if (insurer_number != "06139463") return std::nullopt;
    return DeliveryDelay{.last_delivery = kToday - 7, .days = 7};
  }
};

TEST_F(ConfirmEligibilityTest, WhoFindsNobodyIsToldThatTheInsurerIsBehind) {
  const OneInsurerBehind delays;
  ConfirmEligibility usecase(store_, guard_, {audit_key_, handle_key_}, rules_, {}, auth::kSha256,
                             nullptr, &delays);
  Insure(1, 7);
  const auto warned = [&](uint8_t key, const char* insurer) {
    Inquiry inquiry = ByNumber(key);
    std::get<KeyQuestion>(inquiry.question).insurer = InsurerNumber::Parse(insurer);
    const Confirmed answer = usecase.Confirm(std::span(&inquiry, 1), {}, kNow, Soon()).front();
    const bool told = std::ranges::count(answer.warnings, Warning::kInsurerBehind) == 1;
    EXPECT_EQ(told, answer.delay.has_value());
    return told;
  };
  EXPECT_TRUE(warned(2, "06139463"));
  EXPECT_FALSE(warned(2, "33120015"));
  EXPECT_FALSE(warned(1, "06139463"));
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

TEST_F(ConfirmEligibilityTest, ATicketIsShownAsTheFacilityThatAsksMaySeeIt) {
  const AnswerPiece ticket{.kind = PieceKind::kMedicalTicket,
                           .octets = "+others",
                           .ticket = {.designated_facility_code = "1310000003",
                                      .prescription_issuer_code = "1310000011",
                                      .octets_for_designated = "+designated",
                                      .octets_for_issuer = "+issuer"}};
  AnswerPiece past = ticket;
  past.valid_through = kToday - 1;
  Insure(1, 7, {ticket, past, {.kind = PieceKind::kAddress, .octets = "+address"}});
  for (const auto& [facility, shown] : {std::pair{"1310000003", "base+designated+address"},
                                        {"1310000011", "base+issuer+address"},
                                        {"1310000029", "base+others+address"}}) {
    terminal_.facility_code = facility;
    EXPECT_EQ(Confirm({ByNumber(1)})[0].coverages, std::vector<std::string>{shown});
  }
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
          {PieceKind::kElderlyRecipientCertificate, absl::CivilDay(2026, 8, 1),
           absl::CivilDay(2026, 11, 21), "+elderly"},
          {PieceKind::kElderlyRecipientCertificate, absl::CivilDay(2025, 8, 1), {}, "+former"},
          {PieceKind::kElderlyRecipientCertificate, absl::CivilDay(2026, 8, 1), {}, "+second"},
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
  ConsentDecisions limit;
  limit.Set(ConsentKind::kLimitCertificate, Decision::kAgreed);
  EXPECT_EQ(store_.consents[0].decisions, limit);
  EXPECT_EQ(store_.consents[0].method, ConsentMethod::kOral);
  EXPECT_EQ(store_.consents[0].begin, kNow);
  EXPECT_EQ(store_.consents[0].end, kNow + absl::Hours(24));
  limit.Set(ConsentKind::kLimitCertificate, Decision::kDeclined);
  EXPECT_EQ(store_.consents[1].decisions, limit);

  terminal_.kind = TerminalKind::kRestricted;
  const auto restricted = Confirm({agreed});
  EXPECT_EQ(restricted[0].coverages[0], "base+elderly");
  EXPECT_EQ(store_.consents.size(), 2u);
  EXPECT_EQ(std::ranges::count(restricted[0].warnings, Warning::kTerminalTakesNoConsent), 1);
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
  inquiry.form_of_care = FormOfCare::kEmergency;
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

TEST_F(ConfirmEligibilityTest, AReadOfBadDataIsInternalAndAudited) {
  Insure(1, 7);
  store_.next_reads = {StoreFailure::kBadData};
  const auto answers = Confirm({ByNumber(1), ByNumber(2)});
  for (const Confirmed& answer : answers) EXPECT_EQ(ReasonOf(answer.status), Reason::kInternal);
  ASSERT_EQ(store_.audit.size(), 2u);
  EXPECT_EQ(store_.audit[0].reason, "INTERNAL");
  EXPECT_TRUE(store_.confirmations.empty());
}

TEST_F(ConfirmEligibilityTest, AWriteThatMayNotHappenTellsNobodyAnything) {
  Insure(1, 7);
  for (const StoreFailure failure :
       {StoreFailure::kUnavailable, StoreFailure::kTimedOut, StoreFailure::kDenied}) {
    store_.next_writes = {{failure, false}};
    const auto answers = Confirm({ByNumber(1), ByNumber(2)});
    for (const Confirmed& answer : answers) {
      EXPECT_EQ(ReasonOf(answer.status), failure == StoreFailure::kDenied
                                             ? Reason::kInternal
                                             : Reason::kDatabaseUnavailable);
      EXPECT_TRUE(answer.coverages.empty());
      EXPECT_TRUE(answer.patient_handle.empty());
    }
  }
  EXPECT_TRUE(store_.audit.empty());
  EXPECT_TRUE(Confirm({ByNumber(1)})[0].status.ok());
  ExpectChained();
}

TEST_F(ConfirmEligibilityTest, ARowThatFailsEvenStrippedIsInternalAndTheRestIsAnswered) {
  Insure(1, 7);
  store_.next_writes = {{StoreFailure::kBadData, false},   // both
                        {StoreFailure::kBadData, false},   // the first alone
                        {StoreFailure::kBadData, false}};  // what is left of it
  const auto answers = Confirm({ByNumber(1), ByNumber(1)});
  EXPECT_EQ(ReasonOf(answers[0].status), Reason::kInternal);
  EXPECT_TRUE(answers[0].failed_alone);
  EXPECT_TRUE(answers[1].status.ok());
  EXPECT_FALSE(answers[1].failed_alone);
  EXPECT_EQ(store_.audit.size(), 1u);
  ExpectChained();
}

TEST_F(ConfirmEligibilityTest, AConflictThatDoesNotEndIsUnavailable) {
  Insure(1, 7);
  store_.next_writes.assign(4, {StoreFailure::kSerialisation, false});
  EXPECT_EQ(ReasonOf(Confirm({ByNumber(1)})[0].status), Reason::kDatabaseUnavailable);
  EXPECT_EQ(store_.writes, 4);
  EXPECT_TRUE(store_.audit.empty());
}

TEST_F(ConfirmEligibilityTest, AnIssueThatFailsLeavesNoGapAndAConflictIsRepeated) {
  const IssueInquiry inquiry{.terminal = &terminal_, .actor_name = "1310000003/T1"};
  const auto issue = [&] { return usecase_.Issue(std::span(&inquiry, 1), kNow, Soon())[0]; };
  store_.next_issues = {StoreFailure::kBroken};
  const Issued failed = issue();
  EXPECT_EQ(ReasonOf(failed.status), Reason::kInternal);
  EXPECT_TRUE(failed.to_be_signed.empty());
  store_.next_issues = {StoreFailure::kSerialisation};
  EXPECT_EQ(issue().audit_id.number, 1);
  EXPECT_EQ(issue().audit_id.number, 2);
  ExpectChained();
}

TEST_F(ConfirmEligibilityTest, AnIssueIsRefusedAndAuditedLikeEverythingElse) {
  const IssueInquiry emergency{.terminal = &terminal_, .form_of_care = FormOfCare::kEmergency};
  const IssueInquiry foreign{.terminal = &terminal_, .refused = Reason::kFacilityCodeDiffers};
  const std::vector<IssueInquiry> inquiries = {emergency, foreign};
  const auto issued = usecase_.Issue(inquiries, kNow, Soon());
  EXPECT_EQ(ReasonOf(issued[0].status), Reason::kFacilityTypeNotAllowed);
  EXPECT_EQ(ReasonOf(issued[1].status), Reason::kFacilityCodeDiffers);
  EXPECT_TRUE(store_.challenges.empty());
  ASSERT_EQ(store_.audit.size(), 2u);
  EXPECT_EQ(store_.audit[1].reason, "FACILITY_CODE_DIFFERS");
}

TEST_F(ConfirmEligibilityTest, AnotherFacilitysCodeIsNeverLookedUp) {
  Insure(1, 7);
  Inquiry inquiry = ByNumber(1);
  inquiry.refused = Reason::kFacilityCodeDiffers;
  const auto answers = Confirm({inquiry});
  EXPECT_EQ(ReasonOf(answers[0].status), Reason::kFacilityCodeDiffers);
  EXPECT_EQ(guard_.found + guard_.misses, 0);
  EXPECT_EQ(store_.audit.size(), 1u);
  EXPECT_TRUE(store_.confirmations.empty());
}

TEST_F(ConfirmEligibilityTest, APhoneInPlaceOfTheCardIsRefusedBeforeItsDay) {
  Inquiry inquiry = ByCard(IssueOne(rules_.phone_from - absl::Seconds(1)));
  std::get<CardQuestion>(inquiry.question).holder_verification = HolderVerification::kPhone;
  Confirm({inquiry}, rules_.phone_from - absl::Microseconds(1));
  EXPECT_EQ(store_.audit.back().reason, "HOLDER_VERIFICATION_NOT_ALLOWED");
  Confirm({inquiry}, rules_.phone_from);
  EXPECT_EQ(store_.audit.back().reason, "CARD_REVOCATION_MISSING");  // judged as a card
}

TEST_F(ConfirmEligibilityTest, ARefusedWayOfVerifyingIsAnsweredWithTheWaysThatAreAllowed) {
  const absl::Time now = rules_.phone_from - absl::Seconds(1);
  const auto told = [&](HolderVerification way, FormOfCare form) {
    Inquiry inquiry = ByCard(IssueOne(now));
    inquiry.form_of_care = form;
    std::get<CardQuestion>(inquiry.question).holder_verification = way;
    return OwnSentenceOf(Confirm({inquiry}, now)[0].status).value_or("the table's");
  };
  EXPECT_EQ(told(HolderVerification::kPhone, FormOfCare::kOutpatient),
            "この本人確認方法は利用できません。顔認証、暗証番号または目視で確認してください。");
  EXPECT_EQ(told(HolderVerification::kFace, FormOfCare::kHomeVisit),
            "この本人確認方法は利用できません。暗証番号または目視で確認してください。");
  EXPECT_EQ(told(HolderVerification::kVisual, FormOfCare::kOnlineCare),
            "この本人確認方法は利用できません。暗証番号で確認してください。");
}

// docs/adr/0010: what the insurer states decides the validity, what the patient shows the next
// step.
TEST_F(ConfirmEligibilityTest, AnExpiredDocumentDoesNotEndACoverageButItsInsurersTermDoes) {
  const absl::Time now = absl::FromCivil(absl::CivilSecond(2026, 2, 10, 10, 0, 0), JapanTime());
  const absl::CivilDay today = CivilDayAt(now);
  Insure(1, 11);
  AnswerCoverage ended{.key_without_branch = IdOf<KeyHash>(2),
                       .qualification_date = absl::CivilDay(2020, 4, 1),
                       .certificate_valid_through = today - 1,
                       .octets = "base"};
  store_.by_key[IdOf<KeyHash>(2)].push_back(
      {IdOf<PersonId>(12), kAnswerFormat, EncodeAnswerRow(std::span(&ended, 1))});
  std::vector<Inquiry> inquiries;
  for (const uint8_t key : {1, 2}) {
    Inquiry inquiry = ByNumber(key);
    inquiry.day = today;
    auto& question = std::get<KeyQuestion>(inquiry.question);
    question.document = DocumentShown::kHealthInsuranceCard;
    question.document_valid_through = absl::CivilDay(2025, 7, 31);
    inquiries.push_back(inquiry);
  }
  const auto answers = Confirm(inquiries, now);
  EXPECT_EQ(answers[0].validity, Validity::kValid);
  EXPECT_EQ(answers[0].warnings, std::vector{Warning::kInsuranceCardExpiredAccepted});
  EXPECT_EQ(answers[0].next_step, NextStep::kReceiveExpiredCard);
  EXPECT_EQ(answers[1].validity, Validity::kInvalid);
  EXPECT_EQ(answers[1].warnings, std::vector{Warning::kDocumentExpired});
  EXPECT_EQ(answers[1].next_step, NextStep::kAskInsurer);
}

TEST_F(ConfirmEligibilityTest, DigestsTellAnswersApartAndAPastDayIsWarnedOf) {
  Insure(1, 7);
  Inquiry past = ByNumber(1);
  past.day = kToday - 1;
  Inquiry before = ByNumber(1);
  before.day = absl::CivilDay(2020, 3, 31);
  const auto answers = Confirm({ByNumber(1), past, before});
  EXPECT_TRUE(answers[0].warnings.empty());
  EXPECT_EQ(answers[1].warnings, std::vector<Warning>{Warning::kPastDayAsked});
  EXPECT_EQ(store_.audit[0].answer_digest, store_.audit[1].answer_digest);
  EXPECT_NE(store_.audit[0].answer_digest, store_.audit[2].answer_digest);
  EXPECT_EQ(store_.confirmations[1].day, kToday - 1);
  EXPECT_EQ(store_.audit[0].person, store_.audit[2].person);
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

TEST_F(ChallengeUseTest, IsForItsFormOfCareAlone) {
  const ChallengeId challenge = IssueOne();
  store_.challenges.at(challenge).first.form_of_care = FormOfCare::kHomeVisit;
  EXPECT_EQ(Judge(ByCard(challenge)), "CHALLENGE_OTHER_FORM_OF_CARE");
}

TEST_F(ChallengeUseTest, IsNotBurntByAConflictAndNotJudgedWithoutTheDatabase) {
  const ChallengeId challenge = IssueOne();
  store_.next_consumes = {StoreFailure::kSerialisation};
  EXPECT_EQ(Judge(ByCard(challenge)), kPassed);
  const ChallengeId second = IssueOne();
  store_.next_consumes = {StoreFailure::kTimedOut};
  const size_t audited = store_.audit.size();
  for (const Confirmed& answer : Confirm({ByCard(second), ByCard(second)})) {
    EXPECT_EQ(ReasonOf(answer.status), Reason::kDatabaseUnavailable);
  }
  EXPECT_EQ(store_.audit.size(), audited);
}

TEST_F(ChallengeUseTest, OfTwoUsesInOneBatchExactlyOnePasses) {
  const ChallengeId challenge = IssueOne();
  Confirm({ByCard(challenge, 0, 1), ByCard(challenge, 0, 2)});
  ASSERT_GE(store_.audit.size(), 3u);
  EXPECT_EQ(store_.audit[1].reason, kPassed);
  EXPECT_EQ(store_.audit[2].reason, "CHALLENGE_USED");
  EXPECT_FALSE(store_.repeated_id_in_one_batch);
}

TEST_F(ChallengeUseTest, ASpentChallengeIsNotOpenedByTwoEqualRequestsInOneBatch) {
  const ChallengeId challenge = IssueOne();
  EXPECT_EQ(Judge(ByCard(challenge, 1)), kPassed);
  for (const auto& [first, second] : {std::pair(2, 2), std::pair(2, 1), std::pair(1, 2)}) {
    const size_t before = store_.audit.size();
    Confirm({ByCard(challenge, first), ByCard(challenge, second)});
    ASSERT_EQ(store_.audit.size(), before + 2);
    // The first user's own retry passes wherever it stands; nobody else does.
    EXPECT_EQ(store_.audit[before].reason, first == 1 ? kPassed : "CHALLENGE_USED");
    EXPECT_EQ(store_.audit[before + 1].reason, second == 1 ? kPassed : "CHALLENGE_USED");
  }
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
