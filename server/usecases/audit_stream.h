#pragma once

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "domain/audit_chain.h"
#include "storage/lane_store.h"

namespace kakunin {

// AuditStream is one usecase's stream of audit rows over a lane's connection: a new stream for
// every connection, for nobody knows what became of the numbers that were under way when it broke.
// Not thread-safe.
class AuditStream {
 public:
  // `store` outlives the object; other usecases may use it, too. `hash` is SHA-256.
  AuditStream(LaneStore& store, HashFunction hash) : store_(store), hash_(hash) {}

  // Connect makes one step towards a connection, up to `deadline`; true when there is one.
  bool Connect(MonotonicTime deadline);

  // NoticeLoss looks whether the connection ended while nothing ran.
  void NoticeLoss() { store_.NoticeLoss(); }

  // Write runs `write`, which links the rows that it stores, all or none of them. When it fails,
  // their numbers are given again. kUnavailable when there is no connection.
  absl::Status Write(const std::function<absl::Status(AuditChain&)>& write);

  // Exists connects anew when it must and tells whether the row was stored; kUnknownOutcome when it
  // cannot tell.
  absl::StatusOr<bool> Exists(const AuditId& id, MonotonicTime deadline);

 private:
  LaneStore& store_;
  HashFunction hash_;
  std::optional<AuditChain> chain_;
};

}  // namespace kakunin
