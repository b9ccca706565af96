#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "domain/audit_record.h"
#include "storage/confirmation_store.h"

namespace kakunin {

// Transaction is one open transaction of a pooled connection. The stores take it as an argument;
// only the folder that made it knows what is inside. Lives as long as the function it was handed
// to.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // AppendAudit gives `record` the next number of this connection's stream, chains it and inserts
  // it. The row commits or rolls back with the act. Returns the id, or a StoreError.
  virtual absl::StatusOr<AuditId> AppendAudit(AuditRecord record) = 0;
};

// Database is a bounded pool of connections of one database role, for everything that is not a
// lane. Thread-safe.
class Database {
 public:
  virtual ~Database() = default;

  // Write runs `act` in a transaction: commit on OK, rollback otherwise. `act` may run again after
  // a serialisation failure or deadlock, so it keeps no state. At `deadline` the connection is
  // closed from our side, whatever the server does. An unknown outcome of a commit is resolved by
  // the audit row that the act appended, else it is returned as kUnknownOutcome.
  virtual absl::Status Write(MonotonicTime deadline,
                             const std::function<absl::Status(Transaction&)>& act) = 0;

  // Read runs `act` in a read-only transaction.
  virtual absl::Status Read(MonotonicTime deadline,
                            const std::function<absl::Status(Transaction&)>& act) = 0;
};

}  // namespace kakunin
