#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/audit_store.h"

namespace kakunin {

// BackupDescription is what stands beside a base backup in `backup.json`: of when it is, what is at
// least in it, and which keys its rows need. The keys themselves are in no backup.
struct BackupDescription {
  std::string id;  // of its folder: the instant at which it began, "20261122T021000Z"
  absl::Time began;
  absl::Time ended;
  int timeline = 0;
  std::string first_lsn;      // "0/3000028"; from the manifest, as `last_lsn`
  std::string last_lsn;       // with the log up to here the copy is consistent
  std::string first_segment;  // the oldest file of the log that it needs
  int migration = 0;
  std::vector<StreamHead> heads;     // as they stood before it began
  std::vector<std::string> key_ids;  // "individual_number ID" and so on
  int64_t octets = 0;                // of all its files
  std::string heads_digest;          // the audit head (`kakunin audit verify`)
};

// BackupJson writes it, ParseBackup reads it: INVALID_ARGUMENT when it is not one.
std::string BackupJson(const BackupDescription& backup);
absl::StatusOr<BackupDescription> ParseBackup(std::string_view json);

// ReadManifest takes timeline, LSNs and the first segment from PostgreSQL's backup_manifest.
// `segment_octets` is wal_segment_size. INVALID_ARGUMENT when it is not one of PostgreSQL 15.
absl::Status ReadManifest(std::string_view manifest, int64_t segment_octets,
                          BackupDescription& backup);

// BackupId is the name of a backup that began at an instant.
std::string BackupId(absl::Time began);

// DataFolder is where the copy of the data directory is in a backup's folder.
std::filesystem::path DataFolder(const std::filesystem::path& backup);

// ReadBackup reads the description of the backup in a folder. FAILED_PRECONDITION, with what to do,
// when it is none or was not finished.
absl::StatusOr<BackupDescription> ReadBackup(const std::filesystem::path& folder);

// ListBackups reads every finished backup under `root`, the oldest first. FAILED_PRECONDITION when
// the folder cannot be read, or a description in it.
absl::StatusOr<std::vector<BackupDescription>> ListBackups(const std::filesystem::path& root);

// UnfinishedBackup is a folder that became no backup, or is not one yet.
struct UnfinishedBackup {
  std::string name;  // of its folder: "20261122T021000Z.partial", or ".going" of one half removed
  absl::Time began;
  bool running = false;  // somebody is at it
};

// ListUnfinished reads them, the oldest first. FAILED_PRECONDITION when the folder cannot be read.
absl::StatusOr<std::vector<UnfinishedBackup>> ListUnfinished(const std::filesystem::path& root);

// MayGo tells of one that nobody is at, and that began more than a day ago unless it was being
// removed: what locks a folder may not reach over every file system.
bool MayGo(const UnfinishedBackup& backup, absl::Time now);

// SpareBackups is which of `backups`, oldest first, may go when the newest `keep` stay; the oldest
// that stays is behind them. keep >= 1.
std::vector<BackupDescription> SpareBackups(const std::vector<BackupDescription>& backups,
                                            size_t keep);

}  // namespace kakunin
