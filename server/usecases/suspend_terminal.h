#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "domain/audit_record.h"
#include "domain/terminal_certificate.h"
#include "storage/registry_store.h"

namespace kakunin {

// SuspendTerminal takes a terminal's right away until it is resumed, within `tx`: servers refuse it
// within one poll of the registry, on open connections too, whatever certificate it shows. One that
// is suspended already keeps its first instant and reason. With `validate_only` nothing is written.
// Returns TERMINAL_NOT_FOUND, TERMINAL_REVOKED, or a StoreError.
absl::StatusOr<TerminalRow> SuspendTerminal(Transaction& tx, AuditRecord& record,
                                            RegistryStore& registry,
                                            const std::string& facility_code,
                                            const std::string& terminal_id, SuspensionReason reason,
                                            bool validate_only);

// ResumeTerminal gives it back; one that is not suspended is left as it is. Returns what
// SuspendTerminal does: a revoked one does not come back.
absl::StatusOr<TerminalRow> ResumeTerminal(Transaction& tx, AuditRecord& record,
                                           RegistryStore& registry,
                                           const std::string& facility_code,
                                           const std::string& terminal_id, bool validate_only);

// EndCertificateOverlap ends what counts beside the terminal's newest certificate, within `tx`, and
// tells how many that were; with `validate_only` 0. Returns TERMINAL_NOT_FOUND or a StoreError.
absl::StatusOr<int> EndCertificateOverlap(Transaction& tx, AuditRecord& record,
                                          RegistryStore& registry, const std::string& facility_code,
                                          const std::string& terminal_id, bool validate_only);

}  // namespace kakunin
