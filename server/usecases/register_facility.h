#pragma once

#include "absl/status/statusor.h"
#include "domain/audit_record.h"
#include "storage/registry_store.h"

namespace kakunin {

struct RegisteredFacility {
  FacilityRow facility;
  bool created = false;
};

// RegisterFacility creates a facility or changes its type, name and activity, within `tx`. With
// `validate_only` nothing is written. Returns a StoreError.
absl::StatusOr<RegisteredFacility> RegisterFacility(Transaction& tx, AuditRecord& record,
                                                    RegistryStore& registry,
                                                    const FacilityRow& facility,
                                                    bool validate_only);

}  // namespace kakunin
