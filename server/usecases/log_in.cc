#include "server/usecases/log_in.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "auth/password_hash.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/audited_call.h"

namespace kakunin {
namespace {

// What is compared with when there is nothing to compare with, so that it takes as long.
const std::string& HashOfNobody() {
  static const auto* const hash =
      new std::string(auth::HashPassword(auth::RandomPassword()));  // never freed: used until exit
  return *hash;
}

// PasswordTry is one password held against one account.
struct PasswordTry {
  bool known = false;     // there is such an account
  bool compared = false;  // it had a try left
  bool right = false;
  std::string hash;  // that was compared with
  int number = 0;    // of the tries since the last right one
};

absl::StatusOr<PasswordTry> Try(Database& database, AccountStore& accounts,
                                const TerminalCall& call, const std::string& user_name,
                                const std::string& password, MonotonicTime deadline) {
  PasswordTry made;
  RETURN_IF_ERROR(database.Write(deadline, [&](Transaction& tx) -> absl::Status {
    made = {};
    ASSIGN_OR_RETURN(auto account, accounts.Hold(tx, call.facility_code, user_name));
    made.known = account.has_value();
    if (!account || !MayTry(*account, call.record.at)) return absl::OkStatus();
    made.compared = true;
    made.number = ++account->wrong_tries;
    made.hash = account->password_hash;
    return accounts.Update(tx, *account);
  }));
  const bool right = auth::IsPassword(password, made.compared ? made.hash : HashOfNobody());
  made.right = made.compared && right;
  return made;
}

void AddTry(AuditRecord& record, const PasswordTry& made) {
  if (!made.known) return AddDetail(record, "account", "unknown");
  if (!made.compared) return AddDetail(record, "compared", 0);
  AddDetail(record, "try", made.number);
  if (!made.right && made.number >= kMostWrongTries) AddDetail(record, "locked", 1);
}

// HoldTried locks the account of a right password again; empty when it was shut, or got another
// password, while the password was compared.
absl::StatusOr<std::optional<Account>> HoldTried(Transaction& tx, AccountStore& accounts,
                                                 const TerminalCall& call,
                                                 const std::string& user_name,
                                                 const PasswordTry& made) {
  if (!made.right) return std::optional<Account>();
  ASSIGN_OR_RETURN(auto account, accounts.Hold(tx, call.facility_code, user_name));
  if (!account || account->locked || account->disabled || account->password_hash != made.hash) {
    return std::optional<Account>();
  }
  account->wrong_tries = 0;
  return account;
}

// A try has been counted by now: that it leaves no audit row must not be in the caller's hands.
MonotonicTime WrittenBy(MonotonicTime deadline) {
  return std::max(deadline, MonotonicTime::clock::now() + std::chrono::seconds(5));
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
    ASSIGN_OR_RETURN(auto account, HoldTried(tx, accounts, call, attempt.user_name, made));
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
    ASSIGN_OR_RETURN(auto account, HoldTried(tx, accounts, call, user_name, made));
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
