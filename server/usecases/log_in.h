#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "auth/session_token.h"
#include "domain/account.h"
#include "domain/session.h"
#include "server/usecases/terminal_call.h"
#include "storage/account_store.h"

namespace kakunin {

// LogInAttempt is who says to be whom, at which certificate's terminal.
struct LogInAttempt {
  std::string user_name;  // may be nobody's, and is not written down then
  std::string password;   // normalised
  Digest32 certificate{};
};

struct LoggedIn {
  Account account;
  Session session;
  std::string token;  // told once
  AuditId audit_id;
};

// LogIn compares a password and begins a session, audited. A try is counted, in a commit of its
// own, before the password is compared: of tries at the same time no more are compared than are
// left. Nobody's name, a wrong password, an account that is locked or disabled and a one-time
// password that is over get LOG_IN_REFUSED, after the same work (one digest, two transactions); the
// audit knows which it was. A session of the same user at the same terminal ends. Returns the
// door's refusal, LOG_IN_REFUSED or a StoreError. Takes one digest of a password of the calling
// thread: the caller bounds how many run at once.
absl::StatusOr<LoggedIn> LogIn(Database& database, AccountStore& accounts,
                               const auth::SessionTokenKey& tokens, const TerminalCall& call,
                               const LogInAttempt& attempt, MonotonicTime deadline);

struct LoggedOut {
  AuditId audit_id;
};

// LogOut ends a session, audited; repeating it changes nothing.
absl::StatusOr<LoggedOut> LogOut(Database& database, AccountStore& accounts,
                                 const TerminalCall& call, const Digest32& session,
                                 MonotonicTime deadline);

// PasswordChange is what a session's user asks for.
struct PasswordChange {
  Digest32 session{};
  std::string current_password;  // normalised, as the new one, which was judged
  std::string new_password;
};

struct ChangedPassword {
  int sessions_ended = 0;
  AuditId audit_id;
};

// ChangePassword gives the account of `call.record.user` another password and ends its other
// sessions, audited. Tries of the current password count as at LogIn. Returns the door's refusal,
// PASSWORD_WRONG or a StoreError. Takes two digests.
absl::StatusOr<ChangedPassword> ChangePassword(Database& database, AccountStore& accounts,
                                               const TerminalCall& call,
                                               const PasswordChange& change,
                                               MonotonicTime deadline);

}  // namespace kakunin
