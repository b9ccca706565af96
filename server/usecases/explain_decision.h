#pragma once

#include <vector>

#include "absl/time/time.h"
#include "auth/revocation_snapshot.h"
#include "domain/access_explanation.h"
#include "domain/actor.h"
#include "domain/record_kind.h"
#include "server/usecases/consent_evidence.h"
#include "storage/record_store.h"

namespace kakunin {

// ExplainedKind is what was or would be decided about one kind of records, in words.
struct ExplainedKind {
  RecordKind kind = RecordKind::kDrug;
  absl::Time decided_at;
  Explanation explanation;
};

// RecordOperationFor is the call that shows `kind`.
Operation RecordOperationFor(RecordKind kind);

// HypotheticalCall is a question that was not asked, by the terminal and role that asks why.
struct HypotheticalCall {
  const Terminal* terminal = nullptr;  // never null
  RecordKind kind = RecordKind::kDrug;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  std::optional<absl::CivilDay> appointment_day;
  bool without_branch = false;  // asked by a number without one
};

// ExplainHypothetical explains what RecordService would answer at `now`. `person` null: nobody, or
// several; both read like one who never consented. Protection does not enter at all.
ExplainedKind ExplainHypothetical(const HypotheticalCall& asked, const FoundPerson* person,
                                  const auth::RevocationSnapshot* revocations,
                                  const RecordRules& rules, absl::Time now);

// ExplainAudited explains a decision from its audit row, kind by kind, by what was known at its
// instant: by the consent that decided then, whichever others there were. `terminal` is of the
// facility that decided, whichever of its terminals asked then: role, kind and type of facility are
// taken from the row. `person` null: the row names none.
std::vector<ExplainedKind> ExplainAudited(const AuditedDecision& decision, const Terminal& terminal,
                                          const FoundPerson* person);

}  // namespace kakunin
