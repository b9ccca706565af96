#pragma once

#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "auth/session_token.h"
#include "domain/access_policy.h"
#include "domain/session.h"
#include "server/account_watch.h"

namespace kakunin {

// SessionSource is where a listener finds who has logged in; the watch outlives the listener.
struct SessionSource {
  const AccountWatch* accounts = nullptr;
  auth::SessionTokenKey key;
};

// OpenSession finds the session that a terminal presents with a call, and notes its use unless the
// call is a watch, which goes on without anybody. Nothing but memory is asked. Returns the reason
// of a refusal: SESSION_UNKNOWN, what JudgeSession says, SESSION_NOT_YET_KNOWN for one so new that
// this server has not read it, PASSWORD_CHANGE_NEEDED for anything but changing the password and
// logging out. Thread-safe.
absl::StatusOr<Session> OpenSession(std::string_view token, const SessionSource& source,
                                    const AccountSnapshot& accounts, const SessionCall& call,
                                    Operation operation);

}  // namespace kakunin
