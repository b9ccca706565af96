#pragma once

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/commands/backup_description.h"

namespace kakunin {

// RestorePlan is what a restored data directory is made of.
struct RestorePlan {
  std::filesystem::path backup;  // folder of one backup
  std::filesystem::path wal;     // folder of the log; empty: only what is in the backup
  std::filesystem::path to;      // the new data directory
  absl::Time until = absl::InfiniteFuture();  // the last instant that is in it
  std::string until_lsn;                      // else the last place of the log; empty: none
  bool pause = false;                         // stop there, readable, and do not begin to serve
};

// ChooseBackup takes `from` as a backup, else as a folder of backups, of which it is the newest
// that was finished before `until`. FAILED_PRECONDITION when there is none.
absl::StatusOr<std::filesystem::path> ChooseBackup(const std::filesystem::path& from,
                                                   absl::Time until);

// CheckPlan refuses what cannot become what was asked for: a target that is not empty or belongs to
// a running cluster, an instant before the end of the backup, no folder of the log, paths with
// quotes, a `program` (what fetches the log) that PostgreSQL could not run. FAILED_PRECONDITION or
// INVALID_ARGUMENT with what to do.
absl::Status CheckPlan(const RestorePlan& plan, const BackupDescription& backup,
                       const std::filesystem::path& program);

// RecoverySettings is what PostgreSQL is told, lines for postgresql.auto.conf. `program` is what
// fetches the log.
std::string RecoverySettings(const RestorePlan& plan, const std::filesystem::path& program);

// MakeCluster copies the backup to the target, which PostgreSQL recovers when it is started.
// Progress goes to standard error. INTERNAL, naming the file, when it cannot; what was made then
// stays, without recovery.signal, and has to be removed.
absl::Status MakeCluster(const RestorePlan& plan, const BackupDescription& backup,
                         const std::filesystem::path& program);

}  // namespace kakunin
