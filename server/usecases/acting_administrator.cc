#include "server/usecases/acting_administrator.h"

#include "domain/error.h"

namespace kakunin {

absl::StatusOr<std::optional<Reason>> HoldActingAdministrator(Transaction& tx,
                                                              AccountStore& accounts,
                                                              const TerminalCall& call) {
  ASSIGN_OR_RETURN(const auto held, accounts.Hold(tx, call.facility_code, call.record.user));
  const bool may_act =
      held && !held->locked && !held->disabled && held->role == Role::kAdministrator;
  return may_act ? std::optional<Reason>() : std::optional(Reason::kSessionEnded);
}

}  // namespace kakunin
