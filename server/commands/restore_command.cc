#include <fmt/format.h>

#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "server/commands/cluster_copy.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/postgres_tools.h"
#include "server/commands/restore_check.h"
#include "server/commands/restored_cluster.h"
#include "server/commands/system_user.h"
#include "server/commands/wal_archive.h"

namespace kakunin {
namespace {

constexpr char kBase[] = "restore base";
constexpr char kWal[] = "restore wal";

struct RestoreOptions {
  std::string from;
  std::string wal;
  std::string to;
  std::string until;
  std::string until_lsn;
  std::string tools = kPostgresTools;
  bool pause = false;
  bool commit = false;
  bool json = false;
  std::string file;    // of the log
  std::string target;  // where PostgreSQL wants it
};

// Instants are told with their zone: an operator's clock is Japan's, PostgreSQL's is UTC.
absl::Time InstantOf(const std::string& text) {
  if (text.empty()) return absl::InfiniteFuture();
  absl::Time at;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &at, &error)) {
    throw CLI::ValidationError(
        "--until is an instant with its zone, such as 2026-11-22T02:10:00+09:00");
  }
  return at;
}

RestorePlan PlanOf(const RestoreOptions& options) {
  if (!options.until.empty() && !options.until_lsn.empty()) {
    throw CLI::ValidationError("--until and --until-lsn exclude each other");
  }
  if (options.until_lsn.find_first_not_of("0123456789ABCDEFabcdef/") != std::string::npos) {
    throw CLI::ValidationError("--until-lsn is a place in the log, such as 0/3000028");
  }
  RestorePlan plan{
      .until = InstantOf(options.until), .until_lsn = options.until_lsn, .pause = options.pause};
  plan.backup = OrFail(kBase, ChooseBackup(std::filesystem::absolute(options.from), plan.until));
  if (!options.wal.empty()) plan.wal = std::filesystem::absolute(options.wal);
  plan.to = std::filesystem::absolute(options.to);
  return plan;
}

std::string TargetText(const RestorePlan& plan) {
  if (!plan.until_lsn.empty()) return "log place " + plan.until_lsn;
  if (plan.until != absl::InfiniteFuture()) {
    return absl::FormatTime(absl::RFC3339_full, plan.until, absl::UTCTimeZone());
  }
  return plan.wal.empty() ? "the end of the backup" : "the end of the log";
}

void Print(const RestoreOptions& options, const RestorePlan& plan,
           const BackupDescription& backup) {
  if (options.json) {
    fmt::print("{}\n", JsonObject()
                           .Text("backup", plan.backup.string())
                           .Text("to", plan.to.string())
                           .Text("until", TargetText(plan))
                           .Number("octets", backup.octets)
                           .Texts("key_ids", backup.key_ids)
                           .Flag("made", options.commit)
                           .ToString());
    return;
  }
  fmt::print("{} {} from {} ({} octets), to be recovered to {}\n",
             options.commit ? "made" : "would make", plan.to.string(), plan.backup.string(),
             backup.octets, TargetText(plan));
  for (const std::string& key : backup.key_ids) fmt::print("needs key {}\n", key);
  if (!options.commit) {
    fmt::print("nothing was made: --commit does it\n");
    return;
  }
  fmt::print(
      "now: start PostgreSQL 15 on it with no server connected, wait until it has recovered, and "
      "run `kakunin restore check`\n");
}

void Base(const RestoreOptions& options) {
  RefuseRoot(kBase);
  const RestorePlan plan = PlanOf(options);
  const BackupDescription backup = OrFail(kBase, ReadBackup(plan.backup));
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  OrFail(kBase, CheckPlan(plan, backup, program));
  if (options.commit) {
    OrFail(kBase, VerifyBaseBackup(plan.backup, options.tools));
    OrFail(kBase, MakeCluster(plan, backup, program));
  }
  Print(options, plan, backup);
}

void Wal(const RestoreOptions& options) {
  const absl::Status fetched = FetchWal(options.wal, options.file, options.target);
  if (fetched.ok() || absl::IsNotFound(fetched)) return OrFail(kWal, fetched);
  // PostgreSQL takes what is under 126 for "there is no more", and would promote what it has.
  constexpr int kNotToldAsEnd = 255;
  fmt::print(stderr, "kakunin {}: {}\n", kWal, std::string(fetched.message()));
  throw CLI::RuntimeError(kNotToldAsEnd);
}

void AddBase(CLI::App& restore, const std::shared_ptr<RestoreOptions>& options) {
  CLI::App* base = restore.add_subcommand(
      "base", "Make a data directory that PostgreSQL recovers to an instant");
  base->add_option("--from", options->from,
                   "Folder of a backup, or of all: then the newest from before --until")
      ->required();
  base->add_option("--wal", options->wal, "Folder of the log; without it only the backup itself");
  base->add_option("--to", options->to, "The new data directory: absent or empty")->required();
  base->add_option("--until", options->until,
                   "Last instant to be there, with its zone; else the end of the log");
  base->add_option("--until-lsn", options->until_lsn, "Last place of the log instead");
  base->add_flag("--pause", options->pause,
                 "Stop there and only let it be read; pg_wal_replay_resume() ends it");
  base->add_flag("--commit", options->commit, "Make it; without it, only tell");
  base->add_flag("--json", options->json, "Print JSON");
  base->add_option("--tools", options->tools, "Folder of PostgreSQL's programs")
      ->capture_default_str();
  base->footer(
      "Example:\n"
      "  kakunin restore base --from /var/backups/kakunin/base --wal /var/backups/kakunin/wal \\\n"
      "    --to /var/lib/postgresql/15/restored --until 2026-11-22T02:10:00+09:00 --commit\n");
  base->callback([options] { Base(*options); });
}

}  // namespace

void AddRestoreCommand(CLI::App& app) {
  CLI::App* restore = app.add_subcommand("restore", "Make a database of a backup and its log");
  restore->require_subcommand(1);
  const auto options = std::make_shared<RestoreOptions>();
  AddBase(*restore, options);
  CLI::App* wal =
      restore->add_subcommand("wal", "Fetch one file of the log: PostgreSQL's restore_command");
  wal->add_option("--wal", options->wal, "Folder of the log")->required();
  wal->add_option("file", options->file, "What PostgreSQL says for %f")->required();
  wal->add_option("target", options->target, "What PostgreSQL says for %p")->required();
  wal->footer(
      "Example, in postgresql.conf:\n"
      "  restore_command = '/usr/bin/kakunin restore wal --wal /var/backups/kakunin/wal %f %p'\n");
  wal->callback([options] { Wal(*options); });
  AddRestoreCheck(*restore);
  restore->footer(
      "Examples:\n"
      "  kakunin restore base --from /var/backups/kakunin/base --wal /var/backups/kakunin/wal \\\n"
      "    --to /var/lib/postgresql/15/restored --until 2026-11-22T02:10:00+09:00 --commit\n"
      "  kakunin restore check --config /etc/kakunin/kakunin.toml \\\n"
      "    --backup /var/backups/kakunin/base/20261122T021000Z\n");
}

}  // namespace kakunin
