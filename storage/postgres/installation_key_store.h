#pragma once

#include "storage/installation_key_store.h"

namespace kakunin {

// PostgresInstallationKeyStore keeps installation_key.
class PostgresInstallationKeyStore : public InstallationKeyStore {
 public:
  absl::StatusOr<std::string> Claim(Transaction& tx, KeyPurpose purpose,
                                    const std::string& key_id) override;
};

}  // namespace kakunin
