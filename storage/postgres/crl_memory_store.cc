#include "storage/postgres/crl_memory_store.h"

#include "storage/postgres/array_parameters.h"
#include "storage/postgres/binary_array.h"
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

absl::Status PostgresCrlMemoryStore::KeepForgotten(Transaction& tx, std::string_view issuer_key_id,
                                                   std::span<const ForgottenRevocation> forgotten) {
  if (forgotten.empty()) return absl::OkStatus();
  return RunStatements([&] {
    BinaryArray serials;
    BinaryArray until;
    serials.Begin(ElementType::kOctets, forgotten.size());
    until.Begin(ElementType::kInstant, forgotten.size());
    for (const ForgottenRevocation& one : forgotten) {
      serials.Octets(one.serial);
      until.Instant(one.until);
    }
    ArrayParameters rows;
    rows.Add(issuer_key_id);
    rows.Add(serials);
    rows.Add(until);
    // A link that an undo took away may come again, and with it what was agreed to by that card.
    rows.Exec(PostgresTransaction::Work(tx),
              "INSERT INTO kakunin.forgotten_revocation AS kept (issuer_key_id, serial, until)"
              " SELECT $1::bytea, f.serial, f.until"
              " FROM unnest($2::bytea[], $3::timestamptz[]) AS f (serial, until)"
              " WHERE EXISTS (SELECT FROM kakunin.card_link c"
              "  WHERE c.issuer_key_id = $1::bytea AND c.serial = f.serial)"
              " OR EXISTS (SELECT FROM kakunin.card_link_change c"
              "  WHERE c.issuer_key_id = $1::bytea AND c.serial = f.serial)"
              " ON CONFLICT (issuer_key_id, serial)"
              " DO UPDATE SET until = greatest(kept.until, excluded.until)");
    return absl::OkStatus();
  });
}

}  // namespace kakunin
