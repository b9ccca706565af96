#include "storage/postgres/protection_store.h"

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kFind[] =
    "SELECT n.person_id::text, coalesce(p.hide_address, false),"
    " coalesce(p.hide_facility_names, false)"
    " FROM kakunin.person_number n"
    " LEFT JOIN kakunin.person_protection p ON p.person_id = n.person_id"
    " WHERE n.number_hash = $1::bytea FOR UPDATE OF n";

// The generation's row queues all writers, so that rows are stamped in the order of their commits.
constexpr char kPut[] =
    "WITH g AS (UPDATE kakunin.protection_generation SET generation = generation + 1"
    "  RETURNING generation)"
    "INSERT INTO kakunin.person_protection"
    " (person_id, hide_address, hide_facility_names, changed_at, generation)"
    " SELECT $1::uuid, $2, $3, $4::timestamptz, g.generation FROM g"
    " ON CONFLICT (person_id) DO UPDATE SET hide_address = excluded.hide_address,"
    " hide_facility_names = excluded.hide_facility_names, changed_at = excluded.changed_at,"
    " generation = excluded.generation";

}  // namespace

absl::StatusOr<std::optional<FoundProtection>> PostgresProtectionStore::Find(
    Transaction& tx, const IndividualNumberHash& number) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<FoundProtection>> {
    const pqxx::result rows =
        PostgresTransaction::Work(tx).exec_params(kFind, ByteaText(number.hash));
    if (rows.empty()) return std::nullopt;
    return FoundProtection{.person = UuidFromText<PersonId>(rows[0][0].c_str()),
                           .protection = {.hide_address = rows[0][1].as<bool>(),
                                          .hide_facility_names = rows[0][2].as<bool>()}};
  });
}

absl::Status PostgresProtectionStore::Put(Transaction& tx, const PersonId& person,
                                          const Protection& protection, absl::Time at) {
  return RunStatements([&] {
    PostgresTransaction::Work(tx).exec_params(kPut, UuidText(person), protection.hide_address,
                                              protection.hide_facility_names, InstantText(at));
    return absl::OkStatus();
  });
}

}  // namespace kakunin
