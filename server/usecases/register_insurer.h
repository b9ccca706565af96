#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "domain/audit_record.h"
#include "storage/registry_store.h"

namespace kakunin {

// InsurerToRegister is what an operator says of an insurer. `insurer_number` is eight digits whose
// check digit was looked at.
struct InsurerToRegister {
  std::string insurer_number;
  std::string name;
  std::string certificate_pem;
};

struct RegisteredInsurer {
  PartyRow insurer;
  bool created = false;
};

// RegisterInsurer binds an insurer to its certificate, within `tx`; a new certificate replaces the
// old one. With `validate_only` nothing is written. Returns INVALID_FIELDS for an unusable
// certificate (register_certificate.h) or one that was ever revoked, CERTIFICATE_IN_USE, or a
// StoreError.
absl::StatusOr<RegisteredInsurer> RegisterInsurer(Transaction& tx, AuditRecord& record,
                                                  RegistryStore& registry,
                                                  const InsurerToRegister& insurer,
                                                  bool validate_only);

}  // namespace kakunin
