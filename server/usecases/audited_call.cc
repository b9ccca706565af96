#include "server/usecases/audited_call.h"

namespace kakunin {

absl::Status RefuseCall(Database& database, const TerminalCall& call, const absl::Status& refusal,
                        MonotonicTime deadline) {
  RETURN_IF_ERROR(database.Write(deadline, [&](Transaction& tx) -> absl::Status {
    AuditRecord record = call.record;
    AddRefusal(refusal, record);
    return tx.AppendAudit(record).status();
  }));
  return refusal;
}

}  // namespace kakunin
