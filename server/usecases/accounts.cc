#include "server/usecases/accounts.h"

#include <utility>

#include "auth/password_hash.h"
#include "server/usecases/acting_administrator.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/audited_call.h"

namespace kakunin {
namespace {

void GiveOneTimePassword(Account& account, const std::string& hash, absl::Time at) {
  account.password_hash = hash;
  account.one_time_end = at + kOneTimePasswordWorks;
  account.wrong_tries = 0;
}

// The door refused: nothing is digested for it.
std::string OneTimePasswordFor(const TerminalCall& call) {
  return call.refused ? std::string() : auth::RandomPassword();
}

}  // namespace

absl::StatusOr<AdministeredAccount> Accounts::Create(const TerminalCall& call,
                                                     const AccountToCreate& wanted,
                                                     MonotonicTime deadline) {
  const std::string password = OneTimePasswordFor(call);
  const std::string hash = call.refused ? std::string() : auth::HashPassword(password);
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       AdministeredAccount& made) -> absl::StatusOr<std::optional<Reason>> {
    AddDetail(record, "account", wanted.user_name);
    AddDetail(record, "role", static_cast<int>(wanted.role));
    ASSIGN_OR_RETURN(const auto shut, HoldActing(tx, call, wanted.user_name));
    if (shut) return shut;
    made.account = {.facility_code = call.facility_code,
                    .user_name = wanted.user_name,
                    .display_name = wanted.display_name,
                    .role = wanted.role,
                    .created = record.at};
    made.one_time_password = password;
    GiveOneTimePassword(made.account, hash, record.at);
    ASSIGN_OR_RETURN(const bool is_new, accounts_.Insert(tx, made.account));
    if (!is_new) return std::optional(Reason::kAccountExists);
    return Done();
  };
  return RunAudited<AdministeredAccount>(database_, call, deadline, act);
}

// HoldActing locks the account of whoever acts, and that of `user_name`, in the order of their
// names: two administrators who act upon each other at once wait and do not deadlock.
absl::StatusOr<std::optional<Reason>> Accounts::HoldActing(Transaction& tx,
                                                           const TerminalCall& call,
                                                           const std::string& user_name) {
  if (user_name < call.record.user) {
    RETURN_IF_ERROR(accounts_.Hold(tx, call.facility_code, user_name).status());
  }
  return HoldActingAdministrator(tx, accounts_, call);
}

// Change runs `act` (Transaction&, AuditRecord&, AdministeredAccount&) ->
// StatusOr<optional<Reason>> upon an account that is held, and writes what it made of it.
template <class Act>
absl::StatusOr<AdministeredAccount> Accounts::Change(const TerminalCall& call,
                                                     const std::string& user_name,
                                                     MonotonicTime deadline, Act&& act) {
  const auto change = [&](Transaction& tx, AuditRecord& record,
                          AdministeredAccount& changed) -> absl::StatusOr<std::optional<Reason>> {
    if (user_name == record.user) return std::optional(Reason::kAccountIsOwn);
    ASSIGN_OR_RETURN(const auto shut, HoldActing(tx, call, user_name));
    if (shut) return shut;
    ASSIGN_OR_RETURN(auto account, accounts_.Hold(tx, call.facility_code, user_name));
    if (!account) return std::optional(Reason::kAccountNotFound);
    AddDetail(record, "account", user_name);
    changed.account = *std::move(account);
    ASSIGN_OR_RETURN(const std::optional<Reason> refused, act(tx, record, changed));
    if (refused) return refused;
    RETURN_IF_ERROR(accounts_.Update(tx, changed.account));
    AddDetail(record, "sessions_ended", changed.sessions_ended);
    return Done();
  };
  return RunAudited<AdministeredAccount>(database_, call, deadline, change);
}

absl::StatusOr<AdministeredAccount> Accounts::ResetPassword(const TerminalCall& call,
                                                            const std::string& user_name,
                                                            MonotonicTime deadline) {
  const std::string password = OneTimePasswordFor(call);
  const std::string hash = call.refused ? std::string() : auth::HashPassword(password);
  auto changed = Change(
      call, user_name, deadline,
      [&](Transaction& tx, AuditRecord& record,
          AdministeredAccount& made) -> absl::StatusOr<std::optional<Reason>> {
        if (made.account.disabled) return std::optional(Reason::kAccountDisabled);
        GiveOneTimePassword(made.account, hash, record.at);
        ASSIGN_OR_RETURN(
            made.sessions_ended,
            accounts_.EndSessions(tx, made.account, "", {}, SessionEnd::kPasswordReset, record.at));
        return Done();
      });
  if (changed.ok()) changed->one_time_password = password;
  return changed;
}

