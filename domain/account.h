#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "domain/actor.h"

namespace kakunin {

// AccountKind is what an account is for. Numbers of account_service.proto.
enum class AccountKind { kAdministrator = 1, kGeneral, kMedicalInformationViewer };

// AccountState is whether an account can be used. Numbers of account_service.proto.
enum class AccountState { kOpen = 1, kLockedByTries, kLocked, kDisabled };

// kMostWrongTries wrong passwords in a row lock an account until somebody opens it again (issue:
// "5 wrong tries lock"). No time opens it: whoever guesses would only have to wait.
inline constexpr int kMostWrongTries = 5;

// kOneTimePasswordWorks is how long a password that somebody else was told opens an account. Ours.
inline constexpr absl::Duration kOneTimePasswordWorks = absl::Hours(24 * 7);

// Account is one user of one facility.
struct Account {
  std::string facility_code;
  std::string user_name;
  std::string display_name;
  Role role = Role::kGeneral;
  std::string password_hash;  // of auth/password_hash.h
  // Set: the password is a one-time password, useless from this instant on.
  std::optional<absl::Time> one_time_end;
  // Tries since the last right one, those under way among them.
  int wrong_tries = 0;
  std::optional<absl::Time> locked;    // by an administrator
  std::optional<absl::Time> disabled;  // for ever
  absl::Time created;
  std::optional<absl::Time> last_log_in;
};

// KindOf tells what kind of account has this role.
AccountKind KindOf(Role role);

// RoleFor is the role of an account of this kind: a medical-information viewer has exactly one of
// the four qualified roles, the others have none. Empty: `qualification` does not fit the kind.
std::optional<Role> RoleFor(AccountKind kind, std::optional<Role> qualification);

// IsUserName tells whether `text` can name an account: 3 to 32 of a-z, 0-9, '.', '_' and '-', the
// first a letter or digit, and nothing that may be an individual number. One spelling only, so that
// the audit's user is one person.
bool IsUserName(std::string_view text);

// StateOf tells whether the account can be used.
AccountState StateOf(const Account& account);

// MayTry tells whether a password may be compared with the account's at `at`: it is open, and its
// one-time password, if it has one, not over. Whoever compares counts the try before, so that tries
// at the same time are no more than those that are left.
bool MayTry(const Account& account, absl::Time at);

// NeedsPasswordChange tells whether the account has a one-time password.
inline bool NeedsPasswordChange(const Account& account) { return account.one_time_end.has_value(); }

}  // namespace kakunin
