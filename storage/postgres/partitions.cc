#include "storage/postgres/partitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <pqxx/result>
#include <set>

#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"

namespace kakunin {
namespace {

std::string NameOf(const std::string& table, absl::CivilMonth month) {
  return fmt::format("{}_{:04}_{:02}", table, month.year(), month.month());
}

absl::CivilMonth MonthOf(absl::Time at) { return absl::ToCivilMonth(at, absl::UTCTimeZone()); }

}  // namespace

std::vector<PartitionedTable> PartitionedTables() {
  return {{"audit_event", "at"},      {"confirmation", "at"},     {"facility_access", "at"},
          {"no_match_inquiry", "at"}, {"receipt", "month", true}, {"record_access", "at"}};
}

PartitionReport InspectPartitions(pqxx::transaction_base& work, absl::Time now) {
  std::set<std::string> present;
  const pqxx::result partitions = work.exec(
      "SELECT child.relname FROM pg_inherits i"
      " JOIN pg_class child ON child.oid = i.inhrelid"
      " JOIN pg_class parent ON parent.oid = i.inhparent"
      " JOIN pg_namespace n ON n.oid = parent.relnamespace"
      " WHERE n.nspname = 'kakunin' AND parent.relkind = 'p'");
  for (const auto& row : partitions) present.insert(row[0].c_str());
  absl::Time covered_to = absl::InfiniteFuture();
  for (const PartitionedTable& table : PartitionedTables()) {
    absl::CivilMonth month = MonthOf(now);
    absl::Time covered = now;
    for (; present.contains(NameOf(table.name, month)); ++month) {
      covered = absl::FromCivil(month + 1, absl::UTCTimeZone());
    }
    covered_to = std::min(covered_to, covered);
  }
  PartitionReport report;
  report.days_left = static_cast<int>((covered_to - now) / absl::Hours(24));
  const pqxx::result overflows =
      work.exec("SELECT table_name FROM kakunin.default_partitions() WHERE holds_rows");
  for (const auto& row : overflows) report.default_holds_rows.push_back(row[0].c_str());
  return report;
}

absl::StatusOr<PartitionReport> ReadPartitions(Transaction& tx, absl::Time now) {
  return RunStatements([&]() -> absl::StatusOr<PartitionReport> {
    return InspectPartitions(PostgresTransaction::Work(tx), now);
  });
}

std::vector<absl::CivilMonth> MonthsInDefault(pqxx::transaction_base& work,
                                              const PartitionedTable& table) {
  // A day is the instant of its beginning: the session's time zone is UTC.
  const pqxx::result rows = work.exec(fmt::format(
      "SELECT DISTINCT extract(year FROM at)::int, extract(month FROM at)::int"
      " FROM (SELECT {}::timestamptz AT TIME ZONE 'UTC' AS at FROM kakunin.{}_default) AS late"
      " ORDER BY 1, 2",
      table.column, table.name));
  std::vector<absl::CivilMonth> months;
  for (const auto& row : rows) months.emplace_back(row[0].as<int>(), row[1].as<int>());
  return months;
}

std::string MakePartition(pqxx::transaction_base& work, const PartitionedTable& table,
                          absl::CivilMonth month) {
  std::string name = NameOf(table.name, month);
  // A day is cut out of the constant, an instant needs the rest of it.
  const std::string from = absl::FormatCivilTime(absl::CivilDay(month)) + " 00:00:00+00";
  const std::string to = absl::FormatCivilTime(absl::CivilDay(month + 1)) + " 00:00:00+00";
  // The lock queues a second maker behind the first, which it then finds done.
  work.exec(fmt::format("LOCK TABLE kakunin.{}_default IN ACCESS EXCLUSIVE MODE", table.name));
  if (!work.exec_params("SELECT to_regclass($1)", "kakunin." + name)[0][0].is_null()) return "";
  work.exec(
      fmt::format("CREATE TABLE kakunin.{} (LIKE kakunin.{} INCLUDING ALL)", name, table.name));
  // The parent's options do not come along. A block range that is not summarised is read by
  // everybody who looks for an instant.
  work.exec(
      fmt::format("DO $$ DECLARE made regclass; BEGIN"
                  " FOR made IN SELECT i.indexrelid::regclass FROM pg_index i"
                  "  JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam"
                  "  WHERE i.indrelid = 'kakunin.{}'::regclass AND a.amname = 'brin' LOOP"
                  "  EXECUTE format('ALTER INDEX %s SET (autosummarize = on)', made);"
                  " END LOOP; END $$",
                  name));
  work.exec(
      fmt::format("WITH moved AS (DELETE FROM kakunin.{0}_default WHERE {4} >= '{2}' AND"
                  " {4} < '{3}' RETURNING *) INSERT INTO kakunin.{1} SELECT * FROM moved",
                  table.name, name, from, to, table.column));
  work.exec(
      fmt::format("ALTER TABLE kakunin.{} ATTACH PARTITION kakunin.{}"
                  " FOR VALUES FROM ('{}') TO ('{}')",
                  table.name, name, from, to));
  return name;
}

}  // namespace kakunin
