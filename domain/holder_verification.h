#pragma once

#include <string>

#include "absl/time/time.h"
#include "domain/coverage.h"

namespace kakunin {

// HolderVerification is how the card's holder was verified (本人確認方法); numbers of the public
// API.
enum class HolderVerification { kFace = 1, kPin, kVisual, kPhone };

// HolderVerificationRules is what the table is asked for.
struct HolderVerificationRules {
  FormOfCare form = FormOfCare::kOutpatient;
  // At the reception at home nobody is there to look: the PIN alone, whatever the form.
  bool alone = false;
  absl::Time phone_from = absl::InfiniteFuture();
  // The certificate is a phone's, as who linked it says; what the caller says of it is no proof.
  bool phone = false;
};

// IsHolderVerificationAllowed looks a way of verifying up in the dated table: at the desk face, PIN
// and visual check, and a phone in place of the card from `phone_from` on (2025-09-19 in the field,
// jpki.md 1.6; configuration); on home visits and in online care the PIN from 2024-04-01, on home
// visits also the visual check by who visits from 2024-10-01. A phone's certificate is no card
// before `phone_from`, and has no face on it that anybody could compare: its PIN at the reader, or
// the phone's own verification (jpki.md 1.6).
bool IsHolderVerificationAllowed(HolderVerification way, const HolderVerificationRules& rules,
                                 absl::Time at);

// AllowedHolderVerifications names the ways that the table allows then and there, in its order and
// in the clerk's words: "暗証番号または目視"; empty when there is none.
std::string AllowedHolderVerifications(const HolderVerificationRules& rules, absl::Time at);

}  // namespace kakunin
