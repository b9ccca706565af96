#include "server/rpc/session_door.h"

namespace kakunin {
namespace {

// A token names the generation in which it was made. Nobody's is so far ahead of a server that
// polls.
constexpr int64_t kFarthestAhead = 1'000'000;

bool MayWithOneTimePassword(Operation operation) {
  return operation == Operation::kChangePassword || operation == Operation::kLogOut;
}

}  // namespace

absl::StatusOr<Session> OpenSession(std::string_view token, const SessionSource& source,
                                    const AccountSnapshot& accounts, const SessionCall& call,
                                    Operation operation) {
  const auto read = source.key.Read(token);
  if (!read) return MakeError(Reason::kSessionUnknown);
  const KnownSession* const known = accounts.Find(read->hash);
  if (known == nullptr) {
    const int64_t ahead = read->generation - accounts.generation();
    return MakeError(ahead > 0 && ahead < kFarthestAhead ? Reason::kSessionNotYetKnown
                                                         : Reason::kSessionUnknown);
  }
  const Session& session = known->session();
  if (const auto refused = JudgeSession(session, call, known->LastUsed())) {
    return MakeError(*refused);
  }
  if (session.password_change_needed && !MayWithOneTimePassword(operation)) {
    return MakeError(Reason::kPasswordChangeNeeded);
  }
  if (operation != Operation::kWatchNotices) known->Use(call.at);
  return session;
}

}  // namespace kakunin
