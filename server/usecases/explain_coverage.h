#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "domain/text/insured_key.h"
#include "server/usecases/administrative_write.h"
#include "storage/coverage_history_store.h"

namespace kakunin {

// CoverageSubject names a person by one of their coverages: the insurer's own reference, or what is
// on the card.
struct CoverageSubject {
  std::string insurer_number;  // eight digits
  std::variant<std::string, InsuredKey> by;
};

// ExplainCoverage reads every version of the coverages of whoever `subject` names, within `tx`: who
// asks as an insurer sees that insurer's own (`only_of`), an operator all. Nobody named is no
// error, and nothing to tell. Returns a StoreError.
absl::StatusOr<std::vector<CoverageVersion>> ExplainCoverage(
    Transaction& tx, AuditRecord& record, CoverageHistoryStore& histories,
    const auth::HmacKey& look_up, const CoverageSubject& subject,
    const std::optional<std::string>& only_of);

}  // namespace kakunin
