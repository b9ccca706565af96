#include "server/usecases/push_number_changes.h"

#include <algorithm>

#include "domain/error.h"
#include "server/usecases/administrative_write.h"

namespace kakunin {

absl::StatusOr<std::vector<NumberChangeOutcome>> PushNumberChanges(
    Transaction& tx, AuditRecord& record, NumberStore& numbers,
    std::span<const NumberChange> changes) {
  ASSIGN_OR_RETURN(std::vector<NumberChangeOutcome> outcomes,
                   numbers.Change(tx, changes, record.at));
  const int64_t changed = std::ranges::count(outcomes, NumberChangeOutcome::kChanged);
  const int64_t unchanged = std::ranges::count(outcomes, NumberChangeOutcome::kUnchanged);
  AddDetail(record, "changed", changed);
  AddDetail(record, "unchanged", unchanged);
  AddDetail(record, "refused", static_cast<int64_t>(outcomes.size()) - changed - unchanged);
  return outcomes;
}

}  // namespace kakunin
