#include "storage/postgres/crl_memory_store.h"

#include "storage/postgres/array_parameters.h"
#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {

absl::StatusOr<std::string> PostgresCrlMemoryStore::Lock(Transaction& tx,
                                                         std::string_view issuer_key_id,
                                                         std::string_view partition) {
  return RunStatements([&]() -> absl::StatusOr<std::string> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    ArrayParameters key;
    key.Add(issuer_key_id);
    key.Add(partition);
    key.Exec(work,
             "INSERT INTO kakunin.crl_memory (issuer_key_id, point, octets)"
             " VALUES ($1::bytea, $2::bytea, '') ON CONFLICT (issuer_key_id, point) DO NOTHING");
    return ByteaFromText(key.Exec(work,
                                  "SELECT octets FROM kakunin.crl_memory WHERE"
                                  " issuer_key_id = $1::bytea AND point = $2::bytea FOR UPDATE")
                             .front()[0]
                             .c_str());
  });
}

absl::Status PostgresCrlMemoryStore::Put(Transaction& tx, std::string_view issuer_key_id,
                                         std::string_view partition, std::string_view octets) {
  return RunStatements([&] {
    ArrayParameters row;
    row.Add(issuer_key_id);
    row.Add(partition);
    row.Add(octets);
    row.Exec(PostgresTransaction::Work(tx),
             "UPDATE kakunin.crl_memory SET octets = $3::bytea WHERE issuer_key_id = $1::bytea"
             " AND point = $2::bytea");
    return absl::OkStatus();
  });
}

}  // namespace kakunin
