#pragma once

#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/retention.h"

namespace kakunin {

// MonthPast is a month of a table that has had its time.
struct MonthPast {
  RetainedKind kind = RetainedKind::kAudit;
  std::string table;  // without the schema
  absl::CivilMonth month;
  bool made = true;  // false: its rows lie in the default partition
};

// NameOf is the name of the month's partition.
std::string NameOf(const MonthPast& month);

// MonthsPast lists what may be dropped on `day` (JST), the oldest first. Throws what libpqxx
// throws, as do the others here.
std::vector<MonthPast> MonthsPast(pqxx::transaction_base& work, absl::CivilDay day,
                                  const RetentionRules& rules);

// MonthTables are the tables that MonthsPast looks at.
struct MonthTable {
  RetainedKind kind;
  const char* table;
};
std::vector<MonthTable> MonthTables();

// CountRows counts the rows of a month.
int64_t CountRows(pqxx::transaction_base& work, const MonthPast& month);

// DropMonth drops the month's partition, as the owner. Of the audit it first records where every
// stream begins from now on, for run `run_id`. The table is locked against everybody for the moment
// of the drop, which is the last statement.
void DropMonth(pqxx::transaction_base& work, const MonthPast& month, const std::string& run_id,
               absl::Time now);

}  // namespace kakunin
