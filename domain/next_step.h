#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/coverage.h"
#include "domain/document_worth.h"

namespace kakunin {

// Warning is something the clerk should know although the call succeeded. Closed; texts in
// next_step.cc.
enum class Warning {
  kCardExpiresSoon = 1,
  kCardInGrace,
  kConsentNotTaken,
  kTerminalTakesNoConsent,
  kInsuranceCardExpiredAccepted,
  kDocumentExpired,
  kDocumentNeedsCard,
  kNoDocumentShown,
  kPastDayAsked,
  kIdentityInQuestion,
  kInsurerBehind,
  kTerminalCertificateExpiresSoon,
  kOperationTest,
  kConsentNotChecked,
};

struct WarningFacts {
  Warning warning;
  std::string_view name;  // UPPER_SNAKE, stable
  // ja-JP; of kInsurerBehind in general: an answer has DelaySentence (domain/delivery.h); of
  // kTerminalCertificateExpiresSoon CertificateEndSentence (domain/terminal_certificate.h).
  std::string_view sentence;
};

std::span<const WarningFacts> AllWarnings();
const WarningFacts& FactsOf(Warning warning);

// WarningFor tells what the clerk should know about the document shown; empty when it suffices.
std::optional<Warning> WarningFor(DocumentWorth worth);

// Contact is whom the clerk can call; configuration. Without a number nothing is offered.
struct Contact {
  std::string number;
  int opens_hour = 9;    // JST, on every day of `weekdays`
  int closes_hour = 17;  // half-open
  bool weekends = false;
  // Days on which nobody answers whatever weekday they are (JST): public holidays move from year to
  // year by law, so they are listed and not computed. In no order.
  std::vector<absl::CivilDay> closed_days;
  std::string have_ready;  // what to have at hand, ja-JP
};

// IsOpen tells whether the contact answers at `at`: within its hours (JST), and neither on a closed
// day nor, unless it has `weekends`, on one of those.
bool IsOpen(const Contact& contact, absl::Time at);

// NextStep is what the clerk does with an answer.
enum class NextStep {
  kReceive = 1,            // 有効
  kReceiveUnregistered,    // 医療扶助 未登録
  kAskNewInsurer,          // 無効（新しい資格あり）
  kAskInsurer,             // 無効
  kCheckInput,             // 該当資格なし, by number
  kAskBranch,              // 複数該当
  kNotRegistered,          // the card is linked to nobody
  kNothingKnown,           // 該当資格なし, by card
  kReceiveButRenewCard,    // 有効, certificate in grace
  kReceiveExpiredCard,     // 有効, beside an expired insurance card that is still accepted
  kAskCurrentDocument,     // 有効, but what was shown has expired
  kAskMyNumberCard,        // 有効, but a notice alone proves nothing
  kVerifyPersonOtherwise,  // 有効, but nothing was shown
  kNoteForPastDay,         // 有効 on a day gone by
};

// NextStepFacts is what an answer's next step rests on.
struct NextStepFacts {
  Validity validity = Validity::kNotFound;
  bool by_card = false;
  bool registered = true;  // the card is linked to somebody
  bool in_grace = false;   // its certificate has expired
  // What the document shown is worth; empty where a card was used or nobody was found.
  std::optional<DocumentWorth> document;
  bool past_day = false;  // the day asked for lies before today (Asia/Tokyo)
};

// NextStepFor chooses. What is wrong with the coverage comes before what is wrong with the
// document, and that before the day.
NextStep NextStepFor(const NextStepFacts& facts);

// NextStepSentence is the Japanese sentence; where a call could help it names the contact, within
// its hours.
std::string NextStepSentence(NextStep step, const Contact& contact, absl::Time at);

}  // namespace kakunin
