#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/database.h"

namespace kakunin {

// CrlMemoryStore keeps, for all servers, what the CRLs of a partition listed (auth/crl_memory.h);
// the octets mean nothing here. Thread-safe.
class CrlMemoryStore {
 public:
  virtual ~CrlMemoryStore() = default;
  // Lock returns what is kept of a partition, empty when nothing is, and keeps other servers from
  // it until the transaction ends. `issuer_key_id` has 32 octets.
  virtual absl::StatusOr<std::string> Lock(Transaction& tx, std::string_view issuer_key_id,
                                           std::string_view partition) = 0;
  // Put replaces what is kept of a partition that this transaction has locked.
  virtual absl::Status Put(Transaction& tx, std::string_view issuer_key_id,
                           std::string_view partition, std::string_view octets) = 0;
};

}  // namespace kakunin
