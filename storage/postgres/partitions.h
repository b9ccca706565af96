#pragma once

#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/database.h"

namespace kakunin {

// The tables whose partitions are months of `at`, in UTC, beside a default partition that should
// stay empty: a row in it means that months were not made in time.

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

// PartitionedTables names them, without the schema.
std::vector<std::string> PartitionedTables();

// MakePartition makes one month of one table as the owner, unless it is there; rows of that month
// that lie in the default partition move into it. Only the default partition is locked against
// writers: those of other months go on. Returns the name when it made one, else "". Throws.
std::string MakePartition(pqxx::transaction_base& work, const std::string& table,
                          absl::CivilMonth month);

}  // namespace kakunin
