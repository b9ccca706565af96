#pragma once

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/audit_record.h"
#include "storage/number_store.h"

namespace kakunin {

// kMostNumberChanges bounds one request, so that its transaction stays short.
inline constexpr int kMostNumberChanges = 1000;

// PushNumberChanges stores that persons have new individual numbers, within `tx`; a change that is
// refused leaves the others alone, and the audit row tells how many. Returns one outcome a change,
// or a StoreError.
absl::StatusOr<std::vector<NumberChangeOutcome>> PushNumberChanges(
    Transaction& tx, AuditRecord& record, NumberStore& numbers,
    std::span<const NumberChange> changes);

}  // namespace kakunin
