#pragma once

#include "absl/status/status.h"
#include "domain/audit_record.h"

namespace kakunin {

// IsOurRefusal tells an act that we refused from a failure of the store, whose reason is INTERNAL
// like that of a fault of ours.
bool IsOurRefusal(const absl::Status& status);

// AddRefusal notes in an audit row that the call was refused with `refusal`, an error of ours.
void AddRefusal(const absl::Status& refusal, AuditRecord& record);

}  // namespace kakunin
