#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/error.h"
#include "server/usecases/refusal.h"
#include "server/usecases/terminal_call.h"
#include "storage/database.h"

namespace kakunin {

// RunAudited does what a terminal's call asks for, with its audit row in the same commit: `act`
// (Transaction&, AuditRecord&, Result&) -> absl::StatusOr<std::optional<Reason>> fills in a Result,
// whose `audit_id` is set here. What is refused, at the door or by `act`, which must have written
// nothing then, leaves its audit row as well. `act` may run again, with an empty Result. Returns
// the refusal, or a StoreError.
template <class Result, class Act>
absl::StatusOr<Result> RunAudited(Database& database, const TerminalCall& call,
                                  MonotonicTime deadline, const Act& act) {
  Result result;
  std::optional<Reason> refused;
  RETURN_IF_ERROR(database.Write(deadline, [&](Transaction& tx) -> absl::Status {
    result = {};
    refused = call.refused;
    AuditRecord record = call.record;
    if (!refused) {
      ASSIGN_OR_RETURN(refused, act(tx, record, result));
    }
    if (refused) AddRefusal(MakeError(*refused), record);
    ASSIGN_OR_RETURN(result.audit_id, tx.AppendAudit(record));
    return absl::OkStatus();
  }));
  if (refused) return MakeError(*refused);
  return result;
}

// RefuseCall writes the audit row of a call that was refused with `refusal`, an error of ours, and
// of which nothing is done; returns the refusal, or a StoreError when the row cannot be written.
absl::Status RefuseCall(Database& database, const TerminalCall& call, const absl::Status& refusal,
                        MonotonicTime deadline);

// Done is what an act returns that was not refused.
inline absl::StatusOr<std::optional<Reason>> Done() { return std::optional<Reason>(); }

// CutPage takes the one row more from `rows` that tells whether others follow a page; whether they
// do.
template <class Rows>
bool CutPage(Rows& rows, int limit) {
  if (rows.size() <= static_cast<size_t>(limit)) return false;
  rows.resize(static_cast<size_t>(limit));
  return true;
}

}  // namespace kakunin
