#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "domain/actor.h"
#include "domain/audit_record.h"
#include "storage/registry_store.h"

namespace kakunin {

// TerminalToRegister is what an operator says of a terminal.
struct TerminalToRegister {
  std::string facility_code;
  std::string terminal_id;
  TerminalKind kind = TerminalKind::kDesk;
  std::string certificate_pem;
};

struct RegisteredTerminal {
  TerminalRow terminal;
  bool created = false;
};

// RegisterTerminal binds a terminal to its certificate, within `tx`. A terminal that is registered
// already gets the new certificate in place of the old ones, and is no longer revoked: the operator
// gives it a new right by a new certificate. A suspended one stays suspended. With `validate_only`
// nothing is written. Returns INVALID_FIELDS for an unusable certificate (register_certificate.h)
// or one that was ever revoked, FACILITY_NOT_FOUND, CERTIFICATE_IN_USE, or a StoreError.
absl::StatusOr<RegisteredTerminal> RegisterTerminal(Transaction& tx, AuditRecord& record,
                                                    RegistryStore& registry,
                                                    const TerminalToRegister& terminal,
                                                    bool validate_only);

}  // namespace kakunin
