#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "domain/audit_record.h"
#include "storage/registry_store.h"

namespace kakunin {

// RevokeTerminal takes a terminal's right away, within `tx`: servers refuse it within one poll of
// the registry, on open connections too. A terminal that is revoked already keeps its first instant
// and reason. With `validate_only` nothing is written. Returns TERMINAL_NOT_FOUND or a StoreError.
absl::StatusOr<TerminalRow> RevokeTerminal(Transaction& tx, AuditRecord& record,
                                           RegistryStore& registry,
                                           const std::string& facility_code,
                                           const std::string& terminal_id, int reason,
                                           bool validate_only);

}  // namespace kakunin
