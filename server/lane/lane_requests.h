#pragma once

#include <algorithm>
#include <chrono>
#include <span>
#include <string>

#include "auth/digest.h"
#include "server/lane/lane.h"
#include "server/rpc/fields.h"
#include "server/rpc/status.h"

namespace kakunin {

// ParseRequest reads a call's message; answers the call itself and returns false when it is none.
template <class Message>
bool ParseRequest(LaneCall& call, Message& message) {
  message.Clear();
  const std::string_view octets = call.request();
  if (message.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return true;
  call.Refuse(InvalidFields({{"", std::string(kFieldMalformed)}}));
  return false;
}

// BatchBound is until when a batch may wait for its database: the earliest deadline among its
// calls, at most `most` from now. A caller in a hurry must not cut the batch of all the others
// before the database could answer, so at least a quarter of a second (docs/adr/0009).
inline MonotonicTime BatchBound(std::span<LaneCall* const> batch, std::chrono::milliseconds most) {
  constexpr auto kLeastBound = std::chrono::milliseconds(250);
  const MonotonicTime now = std::chrono::steady_clock::now();
  MonotonicTime earliest = now + most;
  for (const LaneCall* call : batch) earliest = std::min(earliest, call->call().deadline);
  return std::max(earliest, now + kLeastBound);
}

}  // namespace kakunin
