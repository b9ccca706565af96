#include "storage/postgres/alarm_store.h"

#include <pqxx/result>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {

absl::StatusOr<int64_t> PostgresAlarmStore::CountSince(Transaction& tx, absl::Time from) {
  return RunStatements([&]() -> absl::StatusOr<int64_t> {
    return PostgresTransaction::Work(tx)
        .exec_params1("SELECT count(*) FROM kakunin.alarm WHERE at >= $1::timestamptz",
                      InstantText(from))[0]
        .as<int64_t>();
  });
}

absl::StatusOr<std::vector<Alarm>> PostgresAlarmStore::ListSince(Transaction& tx, absl::Time from,
                                                                 int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<Alarm>> {
    std::vector<Alarm> alarms;
    const pqxx::result rows = PostgresTransaction::Work(tx).exec_params(
        "SELECT at, facility_code, terminal_id, kind FROM kakunin.alarm"
        " WHERE at >= $1::timestamptz"
        " ORDER BY at DESC, facility_code, terminal_id, kind LIMIT $2::int",
        InstantText(from), limit);
    alarms.reserve(rows.size());
    for (const auto& row : rows) {
      alarms.push_back({.at = InstantFromText(row[0].c_str()),
                        .facility_code = row[1].c_str(),
                        .terminal_id = row[2].c_str(),
                        .kind = row[3].c_str()});
    }
    return alarms;
  });
}

}  // namespace kakunin
