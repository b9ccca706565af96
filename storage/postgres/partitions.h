#pragma once

#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/database.h"

namespace kakunin {

// PartitionedTable is a table whose partitions are months, beside a default partition that should
// stay empty: a row in it means that months were not made in time.
struct PartitionedTable {
  std::string name;     // without the schema
  std::string column;   // an instant, cut in UTC, or a day
  bool behind = false;  // months of data: those behind the present one are made, too
};

// PartitionReport is how far the months are made.
struct PartitionReport {
  std::vector<std::string> created;  // by this call
  int days_left = 0;  // whole days until the first instant without a month of its own, of any table
  std::vector<std::string> default_holds_rows;  // tables to raise an alarm for
};

// ReadPartitions reports for readiness; any serving role may call it. StoreError.
absl::StatusOr<PartitionReport> ReadPartitions(Transaction& tx, absl::Time now);

// InspectPartitions is the same inside this folder; throws what libpqxx throws.
PartitionReport InspectPartitions(pqxx::transaction_base& work, absl::Time now);

std::vector<PartitionedTable> PartitionedTables();

// MakePartition makes one month of one table as the owner, unless it is there; rows of that month
// that lie in the default partition move into it. Only the default partition is locked against
// writers: those of other months go on. Returns the name when it made one, else "". Throws.
std::string MakePartition(pqxx::transaction_base& work, const PartitionedTable& table,
                          absl::CivilMonth month);

// MonthsInDefault lists the months of the rows that lie in a table's default partition; once each
// is made (MakePartition) it is empty. As the owner; throws.
std::vector<absl::CivilMonth> MonthsInDefault(pqxx::transaction_base& work,
                                              const PartitionedTable& table);

}  // namespace kakunin
