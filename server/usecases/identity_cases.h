#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/usecases/administrative_write.h"
#include "storage/identity_case_store.h"

namespace kakunin {

// FindIdentityCase reads an insurer's case, within `tx`. Returns CASE_NOT_FOUND, for another
// insurer's too, or a StoreError.
absl::StatusOr<IdentityCase> FindIdentityCase(Transaction& tx, AuditRecord& record,
                                              IdentityCaseStore& cases, const std::string& insurer,
                                              const CaseId& id);

// ReleasedCase is a case after its release.
struct ReleasedCase {
  IdentityCase identity_case;
  int64_t released = 0;  // cases that were ended, this one included; 0: it was released before
};

// ReleaseIdentityCase confirms the row of an insurer's case as it is and makes it visible, within
// `tx`: the caller is in `record`, `released_by` its own name of who decided. Returns
// CASE_NOT_FOUND, CASE_NOT_OPEN when it was closed, PERSON_CONFLICT when the row's reference names
// somebody else by now, or a StoreError.
absl::StatusOr<ReleasedCase> ReleaseIdentityCase(Transaction& tx, AuditRecord& record,
                                                 IdentityCaseStore& cases,
                                                 const std::string& insurer, const CaseId& id,
                                                 const std::string& released_by,
                                                 const CopyBuilders& build);

}  // namespace kakunin
