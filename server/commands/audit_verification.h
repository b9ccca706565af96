#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "server/commands/audit_walk.h"
#include "storage/audit_store.h"
#include "storage/database.h"

namespace kakunin {

// AuditVerification is what walking every stream of the audit came to.
struct AuditVerification {
  std::vector<StreamHead> heads;  // by stream, as they stood before the walk
  int64_t rows = 0;
  int64_t fault_count = 0;
  std::vector<AuditFault> faults;  // the first of each stream
};

// VerifyAudit walks every stream, as kakunin_auditor, and shows on a terminal's standard error how
// far it is. StoreError.
absl::StatusOr<AuditVerification> VerifyAudit(Database& database);

}  // namespace kakunin
