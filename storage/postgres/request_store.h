#pragma once

#include "storage/registry_store.h"

namespace kakunin {

// PostgresRequestStore keeps outcomes in request_outcome.
class PostgresRequestStore : public RequestStore {
 public:
  absl::StatusOr<std::optional<RequestOutcome>> Find(Transaction& tx, const std::string& actor,
                                                     int operation, const RequestId& id) override;
  absl::Status Put(Transaction& tx, const std::string& actor, int operation, const RequestId& id,
                   const RequestOutcome& outcome, absl::Time at) override;
};

}  // namespace kakunin
