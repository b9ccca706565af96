#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/audit_record.h"
#include "domain/error.h"

namespace kakunin {

// kSessionLife is how long a session lasts at most: a working day with its overtime. Ours.
inline constexpr absl::Duration kSessionLife = absl::Hours(12);
// kSessionIdle is how long a session lasts that nobody uses. Ours. A server that did not see the
// last use knows of it at most kUseToldWithin later, and may end the session so much earlier.
inline constexpr absl::Duration kSessionIdle = absl::Hours(1);
inline constexpr absl::Duration kUseToldWithin = absl::Minutes(6);

// SessionEnd is why a session is over before its time; stored, never renumbered.
enum class SessionEnd {
  kLoggedOut = 1,
  kLoggedInAgain,    // at the same terminal
  kPasswordChanged,  // by another session of the account
  kPasswordReset,
  kLocked,
  kDisabled
};

// Session is one user who has logged in at one terminal, by its certificate.
struct Session {
  Digest32 token_hash{};  // keyed; the token itself is the terminal's alone
  std::string facility_code;
  std::string user_name;
  std::string terminal_id;
  Digest32 certificate{};  // fingerprint
  Role role = Role::kGeneral;
  bool password_change_needed = false;
  absl::Time began;
  absl::Time end;  // first instant at which it is over
  absl::Time last_used;
  std::optional<SessionEnd> ended;
};

// SessionCall is who presents a session, and when.
struct SessionCall {
  const std::string& facility_code;
  const std::string& terminal_id;
  const Digest32& certificate;
  absl::Time at;
};

// JudgeSession tells why `session` gives the caller nothing; empty: it is the caller's and counts.
// SESSION_OF_ANOTHER_TERMINAL before everything else: nobody else learns whether it is over. Then
// SESSION_ENDED, and SESSION_EXPIRED from its end on or kSessionIdle after `last_used`.
std::optional<Reason> JudgeSession(const Session& session, const SessionCall& call,
                                   absl::Time last_used);

}  // namespace kakunin
