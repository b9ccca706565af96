#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/database.h"

namespace kakunin {

// BackupFacts is what a backup says of the database that it is a copy of.
struct BackupFacts {
  int migration = 0;                 // the newest
  std::vector<std::string> key_ids;  // "individual_number ID", "lookup ID": as far as known
  int64_t segment_octets = 0;        // wal_segment_size
  bool in_recovery = false;
};

// ReadBackupFacts asks as kakunin_auditor. StoreError.
absl::StatusOr<BackupFacts> ReadBackupFacts(Transaction& tx);

}  // namespace kakunin
