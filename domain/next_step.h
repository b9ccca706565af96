#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "domain/coverage.h"

namespace kakunin {

// Warning is something the clerk should know although the call succeeded. Closed; texts in
// next_step.cc.
enum class Warning {
  kCardExpiresSoon = 1,
  kCardInGrace,
  kConsentNotTaken,
  kInsuranceCardExpiredAccepted,
  kDocumentExpired,
  kDocumentNeedsCard,
  kNoDocumentShown,
  kPastDayAsked,
};

struct WarningFacts {
  Warning warning;
  std::string_view name;      // UPPER_SNAKE, stable
  std::string_view sentence;  // ja-JP
};

std::span<const WarningFacts> AllWarnings();
const WarningFacts& FactsOf(Warning warning);

// Contact is whom the clerk can call; configuration. Without a number nothing is offered.
struct Contact {
  std::string number;
  int opens_hour = 9;    // JST, on every day of `weekdays`
  int closes_hour = 17;  // half-open
  bool weekends = false;
  std::string have_ready;  // what to have at hand, ja-JP
};

// IsOpen tells whether the contact answers at `at` (JST hours).
bool IsOpen(const Contact& contact, absl::Time at);

// NextStep is what the clerk does with an answer.
enum class NextStep {
  kReceive = 1,          // 有効
  kReceiveUnregistered,  // 医療扶助 未登録
  kAskNewInsurer,        // 無効（新しい資格あり）
  kAskInsurer,           // 無効
  kCheckInput,           // 該当資格なし, by number
  kAskBranch,            // 複数該当
  kNotRegistered,        // the card is linked to nobody
  kNothingKnown,         // 該当資格なし, by card
  kReceiveButRenewCard,  // 有効, certificate in grace
};

// NextStepFor chooses by the answer alone. `by_card`: a card act; `registered`: the card is linked;
// `in_grace`: its certificate has expired.
NextStep NextStepFor(Validity validity, bool by_card, bool registered, bool in_grace);

// NextStepSentence is the Japanese sentence; where a call could help it names the contact, within
// its hours.
std::string NextStepSentence(NextStep step, const Contact& contact, absl::Time at);

}  // namespace kakunin
