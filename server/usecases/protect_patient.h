#pragma once

#include "absl/status/statusor.h"
#include "auth/digest.h"
#include "domain/audit_record.h"
#include "domain/protection.h"
#include "storage/protection_store.h"

namespace kakunin {

// ProtectPatient sets what nobody may be shown of whoever has or had `number`, within `tx`, and
// names the person in the audit row by the pseudonym under `audit_key`. With `validate_only` it
// only looks. Returns how the patient was protected until now; kPersonNotFound when the number is
// nobody's, or a StoreError.
absl::StatusOr<Protection> ProtectPatient(Transaction& tx, AuditRecord& record,
                                          ProtectionStore& store, const auth::HmacKey& audit_key,
                                          const IndividualNumberHash& number,
                                          const Protection& protection, bool validate_only);

}  // namespace kakunin
