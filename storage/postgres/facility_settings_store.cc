#include "storage/postgres/facility_settings_store.h"

#include <pqxx/result>

#include "storage/postgres/account_generation.h"
#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {

FacilitySettings SettingsFrom(const pqxx::row& row, int first) {
  return {.kinds_not_used = static_cast<uint8_t>(row[first].as<int>()),
          .uses_e_prescription = row[first + 1].as<bool>(),
          .shows_treatment_at_first = row[first + 2].as<bool>(),
          .shows_surgery_at_first = row[first + 3].as<bool>(),
          .records_need_proven_role = row[first + 4].as<bool>()};
}

absl::StatusOr<StoredSettings> PostgresFacilitySettingsStore::Find(
    Transaction& tx, const std::string& facility_code) {
  return RunStatements([&]() -> absl::StatusOr<StoredSettings> {
    const auto rows = PostgresTransaction::Work(tx).exec_params(
        std::string("SELECT change_number, ") + kSettingsColumns +
            " FROM kakunin.facility_settings WHERE facility_code = $1",
        facility_code);
    StoredSettings stored{.facility_code = facility_code};
    if (!rows.empty()) {
      stored.change_number = rows[0][0].as<int64_t>();
      stored.settings = SettingsFrom(rows[0], 1);
    }
    return stored;
  });
}

absl::Status PostgresFacilitySettingsStore::Change(Transaction& tx, const SettingsChange& change) {
  return RunStatements([&]() -> absl::Status {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const FacilitySettings& settings = change.settings;
    const auto appended = work.exec_params(
        std::string("INSERT INTO kakunin.facility_settings_change (facility_code, change_number,"
                    " changed_at, user_name, terminal_id, ") +
            kSettingsColumns +
            ") VALUES ($1, $2, $3::timestamptz, $4, $5, $6, $7, $8, $9, $10)"
            " ON CONFLICT DO NOTHING",
        change.facility_code, change.number, InstantText(change.at), change.user_name,
        change.terminal_id, static_cast<int>(settings.kinds_not_used), settings.uses_e_prescription,
        settings.shows_treatment_at_first, settings.shows_surgery_at_first,
        settings.records_need_proven_role);
    if (appended.affected_rows() == 0) return StoreError(StoreFailure::kSerialisation);
    const int64_t generation = NextAccountGeneration(work);
    work.exec_params(
        std::string("INSERT INTO kakunin.facility_settings (facility_code, ") + kSettingsColumns +
            ", change_number, generation) SELECT facility_code, " + kSettingsColumns +
            ", change_number, $3 FROM kakunin.facility_settings_change WHERE facility_code = $1"
            " AND change_number = $2 ON CONFLICT (facility_code) DO UPDATE SET"
            " kinds_not_used = excluded.kinds_not_used,"
            " uses_e_prescription = excluded.uses_e_prescription,"
            " shows_treatment_at_first = excluded.shows_treatment_at_first,"
            " shows_surgery_at_first = excluded.shows_surgery_at_first,"
            " records_need_proven_role = excluded.records_need_proven_role,"
            " change_number = excluded.change_number, generation = excluded.generation",
        change.facility_code, change.number, generation);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<SettingsChange>> PostgresFacilitySettingsStore::Changes(
    Transaction& tx, const std::string& facility_code, int64_t before, int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<SettingsChange>> {
    std::vector<SettingsChange> changes;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             std::string("SELECT change_number, changed_at, user_name, terminal_id, ") +
                 kSettingsColumns +
                 " FROM kakunin.facility_settings_change WHERE facility_code = $1"
                 " AND ($2::bigint = 0 OR change_number < $2) ORDER BY change_number DESC LIMIT $3",
             facility_code, before, limit)) {
      changes.push_back({.facility_code = facility_code,
                         .number = row[0].as<int64_t>(),
                         .at = InstantFromText(row[1].c_str()),
                         .user_name = row[2].c_str(),
                         .terminal_id = row[3].c_str(),
                         .settings = SettingsFrom(row, 4)});
    }
    return changes;
  });
}

}  // namespace kakunin
