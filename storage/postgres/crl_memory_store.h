#pragma once

#include "storage/crl_memory_store.h"

namespace kakunin {

// PostgresCrlMemoryStore keeps crl_memory and forgotten_revocation. Works as kakunin_terminal.
class PostgresCrlMemoryStore : public CrlMemoryStore {
 public:
  absl::StatusOr<std::string> Lock(Transaction& tx, std::string_view issuer_key_id,
                                   std::string_view partition) override;
  absl::Status Put(Transaction& tx, std::string_view issuer_key_id, std::string_view partition,
                   std::string_view octets) override;
  absl::Status KeepForgotten(Transaction& tx, std::string_view issuer_key_id,
                             std::span<const ForgottenRevocation> forgotten) override;
};

}  // namespace kakunin
