#include "storage/postgres/retention_months.h"

#include <fmt/format.h>

#include <algorithm>
#include <pqxx/result>

#include "storage/postgres/partitions.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

// Whoever waits for the table waits behind us: better to give up and come again.
constexpr char kLockBound[] = "SET LOCAL lock_timeout = '1s'";

// A stream's numbers follow its time but for clocks that were set back: an anchor never goes back.
constexpr char kAnchor[] =
    "INSERT INTO kakunin.audit_anchor AS a (stream, number, hash, run_id, at)"
    " SELECT DISTINCT ON (stream) stream, number, hash, $1::uuid, $2::timestamptz FROM kakunin.{}"
    " ORDER BY stream, number DESC"
    " ON CONFLICT (stream) DO UPDATE SET number = excluded.number, hash = excluded.hash,"
    "  run_id = excluded.run_id, at = excluded.at WHERE excluded.number > a.number";

const PartitionedTable& TableOf(const std::vector<PartitionedTable>& tables,
                                const std::string& name) {
  return *std::ranges::find(tables, name, &PartitionedTable::name);
}

absl::CivilMonth FirstKept(const MonthTable& table, absl::CivilDay day,
                           const RetentionRules& rules) {
  return table.kind == RetainedKind::kDrug ? FirstReceiptMonthKept(day, rules)
                                           : FirstUtcMonthKept(table.kind, day, rules);
}

}  // namespace

std::string NameOf(const MonthPast& month) {
  return fmt::format("{}_{:04}_{:02}", month.table, month.month.year(), month.month.month());
}

std::vector<MonthTable> MonthTables() {
  return {{RetainedKind::kDrug, "receipt"},
          {RetainedKind::kAudit, "audit_event"},
          {RetainedKind::kConfirmation, "confirmation"},
          {RetainedKind::kConfirmation, "no_match_inquiry"},
          {RetainedKind::kRecordAccess, "record_access"},
          {RetainedKind::kRecordAccess, "facility_access"}};
}

std::vector<MonthPast> MonthsPast(pqxx::transaction_base& work, absl::CivilDay day,
                                  const RetentionRules& rules) {
  const std::vector<PartitionedTable> tables = PartitionedTables();
  std::vector<MonthPast> past;
  for (const MonthTable& table : MonthTables()) {
    const absl::CivilMonth first = FirstKept(table, day, rules);
    const std::string column = TableOf(tables, table.table).column;
    // In UTC, as months of instants are cut; a day has no zone.
    const pqxx::result months = work.exec(fmt::format(
        "SELECT to_date(right(c.relname, 7), 'YYYY_MM') AS month, true FROM pg_inherits i"
        " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'kakunin.{0}'::regclass"
        "  AND c.relname ~ '^{0}_\\d{{4}}_\\d{{2}}$'"
        " UNION ALL SELECT DISTINCT date_trunc('month', {1}{2})::date, false"
        " FROM kakunin.{0}_default WHERE {1} < '{3} 00:00:00+00' ORDER BY month",
        table.table, column, column == "at" ? " AT TIME ZONE 'UTC'" : "",
        DayText(absl::CivilDay(first))));
    for (const auto& row : months) {
      const absl::CivilMonth month(DayFromText(row[0].c_str()));
      if (month < first) past.push_back({table.kind, table.table, month, row[1].as<bool>()});
    }
  }
  return past;
}

int64_t CountRows(pqxx::transaction_base& work, const MonthPast& month) {
  if (month.made) {
    return work.exec("SELECT count(*) FROM kakunin." + NameOf(month))[0][0].as<int64_t>();
  }
  const std::string column = TableOf(PartitionedTables(), month.table).column;
  return work
      .exec(fmt::format("SELECT count(*) FROM kakunin.{0}_default WHERE {1} >= '{2} 00:00:00+00'"
                        " AND {1} < '{3} 00:00:00+00'",
                        month.table, column, DayText(absl::CivilDay(month.month)),
                        DayText(absl::CivilDay(month.month + 1))))[0][0]
      .as<int64_t>();
}

void DropMonth(pqxx::transaction_base& work, const MonthPast& month, const std::string& run_id,
               absl::Time now) {
  work.exec(kLockBound);
  if (month.table == "audit_event") {
    work.exec_params(fmt::format(kAnchor, NameOf(month)), run_id, InstantText(now));
  }
  work.exec("DROP TABLE kakunin." + NameOf(month));
}

}  // namespace kakunin
