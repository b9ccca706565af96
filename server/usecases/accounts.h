#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/account.h"
#include "server/usecases/terminal_call.h"
#include "storage/account_store.h"
#include "storage/registry_store.h"

namespace kakunin {

// AccountToCreate is what an administrator, or an operator, says of a new account.
struct AccountToCreate {
  std::string user_name;  // looked at by the border
  std::string display_name;
  Role role = Role::kGeneral;
};

// AdministeredAccount is what became of one account.
struct AdministeredAccount {
  Account account;
  std::string one_time_password;  // told once
  int sessions_ended = 0;
  AuditId audit_id;
};

// Accounts is what administrators do with the accounts of their facility, audited, never upon their
// own (ACCOUNT_IS_OWN), so that nobody shuts the last administrator out by mistake. The door judged
// the session by a snapshot: whoever acts is judged again in the transaction that writes
// (SESSION_ENDED), so that an administrator who is being shut out does nothing more. Each returns
// the door's refusal, its own or a StoreError. Thread-safe.
class Accounts {
 public:
  // Both references outlive the object.
  Accounts(Database& database, AccountStore& accounts) : database_(database), accounts_(accounts) {}

  // Create makes an account with a one-time password; ACCOUNT_EXISTS. Takes one digest of a
  // password.
  absl::StatusOr<AdministeredAccount> Create(const TerminalCall& call,
                                             const AccountToCreate& wanted, MonotonicTime deadline);
  // ResetPassword gives a one-time password, forgets wrong tries and ends the sessions;
  // ACCOUNT_NOT_FOUND, ACCOUNT_DISABLED. Takes one digest of a password.
  absl::StatusOr<AdministeredAccount> ResetPassword(const TerminalCall& call,
                                                    const std::string& user_name,
                                                    MonotonicTime deadline);
  // Lock shuts an account until Unlock and ends its sessions; may be repeated.
  absl::StatusOr<AdministeredAccount> Lock(const TerminalCall& call, const std::string& user_name,
                                           MonotonicTime deadline);
  // Unlock opens an account, whoever or whatever locked it; may be repeated.
  absl::StatusOr<AdministeredAccount> Unlock(const TerminalCall& call, const std::string& user_name,
                                             MonotonicTime deadline);
  // Disable ends an account for ever, and its sessions; may be repeated.
  absl::StatusOr<AdministeredAccount> Disable(const TerminalCall& call,
                                              const std::string& user_name, MonotonicTime deadline);
  struct AccountList {
    std::vector<Account> accounts;
    bool more = false;  // others follow the last
    AuditId audit_id;
  };
  // List tells at most `limit` accounts behind the name `after`.
  absl::StatusOr<AccountList> List(const TerminalCall& call, const std::string& after, int limit,
                                   MonotonicTime deadline);

 private:
  absl::StatusOr<std::optional<Reason>> HoldActing(Transaction& tx, const TerminalCall& call,
                                                   const std::string& user_name);
  template <class Act>
  absl::StatusOr<AdministeredAccount> Change(const TerminalCall& call, const std::string& user_name,
                                             MonotonicTime deadline, Act&& act);

  Database& database_;
  AccountStore& accounts_;
};

// CreateAdministrator is an operator's: it makes an administrator of a registered facility within
// `tx`, with the password whose hash is given. FACILITY_NOT_FOUND, ACCOUNT_EXISTS, or a StoreError.
// With `validate_only` nothing is written.
absl::StatusOr<Account> CreateAdministrator(Transaction& tx, AuditRecord& record,
                                            RegistryStore& registry, AccountStore& accounts,
                                            Account wanted, bool validate_only);

// ResetAdministratorPassword is an operator's: it gives an administrator the password whose hash is
// given, opens the account and ends its sessions, within `tx`. ACCOUNT_NOT_FOUND, also for an
// account of another kind, ACCOUNT_DISABLED, or a StoreError.
absl::StatusOr<Account> ResetAdministratorPassword(
    Transaction& tx, AuditRecord& record, AccountStore& accounts, const std::string& facility_code,
    const std::string& user_name, const std::string& password_hash, bool validate_only);

}  // namespace kakunin
