// Card acts with real certificates, real signatures and real CRLs.
#include <deque>

#include "domain/error.h"
#include "tests/unit/auth/card_pki.h"
#include "tests/unit/usecases/confirm_eligibility_fixture.h"

namespace kakunin {
namespace {

using auth::CardPki;
using auth::CertificateSpec;

class ConfirmByCardTest : public ConfirmEligibilityTest {
 protected:
  ConfirmByCardTest() { UseCrls({auth::IssueCrl(auth::DefaultCrl(kNow), Issuer())}); }

  static const auth::Authority& Issuer() { return CardPki::Get().generations[2]; }

  void UseCrls(const std::vector<std::string>& crls) {
    trust_ = {
        .trust = CardPki::Get().store,
        .revocations = std::make_shared<const auth::RevocationSnapshot>(auth::SnapshotOf(crls))};
  }

  // Makes person 7 the holder of the default card, with one open coverage that has both
  // certificates that need consent.
  void LinkHolder(int medium = 1, bool superseded = false) {
    const AnswerCoverage coverage{
        .key_without_branch = IdOf<KeyHash>(1),
        .qualification_date = absl::CivilDay(2020, 4, 1),
        .octets = "base",
        .pieces = {{PieceKind::kLimitCertificate, {}, {}, "+limit"},
                   {PieceKind::kSpecificDiseaseCertificate, {}, {}, "+disease"}}};
    const auth::Sha256Digest issuer = auth::Sha256(Issuer().key.PublicKeyDer());
    const auth::SerialNumber serial(auth::kSerial);
    store_.by_card[{std::string(issuer.begin(), issuer.end()),
                    std::string(serial.bytes().begin(), serial.bytes().end())}] = {
        .holder = {IdOf<PersonId>(7), kAnswerFormat, EncodeAnswerRow(std::span(&coverage, 1))},
        .medium = medium,
        .superseded = superseded};
  }

  static ConsentDecisions All(Decision decision) {
    ConsentDecisions decisions;
    for (int i = 1; i <= kConsentKinds; ++i) decisions.Set(static_cast<ConsentKind>(i), decision);
    return decisions;
  }

  // One whole act: a challenge, signed by the card's key, and the certificate.
  Inquiry Act(const CertificateSpec& card = auth::DefaultCertificate(),
              Decision decision = Decision::kNotAsked, absl::Time at = kNow) {
    return Act(auth::Signed(card), CardPki::Get().card_key, decision, at);
  }
  Inquiry Act(const std::string& certificate, const auth::PrivateKey& key,
              Decision decision = Decision::kNotAsked, absl::Time at = kNow) {
    const IssueInquiry begin{
        .terminal = &terminal_, .actor_name = "1310000003/T1", .form_of_care = form_};
    const Issued issued = usecase_.Issue(std::span(&begin, 1), at, Soon())[0];
    certificates_.push_back(certificate);
    signatures_.push_back(key.Sign(issued.to_be_signed));
    Inquiry inquiry = ByCard(issued.challenge);
    inquiry.form_of_care = form_;
    auto& card = std::get<CardQuestion>(inquiry.question);
    card.certificate = certificates_.back();
    card.signature = signatures_.back();
    card.decisions = All(decision);
    return inquiry;
  }

  Confirmed ConfirmOne(const Inquiry& inquiry, absl::Time at = kNow) {
    return usecase_.Confirm(std::span(&inquiry, 1), trust_, at, Soon())[0];
  }

  // What the caller is told and what the audit keeps.
  void ExpectRefused(const Inquiry& inquiry, Reason general, const std::string& exact,
                     absl::Time at = kNow) {
    const Confirmed answer = ConfirmOne(inquiry, at);
    EXPECT_EQ(ReasonOf(answer.status), general) << exact;
    EXPECT_EQ(store_.audit.back().reason, exact);
    EXPECT_FALSE(store_.audit.back().person);
    EXPECT_TRUE(answer.coverages.empty());
    EXPECT_TRUE(store_.confirmations.empty());
    EXPECT_TRUE(store_.consents.empty());
  }

