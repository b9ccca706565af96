#include "server/usecases/log_in.h"

#include <utility>

#include "auth/password_hash.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/audited_call.h"
#include "server/usecases/password_try.h"

namespace kakunin {
namespace {

// Holding reads and locks one account of the caller's facility.
auto Holding(AccountStore& accounts, const TerminalCall& call, const std::string& user_name) {
  return [&accounts, &call, user_name](Transaction& tx) {
    return accounts.Hold(tx, call.facility_code, user_name);
  };
}

absl::StatusOr<PasswordTry> Try(Database& database, AccountStore& accounts,
                                const TerminalCall& call, const std::string& user_name,
                                const std::string& password, MonotonicTime deadline) {
  return TryPassword(
      database, call.record.at, password, deadline, /*turn=*/nullptr,
      Holding(accounts, call, user_name),
      [&](Transaction& tx, const Account& account) { return accounts.Update(tx, account); });
}

bool IsShut(const Account& account) {
  return account.locked.has_value() || account.disabled.has_value();
}

}  // namespace

absl::StatusOr<LoggedIn> LogIn(Database& database, AccountStore& accounts,
                               const auth::SessionTokenKey& tokens, const TerminalCall& call,
                               const LogInAttempt& attempt, MonotonicTime deadline) {
  PasswordTry made;
  std::string new_hash;  // of a higher cost than the account's
  if (!call.refused) {
    ASSIGN_OR_RETURN(made,
                     Try(database, accounts, call, attempt.user_name, attempt.password, deadline));
    if (made.right && auth::CostOf(made.hash) != auth::PasswordCost()) {
      new_hash = auth::HashPassword(attempt.password);
    }
  }
  const std::string secret = auth::SessionTokenKey::Secret();
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       LoggedIn& logged_in) -> absl::StatusOr<std::optional<Reason>> {
    // What was typed as a name is written down only when it is one.
    record.user = made.known ? attempt.user_name : "";
    record.role = 0;
    record.role_evidence = 0;
    AddTry(record, made);
    ASSIGN_OR_RETURN(auto account,
                     HoldTried(tx, made, Holding(accounts, call, attempt.user_name), &IsShut));
    if (!account) return std::optional(Reason::kLogInRefused);
    account->last_log_in = record.at;
    if (!new_hash.empty()) account->password_hash = new_hash;
    RETURN_IF_ERROR(accounts.Update(tx, *account));
    RETURN_IF_ERROR(
        accounts
            .EndSessions(tx, *account, call.terminal_id, {}, SessionEnd::kLoggedInAgain, record.at)
            .status());
    Session session{.token_hash = tokens.HashOf(secret),
                    .facility_code = call.facility_code,
                    .user_name = account->user_name,
                    .terminal_id = call.terminal_id,
                    .certificate = attempt.certificate,
                    .role = account->role,
                    .password_change_needed = NeedsPasswordChange(*account),
                    .began = record.at,
                    .end = record.at + kSessionLife,
                    .last_used = record.at};
    ASSIGN_OR_RETURN(const int64_t generation, accounts.BeginSession(tx, session));
    record.role = static_cast<int>(account->role);
    record.role_evidence = static_cast<int>(RoleEvidence::kProven);
    logged_in.token = auth::SessionTokenKey::Text(secret, generation);
    logged_in.session = std::move(session);
    logged_in.account = *std::move(account);
    return Done();
  };
  return RunAudited<LoggedIn>(database, call, WrittenBy(deadline), act);
}

absl::StatusOr<LoggedOut> LogOut(Database& database, AccountStore& accounts,
                                 const TerminalCall& call, const Digest32& session,
                                 MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       LoggedOut&) -> absl::StatusOr<std::optional<Reason>> {
    RETURN_IF_ERROR(accounts.EndSession(tx, session, SessionEnd::kLoggedOut, record.at));
    return Done();
  };
  return RunAudited<LoggedOut>(database, call, deadline, act);
}

absl::StatusOr<ChangedPassword> ChangePassword(Database& database, AccountStore& accounts,
                                               const TerminalCall& call,
                                               const PasswordChange& change,
                                               MonotonicTime deadline) {
  const std::string& user_name = call.record.user;
  PasswordTry made;
  std::string new_hash;
  if (!call.refused) {
    ASSIGN_OR_RETURN(made,
                     Try(database, accounts, call, user_name, change.current_password, deadline));
    if (made.right) new_hash = auth::HashPassword(change.new_password);
  }
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       ChangedPassword& changed) -> absl::StatusOr<std::optional<Reason>> {
    AddTry(record, made);
    ASSIGN_OR_RETURN(auto account,
                     HoldTried(tx, made, Holding(accounts, call, user_name), &IsShut));
    if (!account) return std::optional(Reason::kPasswordWrong);
    account->password_hash = new_hash;
    account->one_time_end.reset();
    RETURN_IF_ERROR(accounts.Update(tx, *account));
    ASSIGN_OR_RETURN(changed.sessions_ended,
                     accounts.EndSessions(tx, *account, "", change.session,
                                          SessionEnd::kPasswordChanged, record.at));
    AddDetail(record, "sessions_ended", changed.sessions_ended);
    RETURN_IF_ERROR(accounts.PasswordChanged(tx, change.session));
    return Done();
  };
  return RunAudited<ChangedPassword>(database, call, WrittenBy(deadline), act);
}

}  // namespace kakunin
