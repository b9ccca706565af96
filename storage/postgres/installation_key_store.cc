#include "storage/postgres/installation_key_store.h"

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"

namespace kakunin {

absl::StatusOr<std::string> PostgresInstallationKeyStore::Claim(Transaction& tx, KeyPurpose purpose,
                                                                const std::string& key_id) {
  return RunStatements([&]() -> absl::StatusOr<std::string> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec_params(
        "INSERT INTO kakunin.installation_key (purpose, key_id) VALUES ($1, $2)"
        " ON CONFLICT (purpose) DO NOTHING",
        static_cast<int>(purpose), key_id);
    return work
        .exec_params("SELECT key_id FROM kakunin.installation_key WHERE purpose = $1",
                     static_cast<int>(purpose))[0][0]
        .as<std::string>();
  });
}

}  // namespace kakunin
