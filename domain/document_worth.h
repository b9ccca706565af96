#pragma once

#include <optional>

#include "absl/time/civil_time.h"
#include "domain/coverage.h"

namespace kakunin {

// DocumentShown is what the patient showed instead of a card; numbers of the public API.
enum class DocumentShown {
  kHealthInsuranceCard = 1,       // 健康保険証
  kEligibilityCertificate,        // 資格確認書
  kEligibilityNoticeWithCard,     // 資格情報のお知らせ with the My Number card
  kEligibilityNoticeWithoutCard,  // 資格情報のお知らせ alone
  kNone,
};

// DocumentRules are the dates behind the table; configuration, defaults as the field announced
// them.
struct DocumentRules {
  // Last day on which any health insurance card can be valid: issued until 2024-12-01, at most one
  // year more.
  absl::CivilDay cards_valid_through{2025, 12, 1};
  // Last day on which an expired card is acceptable when the answer is positive.
  absl::CivilDay expired_cards_accepted_through{2026, 3, 31};
};

// DocumentWorth is what a document is worth at the desk on a day.
enum class DocumentWorth {
  kSufficient,
  kAcceptedExpired,  // an expired insurance card beside a positive answer
  kExpired,          // ask for the card or a certificate of eligibility
  kNeedsCard,        // a notice proves nothing without the card
  kNothingShown,
};

// WorthOf looks a document up. `valid_through` is the last valid day printed on it, when it has
// one.
DocumentWorth WorthOf(DocumentShown document, std::optional<absl::CivilDay> valid_through,
                      absl::CivilDay day, Validity answer, const DocumentRules& rules);

}  // namespace kakunin
