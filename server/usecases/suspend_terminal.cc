#include "server/usecases/suspend_terminal.h"

#include "domain/error.h"
#include "server/usecases/administrative_write.h"

namespace kakunin {
namespace {

absl::StatusOr<TerminalRow> FindRegistered(Transaction& tx, AuditRecord& record,
                                           RegistryStore& registry,
                                           const std::string& facility_code,
                                           const std::string& terminal_id) {
  AddDetail(record, "terminal", facility_code + "/" + terminal_id);
  ASSIGN_OR_RETURN(const auto known, registry.FindTerminal(tx, facility_code, terminal_id));
  if (!known) return MakeError(Reason::kTerminalNotFound);
  return *known;
}

}  // namespace

absl::StatusOr<TerminalRow> SuspendTerminal(Transaction& tx, AuditRecord& record,
                                            RegistryStore& registry,
                                            const std::string& facility_code,
                                            const std::string& terminal_id, SuspensionReason reason,
                                            bool validate_only) {
  ASSIGN_OR_RETURN(TerminalRow row,
                   FindRegistered(tx, record, registry, facility_code, terminal_id));
  AddDetail(record, "reason", static_cast<int>(reason));
  if (row.revoked_at) return MakeError(Reason::kTerminalRevoked);
  if (row.suspended_at) return row;
  row.suspended_at = record.at;
  row.suspension_reason = static_cast<int>(reason);
  if (!validate_only) RETURN_IF_ERROR(registry.PutTerminal(tx, row));
  return row;
}

absl::StatusOr<TerminalRow> ResumeTerminal(Transaction& tx, AuditRecord& record,
                                           RegistryStore& registry,
                                           const std::string& facility_code,
                                           const std::string& terminal_id, bool validate_only) {
  ASSIGN_OR_RETURN(TerminalRow row,
                   FindRegistered(tx, record, registry, facility_code, terminal_id));
  if (row.revoked_at) return MakeError(Reason::kTerminalRevoked);
  if (!row.suspended_at) return row;
  row.suspended_at.reset();
  row.suspension_reason = 0;
  if (!validate_only) RETURN_IF_ERROR(registry.PutTerminal(tx, row));
  return row;
}

absl::StatusOr<int> EndCertificateOverlap(Transaction& tx, AuditRecord& record,
                                          RegistryStore& registry, const std::string& facility_code,
                                          const std::string& terminal_id, bool validate_only) {
  RETURN_IF_ERROR(FindRegistered(tx, record, registry, facility_code, terminal_id).status());
  if (validate_only) return 0;
  ASSIGN_OR_RETURN(const int ended, registry.EndFormers(tx, facility_code, terminal_id, record.at,
                                                        /*revoked=*/false));
  AddDetail(record, "ended", ended);
  return ended;
}

}  // namespace kakunin
