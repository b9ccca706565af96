#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "server/clock.h"
#include "server/commands/backup_description.h"
#include "storage/database.h"

namespace kakunin {

// BaseBackup is what a base backup is made of and where it goes.
struct BaseBackup {
  std::filesystem::path root;   // gets a folder
  std::filesystem::path tools;  // of PostgreSQL
  std::string replication;      // connection string of a role that has REPLICATION
};

// MakeBaseBackup copies a running cluster by pg_basebackup, verifies the copy by pg_verifybackup
// and describes it; what the description promises is asked of `auditor` before the copy begins. It
// is under its own name only once all of that is done. A store's error, FAILED_PRECONDITION or
// INTERNAL with what to do.
absl::StatusOr<BackupDescription> MakeBaseBackup(const BaseBackup& wanted, Database& auditor,
                                                 const Clock& clock);

// VerifyBaseBackup runs pg_verifybackup over a backup's folder.
absl::Status VerifyBaseBackup(const std::filesystem::path& backup,
                              const std::filesystem::path& tools);

}  // namespace kakunin
