#pragma once

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "domain/audit_record.h"
#include "storage/protection_store.h"
#include "storage/registry_store.h"

namespace kakunin {

// PublishTestPerson makes whoever has, or had, `number` one of those whom facilities in the
// operation test see, or no longer, within `tx`. PERSON_NOT_FOUND, or a StoreError.
absl::StatusOr<TestPersonRow> PublishTestPerson(Transaction& tx, AuditRecord& record,
                                                ProtectionStore& persons, RegistryStore& registry,
                                                const auth::HmacKey& audit_key,
                                                const IndividualNumberHash& number, bool published,
                                                bool validate_only);

}  // namespace kakunin
