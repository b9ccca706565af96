#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/usecases/confirm_eligibility.h"

namespace kakunin {

// Case is one inquiry on its way through a batch: what is known so far, and the result as it grows.
// Open until it is refused or has failed; refusals are audited and answered, failures only
// answered.
struct ConfirmEligibility::Case {
  const Inquiry* inquiry = nullptr;
  AuditRecord record;
  Confirmed result;

  // Card acts.
  std::optional<Challenge> challenge;
  bool retry = false;
  absl::Time acted;  // by card: when the challenge was used, for the first time
  auth::CardVerdict verdict;
  CardAnswer link;
  SeesOnly rehearsed;            // set: by card in a rehearsal of emergencies, whom it may show
  HolderVerificationRules ways;  // that the table is asked for, at `asked_at`
  absl::Time asked_at;

  // By number.
  std::vector<PersonAnswer> persons;

  PersonAnswer asked;  // the person of a PersonQuestion
  // At home, without the card.
  std::optional<HomeRelation> relation;
  int64_t stored_ends = 0;  // as they were read with it

  const PersonAnswer* person = nullptr;         // into `link`, `persons` or `asked`
  std::optional<DocumentWorth> document_worth;  // by number, when somebody was found
  std::optional<Confirmation> confirmation;
  std::optional<NoMatch> no_match;
  bool stripped = false;
  bool failed = false;                    // Fail, and not alone
  std::string octets;                     // reused for digests
  std::vector<AnswerCoverage> coverages;  // of `person`, while the octets that were read last

  const CardQuestion* card() const { return std::get_if<CardQuestion>(&inquiry->question); }
  const KeyQuestion* key() const { return std::get_if<KeyQuestion>(&inquiry->question); }
  const PersonQuestion* named() const { return std::get_if<PersonQuestion>(&inquiry->question); }
  bool in_abnormal_times() const {
    return named() != nullptr && named()->situation != Situation::kNormal;
  }
  bool needs_relation() const {
    return (named() != nullptr && named()->situation == Situation::kNormal) ||
           (key() != nullptr && NeedsRelation(inquiry->form_of_care));
  }
  // Online care: the booking asked about, or the one that the relation rests on.
  std::optional<absl::CivilDay> booking() const {
    return relation && !inquiry->appointment_day ? relation->booking : inquiry->appointment_day;
  }
  bool open() const { return result.status.ok(); }

  // Refuse ends the case with an answer to the caller and the exact reason for the audit.
  void Refuse(Reason reason, std::string_view exact);
  // TakeBack refuses what was already decided as an answer.
  void TakeBack(Reason reason);
  // Fail ends the case because we could not do our work.
  void Fail(const absl::Status& status);

  void JudgeChallenge(const ChallengeOutcome& outcome, absl::Time now);
  void JudgeCard();

  // DropOthersThan leaves of what was read whom `sees_only` names, as if nobody else existed.
  void DropOthersThan(const SeesOnly& sees_only);

  // Identify finds the one person the answer is about; null when there is none or several.
  const PersonAnswer* Identify();
  void DecideNobody();
  void DecideFor(std::span<const AnswerCoverage> coverages, absl::Time now,
                 const DocumentRules& documents);
  // Advise chooses the next step and the warnings. `delays` may be null.
  void Advise(absl::Time now, const InsurerDelays* delays);
  // NoteNoMatch keeps the question of a facility that was told there is no such coverage. What may
  // show test persons alone says nothing of anybody else.
  void NoteNoMatch(absl::Time now);
  // View is how it was asked and what was opened.
  AskedView View() const;
  // Details are the short facts of the audit row.
  std::string Details() const;
  // Strip leaves nothing but an audit row that says that this inquiry could not be written.
  void Strip();

 private:
  // Whether the patient has agreed to be shown so, now or, at home, before.
  bool Opened(ConsentKind kind) const;
  // Whether a certificate is kept back at home because nobody can tell now how a card stands.
  bool ConsentNotChecked() const;
  // What the patient said at this terminal, taken or not.
  ConsentDecisions GivenDecisions() const;
  void TakeConsent(absl::Time now);
  void Show(const AnswerCoverage& coverage, bool limit, bool disease);
};

}  // namespace kakunin
