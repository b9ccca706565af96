#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "auth/password_hash.h"
#include "domain/account.h"
#include "domain/audit_record.h"
#include "domain/error.h"
#include "server/usecases/digest_turn.h"
#include "storage/database.h"

namespace kakunin {

// PasswordTry is one password held against one account, of a facility's user or of an applicant.
struct PasswordTry {
  bool known = false;     // there is such an account
  bool compared = false;  // it had a try left
  bool right = false;
  std::string hash;  // that was compared with
  int number = 0;    // of the tries since the last right one
};

// HashOfNobody is what is compared with when there is nothing to compare with, so that it takes as
// long.
const std::string& HashOfNobody();

// AddTry tells the audit what came of it.
void AddTry(AuditRecord& record, const PasswordTry& made);

// WrittenBy is the deadline of what is written behind a try: it has been counted by then, and that
// it leaves no audit row must not be in the caller's hands.
inline MonotonicTime WrittenBy(MonotonicTime deadline) {
  return std::max(deadline, MonotonicTime::clock::now() + std::chrono::seconds(5));
}

// ComparePassword compares outside of any transaction, when `turn` comes unless it is null.
bool ComparePassword(const std::string& password, const std::string& hash, DigestTurn* turn);

// TryPassword counts a try in a commit of its own and compares the password then: of tries at the
// same time no more are compared than are left. `hold` (Transaction&) ->
// StatusOr<optional<Account>> reads and locks the account, `keep` (Transaction&, const Account&) ->
// Status writes it.
template <class Hold, class Keep>
absl::StatusOr<PasswordTry> TryPassword(Database& database, absl::Time at,
                                        const std::string& password, MonotonicTime deadline,
                                        DigestTurn* turn, const Hold& hold, const Keep& keep) {
  PasswordTry made;
  RETURN_IF_ERROR(database.Write(deadline, [&](Transaction& tx) -> absl::Status {
    made = {};
    ASSIGN_OR_RETURN(auto account, hold(tx));
    made.known = account.has_value();
    if (!account || !MayTry(*account, at)) return absl::OkStatus();
    made.compared = true;
    made.number = ++account->wrong_tries;
    made.hash = account->password_hash;
    return keep(tx, *account);
  }));
  const bool same = ComparePassword(password, made.compared ? made.hash : HashOfNobody(), turn);
  made.right = made.compared && same;
  return made;
}

// HoldTried locks the account of a right password again, its wrong tries forgotten; empty when it
// was shut (`is_shut`), or got another password, while the password was compared.
template <class Hold, class IsShut>
auto HoldTried(Transaction& tx, const PasswordTry& made, const Hold& hold, const IsShut& is_shut)
    -> decltype(hold(tx)) {
  if (!made.right) return decltype(hold(tx))(std::nullopt);
  ASSIGN_OR_RETURN(auto account, hold(tx));
  if (!account || is_shut(*account) || account->password_hash != made.hash) {
    return decltype(hold(tx))(std::nullopt);
  }
  account->wrong_tries = 0;
  return account;
}

}  // namespace kakunin
