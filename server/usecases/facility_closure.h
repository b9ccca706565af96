#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "domain/facility_closure.h"
#include "server/usecases/applications.h"

namespace kakunin {

// ClosureToSet is a facility's closure as an operator wants it.
struct ClosureToSet {
  std::string facility_code;
  FacilityClosure closure;  // without a last day: none, its terminals are served again
  std::string reason;       // one line; the facility is told
};

// ChangedClosure is a facility with the closure that it has now, and the one that it had.
struct ChangedClosure {
  FacilityRow facility;
  FacilityClosure before;
};

// SetFacilityClosure sets or clears the closure of a registered facility within `tx`, under the
// facility's lock; every server obeys within a second. One operator may: nobody is shown more by it
// than before the closure, and registering a facility is one operator's, too (ADR 20). The account
// of the newest application by which it was used is told. A closure that it has already is left as
// it is, and nobody is told again. FACILITY_NOT_FOUND, INVALID_FIELDS, or a StoreError.
absl::StatusOr<ChangedClosure> SetFacilityClosure(Transaction& tx, AuditRecord& record,
                                                  const ApplicationStores& stores,
                                                  const ClosureToSet& wanted, bool validate_only);

}  // namespace kakunin
