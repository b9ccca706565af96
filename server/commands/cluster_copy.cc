#include "server/commands/cluster_copy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>
#include <system_error>

#include "auth/encoding.h"
#include "auth/hash_function.h"
#include "domain/error.h"
#include "server/commands/audit_walk.h"
#include "server/commands/postgres_tools.h"
#include "server/durable_file.h"
#include "server/file_lock.h"
#include "server/text_file.h"
#include "storage/postgres/audit_store.h"
#include "storage/postgres/backup_facts.h"

namespace kakunin {
namespace {

constexpr auto kFactsBound = std::chrono::minutes(10);

// Describe asks what the copy that is about to begin will hold at least.
absl::StatusOr<BackupFacts> Describe(Database& auditor, BackupDescription& backup) {
  PostgresAuditStore store;
  BackupFacts facts;
  RETURN_IF_ERROR(auditor.Read(std::chrono::steady_clock::now() + kFactsBound,
                               [&](Transaction& tx) -> absl::Status {
                                 ASSIGN_OR_RETURN(facts, ReadBackupFacts(tx));
                                 ASSIGN_OR_RETURN(backup.heads, store.Heads(tx));
                                 return absl::OkStatus();
                               }));
  backup.migration = facts.migration;
  backup.key_ids = facts.key_ids;
  backup.heads_digest = auth::HexEncode(HeadsDigest(backup.heads, auth::kSha256));
  return facts;
}

// Whoever makes a backup holds its folder; the kernel lets go when the process ends.
absl::StatusOr<FileLock> HoldFolder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return absl::InternalError(fmt::format("cannot open {}", folder.string()));
  }
  FileLock held(descriptor);
  flock(descriptor, LOCK_EX | LOCK_NB);  // new, so nobody's; a file system may know no locks
  return held;
}

absl::Status MakeFolder(const std::filesystem::path& folder) {
  if (mkdir(folder.c_str(), 0700) == 0) return absl::OkStatus();
  std::error_code error;
  if (std::filesystem::exists(folder, error)) {
    return absl::FailedPreconditionError(fmt::format(
        "{} is there already: another backup runs, or one was broken off; wait, or let `kakunin "
        "backup prune` remove it",
        folder.string()));
  }
  return absl::FailedPreconditionError(
      fmt::format("cannot make {}: name a folder that this user may write to", folder.string()));
}

}  // namespace

absl::Status VerifyBaseBackup(const std::filesystem::path& backup,
                              const std::filesystem::path& tools) {
  return RunTool({tools / "pg_verifybackup", DataFolder(backup)});
}

absl::StatusOr<BackupDescription> MakeBaseBackup(const BaseBackup& wanted, Database& auditor,
                                                 const Clock& clock) {
  BackupDescription backup;
  backup.began = clock.Now();
  // Named by its second; one that begins in a second which has a backup already takes the next.
  absl::Time named = backup.began;
  while (std::filesystem::exists(wanted.root / BackupId(named))) named += absl::Seconds(1);
  backup.id = BackupId(named);
  const std::filesystem::path folder = wanted.root / backup.id;
  const std::filesystem::path partial = folder.string() + ".partial";
  ASSIGN_OR_RETURN(const BackupFacts facts, Describe(auditor, backup));
  RETURN_IF_ERROR(MakeFolder(partial));
  ASSIGN_OR_RETURN(const FileLock held, HoldFolder(partial));
  RETURN_IF_ERROR(RunTool(
      {wanted.tools / "pg_basebackup", "--pgdata=" + DataFolder(partial).string(), "--format=plain",
       // Consistent by itself, whatever becomes of the archive.
       "--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256", "--progress",
       "--no-password", "--label=kakunin " + backup.id, "--dbname=" + wanted.replication}));
  RETURN_IF_ERROR(VerifyBaseBackup(partial, wanted.tools));
  ASSIGN_OR_RETURN(const std::string manifest,
                   ReadTextFile(DataFolder(partial) / "backup_manifest"));
  RETURN_IF_ERROR(ReadManifest(manifest, facts.segment_octets, backup));
  backup.ended = clock.Now();
  RETURN_IF_ERROR(ReplaceDurably(partial / "backup.json", BackupJson(backup)));
  RETURN_IF_ERROR(RenameDurably(partial, folder));
  return backup;
}

}  // namespace kakunin
