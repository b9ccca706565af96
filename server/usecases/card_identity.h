#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "domain/audit_record.h"
#include "domain/holder_verification.h"
#include "server/usecases/card_act.h"
#include "server/usecases/confirm_eligibility.h"
#include "server/usecases/unlinked_cards.h"
#include "storage/access_log_store.h"

namespace kakunin {

// CardAct identifies a patient at a terminal. The views outlive the call.
struct CardAct {
  const Terminal* terminal = nullptr;
  ChallengeId challenge;
  std::string_view certificate;
  std::string_view signature;
  HolderVerification holder_verification = HolderVerification::kPin;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
};

// CardIdentity is who acted. `status` not OK: refused for the reason `exact`, as the audit has it,
// or, where that is empty, a failure of the store.
struct CardIdentity {
  absl::Status status;
  std::string exact;
  std::optional<PersonId> person;  // empty: the card is nobody's
};

// IdentifyByCard consumes the challenge of a card act of `purpose` in a commit of its own and
// judges the card as ConfirmByCard does, except that a card in its grace identifies nobody,
// CARD_ELIGIBILITY_ONLY, but to withdraw. The act happens at `record.at`; `record` is not changed.
// `unlinked`, if any, is told of a good card that is nobody's.
CardIdentity IdentifyByCard(AccessLogStore& store, const CardAct& act, CardPurpose purpose,
                            const AuditRecord& record, const CardTrust& cards,
                            const ConfirmationRules& rules, UnlinkedCards* unlinked,
                            MonotonicTime deadline);

}  // namespace kakunin
