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

  // DeleteBefore removes what was stored before `at`, for the job role, and keys that were locked
  // and never got an outcome. Returns how many rows went.
  static absl::StatusOr<int64_t> DeleteBefore(Transaction& tx, absl::Time at);
};

}  // namespace kakunin
