#include "server/usecases/revoke_terminal.h"

#include "domain/error.h"
#include "server/usecases/administrative_write.h"

namespace kakunin {

absl::StatusOr<TerminalRow> RevokeTerminal(Transaction& tx, AuditRecord& record,
                                           RegistryStore& registry,
                                           const std::string& facility_code,
                                           const std::string& terminal_id, int reason,
                                           bool validate_only) {
  ASSIGN_OR_RETURN(const auto known, registry.FindTerminal(tx, facility_code, terminal_id));
  if (!known) return MakeError(Reason::kTerminalNotFound);
  AddDetail(record, "terminal", facility_code + "/" + terminal_id);
  AddDetail(record, "reason", reason);
  TerminalRow row = *known;
  if (row.revoked_at) return row;
  row.revoked_at = record.at;
  row.revocation_reason = reason;
  if (validate_only) return row;
  // A certificate that counts beside the terminal's own must not outlive it, nor a new right revive
  // it.
  RETURN_IF_ERROR(
      registry.EndFormers(tx, facility_code, terminal_id, record.at, /*revoked=*/true).status());
  RETURN_IF_ERROR(registry.PutTerminal(tx, row));
  return row;
}

}  // namespace kakunin