  FormOfCare form_ = FormOfCare::kOutpatient;  // of Act
  CardTrust trust_;
  std::deque<std::string> certificates_;  // what inquiries view
  std::deque<std::string> signatures_;
};

CertificateSpec EndingAt(absl::Time not_after) {
  CertificateSpec card = auth::DefaultCertificate();
  card.not_after = not_after;
  return card;
}

// The card's last month was October, and it is November: in grace until the end of January.
const absl::Time kEndedInOctober = auth::At("2026-10-31T23:59:59+09:00");

TEST_F(ConfirmByCardTest, AGoodCardShowsItsHolderAndTakesEveryConsent) {
  LinkHolder();
  const Confirmed answer = ConfirmOne(Act(auth::DefaultCertificate(), Decision::kAgreed));
  ASSERT_TRUE(answer.status.ok());
  EXPECT_EQ(answer.validity, Validity::kValid);
  EXPECT_EQ(answer.coverages, std::vector<std::string>{"base+disease+limit"});
  EXPECT_EQ(answer.certificate_not_after, auth::DefaultCard().not_after);
  EXPECT_TRUE(answer.warnings.empty());
  ASSERT_EQ(store_.consents.size(), 1u);
  const ConsentAct& act = store_.consents[0];
  EXPECT_EQ(act.decisions, All(Decision::kAgreed));
  EXPECT_EQ(act.method, ConsentMethod::kCard);
  EXPECT_EQ(act.begin, kNow);
  EXPECT_EQ(act.end, kNow + absl::Hours(24));
  EXPECT_EQ(act.issuer_key_id.size(), 32u);
  EXPECT_FALSE(act.serial.empty());
  EXPECT_EQ(act.audit_id.number, answer.audit_id.number);
  ASSERT_EQ(store_.confirmations.size(), 1u);
  EXPECT_EQ(store_.audit.back().details, "verification=PIN");
  EXPECT_EQ(guard_.found, 0);  // card queries are counted by nobody
  ExpectChained();
}

TEST_F(ConfirmByCardTest, WithoutConsentNothingThatNeedsItIsShown) {
  LinkHolder();
  EXPECT_EQ(ConfirmOne(Act()).coverages[0], "base");
  EXPECT_TRUE(store_.consents.empty());
  EXPECT_EQ(ConfirmOne(Act(auth::DefaultCertificate(), Decision::kDeclined)).coverages[0], "base");
  ASSERT_EQ(store_.consents.size(), 1u);
  EXPECT_EQ(store_.consents[0].decisions, All(Decision::kDeclined));
}

TEST_F(ConfirmByCardTest, ARestrictedTerminalTakesNoAgreementAndSaysSo) {
  LinkHolder();
  terminal_.kind = TerminalKind::kRestricted;
  Inquiry inquiry = Act(auth::DefaultCertificate(), Decision::kAgreed);
  const Confirmed agreed = ConfirmOne(inquiry);
  ASSERT_TRUE(agreed.status.ok());
  EXPECT_EQ(agreed.validity, Validity::kValid);
  EXPECT_EQ(agreed.coverages[0], "base");
  EXPECT_FALSE(agreed.consent);
  EXPECT_TRUE(store_.consents.empty());
  EXPECT_EQ(agreed.warnings, std::vector<Warning>{Warning::kTerminalTakesNoConsent});
  EXPECT_EQ(store_.confirmations.size(), 1u);

  // What is declined can only close, and counts.
  inquiry = Act(auth::DefaultCertificate(), Decision::kAgreed);
  std::get<CardQuestion>(inquiry.question).decisions.Set(ConsentKind::kDrug, Decision::kDeclined);
  EXPECT_EQ(ConfirmOne(inquiry).warnings, std::vector<Warning>{Warning::kTerminalTakesNoConsent});
  ConsentDecisions taken;
  taken.Set(ConsentKind::kDrug, Decision::kDeclined);
  ASSERT_EQ(store_.consents.size(), 1u);
  EXPECT_EQ(store_.consents[0].decisions, taken);
  EXPECT_TRUE(ConfirmOne(Act(auth::DefaultCertificate(), Decision::kDeclined)).warnings.empty());
  EXPECT_TRUE(ConfirmOne(Act()).warnings.empty());
  for (const TerminalKind kind : {TerminalKind::kDesk, TerminalKind::kMobile}) {
    terminal_.kind = kind;
    const Confirmed taken_there = ConfirmOne(Act(auth::DefaultCertificate(), Decision::kAgreed));
    EXPECT_TRUE(taken_there.warnings.empty());
    EXPECT_EQ(store_.consents.back().decisions, All(Decision::kAgreed));
  }
}

TEST_F(ConfirmByCardTest, ACardInGraceGivesEligibilityAloneAndAnActThatAgreesToNothing) {
  LinkHolder();
  const Confirmed answer = ConfirmOne(Act(EndingAt(kEndedInOctober), Decision::kAgreed));
  ASSERT_TRUE(answer.status.ok());
  EXPECT_TRUE(answer.card_in_grace);
  EXPECT_EQ(answer.validity, Validity::kValid);
  EXPECT_EQ(answer.coverages[0], "base");
  // The act that decides nothing is kept, so that a call for records can be told why.
  ASSERT_EQ(store_.consents.size(), 1u);
  EXPECT_EQ(store_.consents[0].decisions, ConsentDecisions());
  EXPECT_EQ(store_.consents[0].method, ConsentMethod::kCardInGrace);
  EXPECT_EQ(answer.warnings,
            (std::vector<Warning>{Warning::kCardInGrace, Warning::kConsentNotTaken}));
  EXPECT_EQ(answer.next_step, NextStep::kReceiveButRenewCard);
  EXPECT_EQ(store_.audit.back().details, "verification=PIN;verdict=ELIGIBILITY_ONLY");
  EXPECT_EQ(ConfirmOne(Act(EndingAt(kEndedInOctober))).warnings,
            std::vector<Warning>{Warning::kCardInGrace});
}

TEST_F(ConfirmByCardTest, WhatIsDeclinedByACardInGraceCountsAtTheDeskAndAtHome) {
  LinkHolder();
  ConsentDecisions drugs_declined;
  drugs_declined.Set(ConsentKind::kDrug, Decision::kDeclined);
  for (const FormOfCare form : {FormOfCare::kOutpatient, FormOfCare::kHomeVisit}) {
    form_ = form;
    store_.consents.clear();
    const Confirmed answer = ConfirmOne(Act(EndingAt(kEndedInOctober), Decision::kDeclined));
    EXPECT_EQ(answer.warnings, std::vector<Warning>{Warning::kCardInGrace});
    EXPECT_EQ(answer.coverages[0], "base");
    ASSERT_EQ(store_.consents.size(), 1u);
    EXPECT_EQ(store_.consents[0].decisions, All(Decision::kDeclined));
    EXPECT_EQ(store_.consents[0].method, ConsentMethod::kCardInGrace);
    EXPECT_EQ(store_.consents[0].form_of_care, form);
    // Of both in one act the agreement is dropped alone.
    Inquiry mixed = Act(EndingAt(kEndedInOctober), Decision::kAgreed);
    std::get<CardQuestion>(mixed.question).decisions.Set(ConsentKind::kDrug, Decision::kDeclined);
    EXPECT_EQ(ConfirmOne(mixed).warnings,
              (std::vector<Warning>{Warning::kCardInGrace, Warning::kConsentNotTaken}));
    ASSERT_EQ(store_.consents.size(), 2u);
    EXPECT_EQ(store_.consents[1].decisions, drugs_declined);
  }
}

TEST_F(ConfirmByCardTest, GraceIsForThePlasticCardWhateverTheCallerSays) {
  LinkHolder(/*medium=*/2);
  ExpectRefused(Act(EndingAt(kEndedInOctober)), Reason::kCardExpired, "CARD_EXPIRED_PHONE");
  LinkHolder();
  Inquiry phone = Act(EndingAt(kEndedInOctober));
  std::get<CardQuestion>(phone.question).holder_verification = HolderVerification::kPhone;
  ExpectRefused(phone, Reason::kCardExpired, "CARD_EXPIRED");
}

TEST_F(ConfirmByCardTest, APhonesCertificateIsNotTakenForACardThatWasLookedAt) {
  const auto act = [&](HolderVerification way) {
    Inquiry inquiry = Act();
    std::get<CardQuestion>(inquiry.question).holder_verification = way;
    return inquiry;
  };
  LinkHolder(/*medium=*/2);
  for (const HolderVerification way : {HolderVerification::kFace, HolderVerification::kVisual}) {
    ExpectRefused(act(way), Reason::kHolderVerificationNotAllowed, "HOLDER_VERIFICATION_OF_PHONE");
    EXPECT_EQ(
        OwnSentenceOf(ConfirmOne(act(way)).status),
        "この本人確認方法は利用できません。暗証番号またはスマートフォンの認証で確認してください。");
  }
  EXPECT_TRUE(ConfirmOne(act(HolderVerification::kPin)).status.ok());
  EXPECT_TRUE(ConfirmOne(act(HolderVerification::kPhone)).status.ok());
  LinkHolder();
  EXPECT_TRUE(ConfirmOne(act(HolderVerification::kFace)).status.ok());
}

TEST_F(ConfirmByCardTest, ACardPastItsGraceIsExpired) {
  LinkHolder();
  ExpectRefused(Act(EndingAt(auth::At("2026-07-31T23:59:59+09:00"))), Reason::kCardExpired,
                "CARD_EXPIRED");
  EXPECT_TRUE(ConfirmOne(Act(EndingAt(auth::At("2026-08-01T00:00:00+09:00")))).status.ok());
}

TEST_F(ConfirmByCardTest, ACardThatEndsSoonIsWarnedOf) {
  LinkHolder();
  const Confirmed answer = ConfirmOne(Act(EndingAt(auth::At("2027-02-20T23:59:59+09:00"))));
  EXPECT_EQ(answer.warnings, std::vector<Warning>{Warning::kCardExpiresSoon});
}

TEST_F(ConfirmByCardTest, WhoMayBeTakenForSomebodyElseIsWarnedOfAndAgreesToNothing) {
  LinkHolder();
  store_.in_cases = {IdOf<PersonId>(7)};
  const Confirmed answer = ConfirmOne(Act(auth::DefaultCertificate(), Decision::kAgreed));
  EXPECT_EQ(answer.validity, Validity::kValid);
  EXPECT_EQ(answer.coverages, std::vector<std::string>{"base"});
  EXPECT_EQ(answer.warnings, std::vector<Warning>{Warning::kIdentityInQuestion});
  EXPECT_TRUE(store_.consents.empty());
  ConfirmOne(Act(auth::DefaultCertificate(), Decision::kDeclined));
  ASSERT_EQ(store_.consents.size(), 1u);  // what is declined can only close
  EXPECT_EQ(store_.consents[0].decisions, All(Decision::kDeclined));
  store_.in_cases = {IdOf<PersonId>(8)};
  EXPECT_TRUE(ConfirmOne(Act()).warnings.empty());
}

TEST_F(ConfirmByCardTest, RevokedAndReplacedCardsAreToldAlikeAndKeptApart) {
  LinkHolder(/*medium=*/1, /*superseded=*/true);
  ExpectRefused(Act(), Reason::kCardRevoked, "CARD_SUPERSEDED");
  auth::CrlSpec crl = auth::DefaultCrl(kNow);
  crl.entries.push_back({.serial = auth::SerialNumber(auth::kSerial), .revoked_at = kNow});
  UseCrls({auth::IssueCrl(crl, Issuer())});
  ExpectRefused(Act(), Reason::kCardRevoked, "CARD_REVOKED");
}

TEST_F(ConfirmByCardTest, WithoutFreshRevocationsItIsUnavailable) {
  LinkHolder();
  ExpectRefused(Act(auth::DefaultCertificate(), Decision::kNotAsked, kNow + absl::Hours(22)),
                Reason::kRevocationUnknown, "CARD_REVOCATION_STALE", kNow + absl::Hours(22));
  UseCrls({});
  ExpectRefused(Act(), Reason::kRevocationUnknown, "CARD_REVOCATION_MISSING");
}

TEST_F(ConfirmByCardTest, WhyACardIsRefusedStaysInTheAudit) {
  LinkHolder();
  const CardPki& pki = CardPki::Get();
  const std::string good = auth::Signed(auth::DefaultCertificate());
  const std::string forged = auth::SignedBy(auth::DefaultCertificate(), pki.impostor);
  ExpectRefused(Act("not a certificate", pki.card_key), Reason::kCardRefused, "CARD_MALFORMED");
  ExpectRefused(Act(forged, pki.card_key), Reason::kCardRefused, "CARD_ISSUER");
  ExpectRefused(Act(good, pki.other_card_key), Reason::kCardRefused, "CARD_CHALLENGE_SIGNATURE");
  CertificateSpec early = auth::DefaultCertificate();
  early.not_before = kNow + absl::Seconds(1);
  ExpectRefused(Act(early), Reason::kCardRefused, "CARD_NOT_YET_VALID");
}

TEST_F(ConfirmByCardTest, ASignatureOverAnotherChallengeIsRefused) {
  LinkHolder();
  Inquiry first = Act();
  const Inquiry second = Act();
  std::get<CardQuestion>(first.question).signature =
      std::get<CardQuestion>(second.question).signature;
  ExpectRefused(first, Reason::kCardRefused, "CARD_CHALLENGE_SIGNATURE");
}

TEST_F(ConfirmByCardTest, AFailedSignatureBurnsItsChallenge) {
  LinkHolder();
  const Inquiry good = Act();
  Inquiry bad = good;
  std::get<CardQuestion>(bad.question).signature = "not a signature";
  ExpectRefused(bad, Reason::kCardRefused, "CARD_CHALLENGE_SIGNATURE");
  ExpectRefused(good, Reason::kChallengeRefused, "CHALLENGE_USED");
}

TEST_F(ConfirmByCardTest, ACardNobodyLinkedIsAnAnswerWithoutAPerson) {
  const Confirmed answer = ConfirmOne(Act(auth::DefaultCertificate(), Decision::kAgreed));
  ASSERT_TRUE(answer.status.ok());
  EXPECT_FALSE(answer.registered);
  EXPECT_EQ(answer.validity, Validity::kNotFound);
  EXPECT_EQ(answer.next_step, NextStep::kNotRegistered);
  EXPECT_TRUE(answer.patient_handle.empty());
  EXPECT_TRUE(store_.confirmations.empty());
  EXPECT_TRUE(store_.consents.empty());
  EXPECT_EQ(store_.audit.back().details, "verification=PIN;verdict=NOT_REGISTERED");
}

TEST_F(ConfirmByCardTest, OfTwoGoodUsesInOneBatchExactlyOneIsAnswered) {
  LinkHolder();
  const Inquiry act = Act();
  const std::vector<Inquiry> both = {act, act};
  const auto answers = usecase_.Confirm(both, trust_, kNow, Soon());
  EXPECT_TRUE(answers[0].status.ok());
  EXPECT_EQ(ReasonOf(answers[1].status), Reason::kChallengeRefused);
  EXPECT_EQ(store_.confirmations.size(), 1u);
}

TEST_F(ConfirmByCardTest, ARetryIsAnsweredFromWhatIsTrueNow) {
  LinkHolder();
  Inquiry act = Act();
  act.request_id = IdOf<RequestId>(5);
  EXPECT_EQ(ConfirmOne(act).validity, Validity::kValid);
  act.day = absl::CivilDay(2020, 3, 31);  // stands for a truth that changed: same digest
  const Confirmed again = ConfirmOne(act, kNow + absl::Seconds(59));
  ASSERT_TRUE(again.status.ok());
  EXPECT_NE(again.validity, Validity::kValid);
  EXPECT_EQ(store_.audit.back().details, "verification=PIN;retry=1");
  EXPECT_EQ(ReasonOf(ConfirmOne(act, kNow + absl::Seconds(60)).status), Reason::kChallengeRefused);
}

TEST_F(ConfirmByCardTest, CardsAndNumbersOfOneBatchGetTheirOwnAnswers) {
  LinkHolder();
  Insure(2, 8);
  std::vector<Inquiry> batch = {ByNumber(9), Act(), ByNumber(2), Act("x", CardPki::Get().card_key)};
  std::get<CardQuestion>(batch[1].question).assisted = true;
  const auto answers = usecase_.Confirm(batch, trust_, kNow, Soon());
  EXPECT_EQ(answers[0].validity, Validity::kNotFound);
  EXPECT_EQ(answers[1].validity, Validity::kValid);
  EXPECT_EQ(answers[2].validity, Validity::kValid);
  EXPECT_EQ(ReasonOf(answers[3].status), Reason::kCardRefused);
  ASSERT_EQ(store_.confirmations.size(), 2u);
  EXPECT_EQ(store_.confirmations[0].person, IdOf<PersonId>(7));
  EXPECT_EQ(store_.confirmations[1].person, IdOf<PersonId>(8));
  const size_t last = store_.audit.size();
  EXPECT_EQ(store_.audit[last - 3].details, "verification=PIN;assisted=1");
  ExpectChained();
}

}  // namespace
}  // namespace kakunin
