#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "domain/audit_record.h"
#include "storage/registry_store.h"

namespace kakunin {

// PartyToRegister is what an operator says of an insurer, a claims reviewer or a card link
// provider. `number` is that of its kind, of the last its name, looked at by the border.
struct PartyToRegister {
  ActorKind kind = ActorKind::kInsurer;
  std::string number;
  std::string name;
  std::string certificate_pem;
};

struct RegisteredParty {
  PartyRow party;
  bool created = false;
};

// RegisterParty binds one of those to its certificate, within `tx`; a new
// certificate replaces the old one. With `validate_only` nothing is written. Returns INVALID_FIELDS
// for an unusable certificate (register_certificate.h) or one that was ever revoked,
// CERTIFICATE_IN_USE, or a StoreError.
absl::StatusOr<RegisteredParty> RegisterParty(Transaction& tx, AuditRecord& record,
                                              RegistryStore& registry, const PartyToRegister& party,
                                              bool validate_only);

}  // namespace kakunin
