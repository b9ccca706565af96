#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "server/usecases/terminal_call.h"
#include "storage/account_store.h"

namespace kakunin {

// HoldActingAdministrator judges whoever acts again, in the transaction that writes, and locks the
// account until its end: the door judged the session by a snapshot, and an administrator who is
// being shut out, or is one no more, does nothing further. SESSION_ENDED as a refusal; empty: may
// act.
absl::StatusOr<std::optional<Reason>> HoldActingAdministrator(Transaction& tx,
                                                              AccountStore& accounts,
                                                              const TerminalCall& call);

}  // namespace kakunin
