#include "domain/document_worth.h"

#include <algorithm>

namespace kakunin {

DocumentWorth WorthOf(DocumentShown document, std::optional<absl::CivilDay> valid_through,
                      absl::CivilDay day, Validity answer, const DocumentRules& rules) {
  switch (document) {
    case DocumentShown::kHealthInsuranceCard: {
      const absl::CivilDay last =
          std::min(valid_through.value_or(rules.cards_valid_through), rules.cards_valid_through);
      if (day <= last) return DocumentWorth::kSufficient;
      const bool positive = answer == Validity::kValid || answer == Validity::kValidUnregistered;
      if (positive && day <= rules.expired_cards_accepted_through)
        return DocumentWorth::kAcceptedExpired;
      return DocumentWorth::kExpired;
    }
    case DocumentShown::kEligibilityCertificate:
      return valid_through && day > *valid_through ? DocumentWorth::kExpired
                                                   : DocumentWorth::kSufficient;
    case DocumentShown::kEligibilityNoticeWithCard:
      return DocumentWorth::kSufficient;
    case DocumentShown::kEligibilityNoticeWithoutCard:
      return DocumentWorth::kNeedsCard;
    case DocumentShown::kNone:
      return DocumentWorth::kNothingShown;
  }
  return DocumentWorth::kNothingShown;
}

}  // namespace kakunin
