#include "domain/session.h"

namespace kakunin {

std::optional<Reason> JudgeSession(const Session& session, const SessionCall& call,
                                   absl::Time last_used) {
  if (session.certificate != call.certificate || session.facility_code != call.facility_code ||
      session.terminal_id != call.terminal_id) {
    return Reason::kSessionOfAnotherTerminal;
  }
  if (session.ended) return Reason::kSessionEnded;
  if (call.at >= session.end || call.at >= last_used + kSessionIdle) {
    return Reason::kSessionExpired;
  }
  return std::nullopt;
}

}  // namespace kakunin
