#include "storage/postgres/backup_facts.h"

#include <pqxx/result>

#include "storage/installation_key_store.h"
#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"

namespace kakunin {
namespace {

std::string NameOf(KeyPurpose purpose) {
  switch (purpose) {
    case KeyPurpose::kIndividualNumber:
      return "individual_number";
    case KeyPurpose::kLookUp:
      return "lookup";
    case KeyPurpose::kAudit:
      return "audit";
    case KeyPurpose::kPatientHandle:
      return "handle";
  }
  return "unknown";
}

}  // namespace

absl::StatusOr<BackupFacts> ReadBackupFacts(Transaction& tx) {
  return RunStatements([&]() -> absl::StatusOr<BackupFacts> {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    BackupFacts facts;
    const pqxx::result one = work.exec(
        "SELECT (SELECT max(version) FROM kakunin.schema_migration),"
        " (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size'),"
        " pg_is_in_recovery()");
    facts.migration = one[0][0].as<int>();
    facts.segment_octets = one[0][1].as<int64_t>();
    facts.in_recovery = one[0][2].as<bool>();
    const pqxx::result keys =
        work.exec("SELECT purpose, key_id FROM kakunin.installation_key ORDER BY purpose");
    facts.key_ids.reserve(keys.size());
    for (const auto& row : keys) {
      facts.key_ids.push_back(NameOf(static_cast<KeyPurpose>(row[0].as<int>())) + " " +
                              row[1].as<std::string>());
    }
    return facts;
  });
}

}  // namespace kakunin
