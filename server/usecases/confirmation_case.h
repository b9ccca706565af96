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

  // By number.
  std::vector<PersonAnswer> persons;

  const PersonAnswer* person = nullptr;         // into `link` or `persons`
  std::optional<DocumentWorth> document_worth;  // by number, when somebody was found
  std::optional<Confirmation> confirmation;
  bool stripped = false;
  bool failed = false;                    // Fail, and not alone
  std::string octets;                     // reused for digests
  std::vector<AnswerCoverage> coverages;  // of `person`, while the octets that were read last

  const CardQuestion* card() const { return std::get_if<CardQuestion>(&inquiry->question); }
  const KeyQuestion* key() const { return std::get_if<KeyQuestion>(&inquiry->question); }
  bool open() const { return result.status.ok(); }

  // Refuse ends the case with an answer to the caller and the exact reason for the audit.
  void Refuse(Reason reason, std::string_view exact);
  // Fail ends the case because we could not do our work.
  void Fail(const absl::Status& status);

  void JudgeChallenge(const ChallengeOutcome& outcome, absl::Time now);
  void JudgeCard();

  // Identify finds the one person the answer is about; null when there is none or several.
  const PersonAnswer* Identify();
  void DecideNobody();
  void DecideFor(std::span<const AnswerCoverage> coverages, absl::Time now,
                 const DocumentRules& documents);
  // Advise chooses the next step and the warnings. `delays` may be null.
  void Advise(absl::Time now, const InsurerDelays* delays);
  // View is how it was asked and what was opened.
  AskedView View() const;
  // Details are the short facts of the audit row.
  std::string Details() const;
  // Strip leaves nothing but an audit row that says that this inquiry could not be written.
  void Strip();

 private:
  // What the patient said at this terminal, taken or not.
  ConsentDecisions GivenDecisions() const;
  void TakeConsent(absl::Time now);
  void Show(const AnswerCoverage& coverage, bool limit, bool disease);
};

}  // namespace kakunin
