#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "domain/account.h"
#include "domain/account_registration_state.h"
#include "domain/actor.h"

namespace kakunin {

// kRegistrationWaits is how long an account waits to be confirmed before it lapses. Ours: no source
// tells any.
inline constexpr absl::Duration kRegistrationWaits = absl::Hours(24 * 30);

// kApplicantSessionLife is how long a log-in on the onboarding port lasts: it is bound to no
// certificate, so shorter than a terminal's. Ours.
inline constexpr absl::Duration kApplicantSessionLife = absl::Hours(1);

// ApplicantAccount is an account of the portal (アカウント登録): whoever applies for one facility,
// or for those of a group.
struct ApplicantAccount {
  std::string account;  // made by the service: IsApplicantName
  std::string facility_code;
  std::string facility_name;
  FacilityType facility_type = FacilityType::kClinic;
  int prefecture = 0;  // 1 to 47, JIS X 0401; the first two digits of the code
  std::string mail;    // where one-time passwords are sent
  AccountRegistrationState state = AccountRegistrationState::kRegistered;  // stored: see StateAt
  absl::Time registered;
  std::optional<absl::Time> confirmed;
  std::string confirmed_by;       // an operator
  std::string password_given_by;  // the operator who was told the last one-time password
  std::string password_hash;      // of auth/password_hash.h; empty until it is confirmed
  // Set: the password is a one-time password, useless from this instant on.
  std::optional<absl::Time> one_time_end;
  int wrong_tries = 0;  // since the last right one, those under way among them
  std::optional<absl::Time> last_log_in;
};

// IsApplicantName tells whether `text` can name an applicant's account: "acc-" and twelve
// hexadecimal digits.
bool IsApplicantName(std::string_view text);

// IsMailAddress tells whether `text` can be written to: one "@" with a name before it and a domain
// of two parts behind it, ASCII without white space, at most 254 octets (RFC 5321). Whether it is
// the facility's own is seen when the one-time password comes back.
bool IsMailAddress(std::string_view text);

// StateAt is how the account stands at `at`: one that nobody confirmed in time has lapsed, one that
// kMostWrongTries wrong passwords in a row were tried on is locked.
AccountRegistrationState StateAt(const ApplicantAccount& account, absl::Time at);

// MayTry tells whether a password may be compared with the account's: it is active, and its
// one-time password, if it has one, not over. Whoever compares counts the try before.
bool MayTry(const ApplicantAccount& account, absl::Time at);

// NeedsPasswordChange tells whether the account has a one-time password: then it may do nothing but
// change it.
inline bool NeedsPasswordChange(const ApplicantAccount& account) {
  return account.one_time_end.has_value();
}

// ApplicantSession is one log-in. It is the account's alone, wherever it is shown.
struct ApplicantSession {
  std::string account;
  absl::Time began;
  absl::Time end;  // first instant at which it is over
};

}  // namespace kakunin
