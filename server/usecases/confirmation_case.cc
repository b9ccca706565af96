#include "server/usecases/confirmation_case.h"

#include <fmt/format.h>

#include "auth/encoding.h"
#include "domain/civil_day.h"
#include "domain/error.h"
#include "domain/medical_ticket.h"
#include "domain/terminal_certificate.h"

namespace kakunin {
namespace {

// CardMedium of the public API.
constexpr int kPlasticCard = 1;

std::string_view NameOf(HolderVerification way) {
  switch (way) {
    case HolderVerification::kFace:
      return "FACE";
    case HolderVerification::kPin:
      return "PIN";
    case HolderVerification::kVisual:
      return "VISUAL";
    case HolderVerification::kPhone:
      return "PHONE";
  }
  return "";
}

// The answer has room for one: of several that hold, the one that began last, of those the first.
void TakeLast(const AnswerPiece& piece, const AnswerPiece*& last) {
  if (last == nullptr || piece.valid_from > last->valid_from) last = &piece;
}

}  // namespace

void ConfirmEligibility::Case::Refuse(Reason reason, std::string_view exact) {
  result.status = MakeError(reason);
  record.code = static_cast<int>(result.status.code());
  record.reason = exact;
  record.details = Details();
}

void ConfirmEligibility::Case::TakeBack(Reason reason) {
  result = {};
  confirmation.reset();
  no_match.reset();
  record.validity = 0;
  record.answer_digest = {};
  Refuse(reason, FactsOf(reason).name);
}

void ConfirmEligibility::Case::Fail(const absl::Status& status) {
  result = {};
  result.status = status;
  result.failed_alone = stripped;
  failed = !stripped;
  record.code = static_cast<int>(status.code());
  record.reason = FactsOf(*ReasonOf(status)).name;
  record.validity = 0;
  record.answer_digest = {};
  confirmation.reset();
  no_match.reset();
}

void ConfirmEligibility::Case::JudgeChallenge(const ChallengeOutcome& outcome, absl::Time now) {
  challenge = outcome.challenge;
  // The same request of the same terminal once more: its first answer may have been lost on the
  // way.
  retry = !outcome.consumed_now && inquiry->request_id != RequestId{} &&
          outcome.used_by_request == inquiry->request_id &&
          outcome.used_by_digest == inquiry->request_digest &&
          outcome.used_by_terminal_id == inquiry->terminal->terminal_id;
  acted = retry ? outcome.used_at : now;
  const CardUse use{inquiry->terminal, CardPurpose::kConfirm, inquiry->form_of_care};
  const std::string_view fault = ChallengeFault(outcome, use, retry, now);
  if (!fault.empty()) Refuse(Reason::kChallengeRefused, fault);
}

void ConfirmEligibility::Case::JudgeCard() {
  if (const auto refusal = RefusalOf(verdict)) return Refuse(refusal->reason, refusal->exact);
  result.card_in_grace = verdict.kind == auth::VerdictKind::kEligibilityOnly;
  result.certificate_not_after = verdict.not_after;
}

void ConfirmEligibility::Case::DropOthersThan(const SeesOnly& sees_only) {
  std::erase_if(persons,
                [&](const PersonAnswer& answer) { return !Sees(sees_only, answer.person); });
  if (link.linked && !Sees(sees_only, link.answer.person)) link = {};
  if (named() != nullptr && !Sees(sees_only, named()->person)) {
    Refuse(Reason::kNoConsent, "OPERATION_TEST");
  }
}

const PersonAnswer* ConfirmEligibility::Case::Identify() {
  if (card() != nullptr) {
    result.registered = link.linked;
    if (!link.linked) return nullptr;
    if (link.superseded) {
      Refuse(Reason::kCardRevoked, "CARD_SUPERSEDED");
      return nullptr;
    }
    // Grace is for the plastic card alone; what the caller said of the medium is not proof
    // (jpki.md 1.6).
    if (result.card_in_grace && link.medium != kPlasticCard) {
      Refuse(Reason::kCardExpired, "CARD_EXPIRED_PHONE");
      return nullptr;
    }
    ways.phone = link.medium != kPlasticCard;
    if (!IsHolderVerificationAllowed(card()->holder_verification, ways, asked_at)) {
      Refuse(Reason::kHolderVerificationNotAllowed, "HOLDER_VERIFICATION_OF_PHONE");
      result.status = HolderVerificationNotAllowed(AllowedHolderVerifications(ways, asked_at));
      return nullptr;
    }
    person = &link.answer;
  } else if (named() != nullptr) {
    person = &asked;
  } else if (persons.size() == 1) {
    person = &persons.front();
  }
  return person;
}

void ConfirmEligibility::Case::DecideNobody() {
  result.validity = persons.size() > 1 ? Validity::kSeveralFound : Validity::kNotFound;
}

void ConfirmEligibility::Case::DecideFor(std::span<const AnswerCoverage> coverages, absl::Time now,
                                         const DocumentRules& documents) {
  const KeyQuestion* const by_key = key();
  const Selection selection =
      by_key == nullptr ? SelectForCard(coverages, inquiry->day)
                        : SelectForKey(coverages, by_key->key_without_branch, inquiry->day);
  result.validity = selection.validity;
  if (by_key != nullptr && selection.shown.empty()) {
    // A look-up that no coverage answers for any more: to the facility this is nobody.
    person = nullptr;
    return;
  }
  TakeConsent(now);
  for (const AnswerCoverage* coverage : selection.shown) {
    Show(*coverage, Opened(ConsentKind::kLimitCertificate),
         Opened(ConsentKind::kSpecificDiseaseCertificate));
  }
  if (by_key == nullptr || by_key->in_bulk) return;
  document_worth = WorthOf(by_key->document, by_key->document_valid_through, inquiry->day,
                           result.validity, documents);
}

bool ConfirmEligibility::Case::Opened(ConsentKind kind) const {
  if (result.consent && result.consent->decisions.Agreed(kind)) return true;
  // While it is in question who they are, what they agreed to before opens nothing.
  return relation && relation->open.Agreed(kind) && !person->in_case;
}

bool ConfirmEligibility::Case::ConsentNotChecked() const {
  if (!relation || person == nullptr || person->in_case) return false;
  const auto unknown = [&](ConsentKind kind) {
    return relation->unknown.Agreed(kind) && !Opened(kind);
  };
  return unknown(ConsentKind::kLimitCertificate) ||
         unknown(ConsentKind::kSpecificDiseaseCertificate);
}

ConsentDecisions ConfirmEligibility::Case::GivenDecisions() const {
  if (card() != nullptr) return card()->decisions;
  // The oral flag opens the limit certificate and nothing else (domain.md 1.5).
  ConsentDecisions decisions;
  if (key() != nullptr) {
    decisions.Set(ConsentKind::kLimitCertificate, key()->limit_certificate);
  }
  return decisions;
}

void ConfirmEligibility::Case::TakeConsent(absl::Time now) {
  // A retry tells again what the patient decided then: it neither lengthens the window nor outdoes
  // what was decided since, and stands in for an act that was lost with its answer.
  const absl::Time decided = card() != nullptr ? acted : now;
  const auto window = ConsentWindowFor(inquiry->form_of_care, decided, booking());
  if (!window) return;
  ConsentDecisions decisions = DecisionsTakenAt(inquiry->terminal->kind, GivenDecisions());
  // By a card in grace no function rests on consent (jpki.md 1.6); Advise says so. What is declined
  // can only close, and counts. The act is kept though it decide nothing, so that a call for
  // records can be told why. While it is in question who they are, a repair may give the person's
  // rows to somebody else: what is agreed to now must not open those.
  if (result.card_in_grace || person->in_case) decisions = decisions.WithoutAgreed();
  if (decisions == ConsentDecisions() && !result.card_in_grace) return;
  ConsentAct& act = result.consent.emplace();
  act.person = person->person;
  act.facility_code = inquiry->terminal->facility_code;
  act.form_of_care = inquiry->form_of_care;
  act.appointment_day = booking();
  act.decisions = decisions;
  act.link = inquiry->link;
  act.begin = window->begin;
  act.end = window->end;
  act.method = result.card_in_grace ? ConsentMethod::kCardInGrace
               : card() != nullptr  ? ConsentMethod::kCard
                                    : ConsentMethod::kOral;
  if (card() == nullptr) return;
  const auto serial = verdict.serial.bytes();
  act.issuer_key_id.assign(reinterpret_cast<const char*>(verdict.issuer_key_id.data()),
                           verdict.issuer_key_id.size());
  act.serial.assign(reinterpret_cast<const char*>(serial.data()), serial.size());
  act.crl_partition = verdict.crl_partition;
  act.certificate_not_after = verdict.not_after;
}

void ConfirmEligibility::Case::Show(const AnswerCoverage& coverage, bool limit, bool disease) {
  std::string& shown = result.coverages.emplace_back(coverage.octets);
  const AnswerPiece* limit_certificate = nullptr;
  const AnswerPiece* elderly_certificate = nullptr;
  for (const AnswerPiece& piece : coverage.pieces) {
    if (!HoldsOn(piece, inquiry->day)) continue;
    switch (piece.kind) {
      case PieceKind::kLimitCertificate:
        TakeLast(piece, limit_certificate);
        break;
      case PieceKind::kSpecificDiseaseCertificate:
        if (disease) shown.append(piece.octets);
        break;
      case PieceKind::kMedicalTicket:
        shown.append(TicketOctetsFor(piece, inquiry->terminal->facility_code));
        break;
      case PieceKind::kAddress:
        // Results of a list wait for days: who is protected meanwhile must not be in them.
        if (!person->hide_address && !(key() != nullptr && key()->in_bulk)) {
          shown.append(piece.octets);
        }
        break;
      case PieceKind::kElderlyRecipientCertificate:
        TakeLast(piece, elderly_certificate);
        break;
    }
  }
  if (elderly_certificate != nullptr) shown.append(elderly_certificate->octets);
  if (limit && limit_certificate != nullptr) shown.append(limit_certificate->octets);
}

void ConfirmEligibility::Case::Advise(absl::Time now, const InsurerDelays* delays) {
  const bool past_day = inquiry->day < CivilDayAt(now);
  result.next_step = NextStepFor({.validity = result.validity,
                                  .by_card = key() == nullptr,
                                  .registered = result.registered,
                                  .in_grace = result.card_in_grace,
                                  .document = document_worth,
                                  .past_day = past_day});
  if (document_worth) {
    if (const auto warning = WarningFor(*document_worth)) result.warnings.push_back(*warning);
  }
  if (card() != nullptr) {
    if (verdict.expires_within_three_months) result.warnings.push_back(Warning::kCardExpiresSoon);
    if (result.card_in_grace) {
      result.warnings.push_back(Warning::kCardInGrace);
      if (card()->decisions.Bits(Decision::kAgreed) != 0) {
        result.warnings.push_back(Warning::kConsentNotTaken);
      }
    }
  }
  if (person != nullptr && !result.card_in_grace &&
      DecisionsTakenAt(inquiry->terminal->kind, GivenDecisions()) != GivenDecisions()) {
    result.warnings.push_back(Warning::kTerminalTakesNoConsent);
  }
  if (past_day) result.warnings.push_back(Warning::kPastDayAsked);
  if (inquiry->terminal->sees_only != nullptr) {
    result.warnings.push_back(Warning::kOperationTest);
  }
  if (person != nullptr && person->in_case) {
    result.warnings.push_back(Warning::kIdentityInQuestion);
  }
  if (ConsentNotChecked()) result.warnings.push_back(Warning::kConsentNotChecked);
  if (result.validity == Validity::kNotFound && delays != nullptr && key() != nullptr &&
      key()->insurer) {
    result.delay = delays->Of(key()->insurer->Digits());
    if (result.delay) result.warnings.push_back(Warning::kInsurerBehind);
  }
  // A list would tell it on every row.
  const bool in_list = named() != nullptr || (key() != nullptr && key()->in_bulk);
  if (const auto days = DaysLeft(inquiry->terminal->certificate_ends, now); days && !in_list) {
    result.certificate_days_left = *days;
    result.warnings.push_back(Warning::kTerminalCertificateExpiresSoon);
  }
}

void ConfirmEligibility::Case::NoteNoMatch(absl::Time now) {
  const Terminal& terminal = *inquiry->terminal;
  if (terminal.sees_only != nullptr || rehearsed != nullptr || !key()->insurer) return;
  no_match = NoMatch{.insurer_number = std::string(key()->insurer->Digits()),
                     .key = key()->key,
                     .day = inquiry->day,
                     .facility_code = terminal.facility_code,
                     .at = now};
}

AskedView ConfirmEligibility::Case::View() const {
  AskedView view{.limit_certificate = Opened(ConsentKind::kLimitCertificate),
                 .specific_disease = Opened(ConsentKind::kSpecificDiseaseCertificate)};
  if (key() != nullptr) view.key = key()->key_without_branch;
  return view;
}

std::string ConfirmEligibility::Case::Details() const {
  // In abnormal times nothing is said of a consent here: the row of the search does.
  if (in_abnormal_times()) return "policy:" + auth::HexEncode(named()->policy->octets);
  if (named() != nullptr) return "consented=1";
  if (card() == nullptr && key()->in_bulk) return "bulk=1";
  if (card() == nullptr) return fmt::format("document={}", static_cast<int>(key()->document));
  std::string details = fmt::format("verification={}", NameOf(card()->holder_verification));
  if (result.card_in_grace) details += ";verdict=ELIGIBILITY_ONLY";
  if (!result.registered) details += ";verdict=NOT_REGISTERED";
  if (retry) details += ";retry=1";
  if (card()->assisted) details += ";assisted=1";
  return details;
}

void ConfirmEligibility::Case::Strip() {
  stripped = true;
  Fail(MakeError(Reason::kInternal));
  record.reason = "ROW_REFUSED";
  record.user.clear();
  record.person.reset();
  record.details.clear();
}

}  // namespace kakunin
