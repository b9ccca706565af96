#pragma once

#include <chrono>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/audit_record.h"

namespace kakunin {

// MonotonicTime bounds waiting; it has nothing to do with the Clock of the rules.
using MonotonicTime = std::chrono::steady_clock::time_point;

// LaneStore is what every store of a lane has: one connection, used by the lane's thread alone, and
// the audit rows that are written over it.
class LaneStore {
 public:
  virtual ~LaneStore() = default;

  virtual bool Connected() const = 0;
  // Reconnect makes one step towards a connection without blocking longer than `deadline`; OK once
  // connected.
  virtual absl::Status Reconnect(MonotonicTime deadline) = 0;
  // NoticeLoss looks, without waiting, whether the server ended the connection while nothing ran;
  // Connected() is false afterwards if so.
  virtual void NoticeLoss() = 0;
  // AuditRowExists decides an unknown outcome: a batch is written whole, so its last row tells.
  virtual absl::StatusOr<bool> AuditRowExists(const AuditId& id, MonotonicTime deadline) = 0;
};

}  // namespace kakunin
