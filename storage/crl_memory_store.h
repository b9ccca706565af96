#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/database.h"

namespace kakunin {

// ForgottenRevocation is a serial of which no kept CRL tells any more that it was revoked.
struct ForgottenRevocation {
  std::string serial;  // big endian, as in card links
  absl::Time until;    // a certificate whose last second lies before it was revoked then
};

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
  // KeepForgotten keeps for good, of `forgotten`, the cards that are linked or were linked by a
  // delivery, for one that was undone may come again: what they agreed to is judged by it
  // (StoredCertificate::kRevoked). In the transaction that puts what does not hold them any
  // more.
  virtual absl::Status KeepForgotten(Transaction& tx, std::string_view issuer_key_id,
                                     std::span<const ForgottenRevocation> forgotten) = 0;
};

}  // namespace kakunin