absl::StatusOr<AdministeredAccount> Accounts::Lock(const TerminalCall& call,
                                                   const std::string& user_name,
                                                   MonotonicTime deadline) {
  return Change(call, user_name, deadline,
                [&](Transaction& tx, AuditRecord& record,
                    AdministeredAccount& made) -> absl::StatusOr<std::optional<Reason>> {
                  if (!made.account.locked) made.account.locked = record.at;
                  ASSIGN_OR_RETURN(made.sessions_ended,
                                   accounts_.EndSessions(tx, made.account, "", {},
                                                         SessionEnd::kLocked, record.at));
                  return Done();
                });
}

absl::StatusOr<AdministeredAccount> Accounts::Unlock(const TerminalCall& call,
                                                     const std::string& user_name,
                                                     MonotonicTime deadline) {
  return Change(call, user_name, deadline,
                [](Transaction&, AuditRecord&,
                   AdministeredAccount& made) -> absl::StatusOr<std::optional<Reason>> {
                  if (made.account.disabled) return std::optional(Reason::kAccountDisabled);
                  made.account.locked.reset();
                  made.account.wrong_tries = 0;
                  return Done();
                });
}

absl::StatusOr<AdministeredAccount> Accounts::Disable(const TerminalCall& call,
                                                      const std::string& user_name,
                                                      MonotonicTime deadline) {
  return Change(call, user_name, deadline,
                [&](Transaction& tx, AuditRecord& record,
                    AdministeredAccount& made) -> absl::StatusOr<std::optional<Reason>> {
                  if (!made.account.disabled) made.account.disabled = record.at;
                  ASSIGN_OR_RETURN(made.sessions_ended,
                                   accounts_.EndSessions(tx, made.account, "", {},
                                                         SessionEnd::kDisabled, record.at));
                  return Done();
                });
}

absl::StatusOr<Accounts::AccountList> Accounts::List(const TerminalCall& call,
                                                     const std::string& after, int limit,
                                                     MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       AccountList& list) -> absl::StatusOr<std::optional<Reason>> {
    // One more tells whether others follow.
    ASSIGN_OR_RETURN(list.accounts, accounts_.List(tx, call.facility_code, after, limit + 1));
    list.more = CutPage(list.accounts, limit);
    AddDetail(record, "accounts", static_cast<int64_t>(list.accounts.size()));
    return Done();
  };
  return RunAudited<AccountList>(database_, call, deadline, act);
}

absl::StatusOr<Account> CreateAdministrator(Transaction& tx, AuditRecord& record,
                                            RegistryStore& registry, AccountStore& accounts,
                                            Account wanted, bool validate_only) {
  AddDetail(record, "facility", wanted.facility_code);
  AddDetail(record, "account", wanted.user_name);
  ASSIGN_OR_RETURN(const auto facility, registry.FindFacility(tx, wanted.facility_code));
  if (!facility) return MakeError(Reason::kFacilityNotFound);
  wanted.role = Role::kAdministrator;
  wanted.created = record.at;
  GiveOneTimePassword(wanted, wanted.password_hash, record.at);
  ASSIGN_OR_RETURN(const auto known, accounts.Hold(tx, wanted.facility_code, wanted.user_name));
  if (known) return MakeError(Reason::kAccountExists);
  if (validate_only) return wanted;
  ASSIGN_OR_RETURN(const bool is_new, accounts.Insert(tx, wanted));
  if (!is_new) return MakeError(Reason::kAccountExists);
  return wanted;
}

absl::StatusOr<Account> ResetAdministratorPassword(
    Transaction& tx, AuditRecord& record, AccountStore& accounts, const std::string& facility_code,
    const std::string& user_name, const std::string& password_hash, bool validate_only) {
  AddDetail(record, "facility", facility_code);
  ASSIGN_OR_RETURN(auto account, accounts.Hold(tx, facility_code, user_name));
  if (!account || account->role != Role::kAdministrator) {
    return MakeError(Reason::kAccountNotFound);
  }
  AddDetail(record, "account", user_name);
  if (account->disabled) return MakeError(Reason::kAccountDisabled);
  GiveOneTimePassword(*account, password_hash, record.at);
  account->locked.reset();
  if (validate_only) return *std::move(account);
  RETURN_IF_ERROR(accounts.Update(tx, *account));
  ASSIGN_OR_RETURN(const int ended, accounts.EndSessions(tx, *account, "", {},
                                                         SessionEnd::kPasswordReset, record.at));
  AddDetail(record, "sessions_ended", ended);
  return *std::move(account);
}

}  // namespace kakunin
