#pragma once

#include "storage/audit_store.h"

namespace kakunin {

// PostgresAuditStore reads audit_event; only the auditor's role may.
class PostgresAuditStore : public AuditStore {
 public:
  absl::StatusOr<std::vector<StreamHead>> Heads(Transaction& tx) override;
  absl::StatusOr<AuditChain::Place> Start(Transaction& tx, const StreamId& stream) override;
  absl::Status ReadStream(Transaction& tx, const StreamId& stream, int64_t after,
                          const std::function<bool(const AuditRecord&)>& visit) override;
};

}  // namespace kakunin
