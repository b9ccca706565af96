#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "auth/card_verifier.h"
#include "domain/actor.h"
#include "domain/error.h"
#include "storage/confirmation_store.h"

namespace kakunin {

// CardPurpose is what a card act is for; numbers of the public API.
enum class CardPurpose { kConfirm = 1, kConsent, kWithdraw, kListAccess };

// PurposeName is how a purpose stands in what the card signs.
std::string_view PurposeName(CardPurpose purpose);

// ToBeSigned is the octets that the card signs, from what the server stored: nothing of them comes
// from the caller.
std::string ToBeSigned(const Challenge& challenge);

// CardUse is for what a terminal uses a challenge.
struct CardUse {
  const Terminal* terminal = nullptr;
  CardPurpose purpose = CardPurpose::kConfirm;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
};

// ChallengeFault tells why this use of a challenge is refused, exactly, for the audit; empty when
// it is not. `retry`: the same request once more, whose first answer may have been lost.
std::string_view ChallengeFault(const ChallengeOutcome& outcome, const CardUse& use, bool retry,
                                absl::Time now);

// CardRefusal is what the caller is told of a card, and the exact reason for the audit.
struct CardRefusal {
  Reason reason = Reason::kCardRefused;
  std::string exact;
};

// RefusalOf is why a verified card is refused; empty when it is good, if only for eligibility.
std::optional<CardRefusal> RefusalOf(const auth::CardVerdict& verdict);

// OctetsOf view what names a card's certificate in the store.
std::string_view OctetsOf(const auth::IssuerKeyId& id);
std::string_view OctetsOf(const auth::SerialNumber& serial);

}  // namespace kakunin
