#include "server/commands/restored_cluster.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "domain/error.h"
#include "server/durable_file.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

constexpr char kSettings[] = "postgresql.auto.conf";

bool IsPlain(const std::filesystem::path& path) {
  return path.string().find_first_of("'\"\\%$`\n") == std::string::npos;
}

absl::Status CheckTarget(const std::filesystem::path& to) {
  std::error_code error;
  if (std::filesystem::exists(to / "postmaster.pid", error)) {
    return absl::FailedPreconditionError(fmt::format(
        "a cluster runs in {}, or was killed there: restore beside it, and put the new directory "
        "in its place once it has been stopped",
        to.string()));
  }
  if (std::filesystem::exists(to, error) &&
      (!std::filesystem::is_directory(to, error) || !std::filesystem::is_empty(to, error))) {
    return absl::FailedPreconditionError(
        fmt::format("{} is not empty and nothing is overwritten: name a new folder", to.string()));
  }
  return absl::OkStatus();
}

// The one that runs now is named in restore_command. One that was replaced while it ran is not
// there under its name any more ("... (deleted)"), and PostgreSQL would find out at midway.
absl::Status CheckProgram(const std::filesystem::path& program) {
  if (!IsPlain(program)) {
    return absl::InvalidArgumentError(fmt::format(
        "{} holds a quote, a backslash, a dollar or a percent sign, and PostgreSQL is to run it: "
        "install it elsewhere",
        program.string()));
  }
  std::error_code error;
  if (std::filesystem::is_regular_file(program, error) && access(program.c_str(), X_OK) == 0) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(fmt::format(
      "{} is no program that this user may run, and PostgreSQL is to run it for the log: run this "
      "again by the installed one",
      program.string()));
}

void ShowProgress(int64_t done, int64_t all) {
  if (isatty(STDERR_FILENO) != 1) return;
  fmt::print(stderr, "\rrestore: {} of {} MB\x1b[K", done >> 20, all >> 20);
}

}  // namespace

absl::StatusOr<std::filesystem::path> ChooseBackup(const std::filesystem::path& from,
                                                   absl::Time until) {
  std::error_code error;
  if (std::filesystem::exists(from / "backup.json", error)) return from;
  ASSIGN_OR_RETURN(const auto backups, ListBackups(from));
  for (auto backup = backups.rbegin(); backup != backups.rend(); ++backup) {
    if (backup->ended <= until) return from / backup->id;
  }
  return absl::FailedPreconditionError(fmt::format(
      "{} has no finished backup from before that instant: name another folder or a later instant "
      "(`kakunin backup list`)",
      from.string()));
}

absl::Status CheckPlan(const RestorePlan& plan, const BackupDescription& backup,
                       const std::filesystem::path& program) {
  RETURN_IF_ERROR(CheckTarget(plan.to));
  for (const std::filesystem::path& path : {plan.wal, plan.to}) {
    if (!IsPlain(path)) {
      return absl::InvalidArgumentError(fmt::format(
          "{} holds a quote, a backslash, a dollar or a percent sign: name another folder",
          path.string()));
    }
  }
  if (plan.until < backup.ended) {
    return absl::FailedPreconditionError(fmt::format(
        "backup {} was finished after that instant, at {}: take an older one", backup.id,
        absl::FormatTime(absl::RFC3339_sec, backup.ended, absl::UTCTimeZone())));
  }
  const bool further = plan.until != absl::InfiniteFuture() || !plan.until_lsn.empty();
  if (plan.wal.empty()) {
    if (!further) return absl::OkStatus();
    return absl::InvalidArgumentError(
        "what came after the backup is in the log: name its folder with --wal");
  }
  RETURN_IF_ERROR(CheckProgram(program));
  std::error_code error;
  if (std::filesystem::is_directory(plan.wal, error)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{} is no folder: name the one that the log was kept in", plan.wal.string()));
}

std::string RecoverySettings(const RestorePlan& plan, const std::filesystem::path& program) {
  std::string text = "\n# kakunin restore base\n";
  // Its log would go among that of the cluster that it is a copy of.
  text += "archive_mode = 'off'\n";
  if (plan.wal.empty()) {
    text += "restore_command = 'false'\nrecovery_target = 'immediate'\n";
  } else {
    text += fmt::format("restore_command = '\"{}\" restore wal --wal \"{}\" %f \"%p\"'\n",
                        program.string(), plan.wal.string());
  }
  if (!plan.until_lsn.empty()) {
    text += fmt::format("recovery_target_lsn = '{}'\n", plan.until_lsn);
  } else if (plan.until != absl::InfiniteFuture()) {
    text +=
        fmt::format("recovery_target_time = '{}'\n",
                    absl::FormatTime("%Y-%m-%d %H:%M:%E6S+00", plan.until, absl::UTCTimeZone()));
  }
  text += fmt::format("recovery_target_action = '{}'\n", plan.pause ? "pause" : "promote");
  return text;
}

absl::Status MakeCluster(const RestorePlan& plan, const BackupDescription& backup,
                         const std::filesystem::path& program) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path from = DataFolder(plan.backup);
  const auto failed = [&](const fs::path& path) {
    return absl::InternalError(fmt::format("cannot copy {}: {}; remove {} and run it again",
                                           path.string(), error.message(), plan.to.string()));
  };
  fs::create_directories(plan.to, error);
  if (error || chmod(plan.to.c_str(), 0700) != 0) return failed(plan.to);
  int64_t done = 0;
  for (fs::recursive_directory_iterator entry(from, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path to = plan.to / entry->path().lexically_relative(from);
    if (entry->is_directory()) {
      fs::create_directory(to, entry->path(), error);
    } else if (entry->path().filename() != "backup_manifest") {
      fs::copy_file(entry->path(), to, error);
      if (!error) done += static_cast<int64_t>(fs::file_size(to, error));
    }
    if (error) return failed(entry->path());
    ShowProgress(done, backup.octets);
  }
  if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\n");
  if (error) return failed(from);
  ASSIGN_OR_RETURN(std::string settings, ReadTextFile(plan.to / kSettings));
  RETURN_IF_ERROR(ReplaceDurably(plan.to / kSettings, settings + RecoverySettings(plan, program)));
  // Before PostgreSQL is told to begin: its log repairs only the pages that it tells of.
  const int folder = open(plan.to.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool durable = folder >= 0 && syncfs(folder) == 0;
  error = std::error_code(errno, std::generic_category());
  if (folder >= 0) close(folder);
  if (!durable) return failed(plan.to);
  // Last: without it PostgreSQL would take the copy for one that crashed, and skip the log.
  return ReplaceDurably(plan.to / "recovery.signal", "");
}

}  // namespace kakunin
