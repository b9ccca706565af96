#include <fmt/format.h>

#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "server/clock.h"
#include "server/commands/backup_description.h"
#include "server/commands/cluster_copy.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/database_options.h"
#include "server/commands/postgres_tools.h"
#include "server/commands/system_user.h"
#include "server/commands/wal_archive.h"

namespace kakunin {
namespace {

constexpr char kBase[] = "backup base";
constexpr char kWal[] = "backup wal";
constexpr char kReceive[] = "backup receive";
constexpr char kList[] = "backup list";
constexpr char kVerify[] = "backup verify";
constexpr char kPrune[] = "backup prune";
constexpr char kBackupRole[] = "kakunin_backup";

struct BackupOptions {
  DatabaseOptions database;
  std::string folder;       // of backups, or of the log
  std::string file;         // of the log
  std::string replication;  // connection string
  std::string slot = "kakunin_wal";
  std::string wal;
  std::string backup;
  std::string tools = kPostgresTools;
  int keep = 0;
  bool commit = false;
  bool json = false;
};

std::string InstantText(absl::Time at) {
  return absl::FormatTime(absl::RFC3339_sec, at, absl::UTCTimeZone());
}

// Replication is how the backup's role logs in, where the configuration says the database is.
std::string Replication(const char* command, const BackupOptions& options) {
  if (!options.replication.empty()) return options.replication;
  if (options.database.config.empty()) {
    throw CLI::ValidationError("name the cluster: --config FILE or --replication CONNINFO");
  }
  const Config config = OrFail(command, LoadConfig(options.database.config));
  return OrFail(command, ConnectionString(config.database, LoginConfig{kBackupRole, {}}));
}

std::string SummaryJson(const BackupDescription& backup) {
  return JsonObject()
      .Text("id", backup.id)
      .Text("began", InstantText(backup.began))
      .Text("ended", InstantText(backup.ended))
      .Number("timeline", backup.timeline)
      .Text("first_lsn", backup.first_lsn)
      .Text("last_lsn", backup.last_lsn)
      .Text("first_segment", backup.first_segment)
      .Number("migration", backup.migration)
      .Text("audit_head", backup.heads_digest)
      .Number("streams", static_cast<long long>(backup.heads.size()))
      .Texts("key_ids", backup.key_ids)
      .Number("octets", backup.octets)
      .ToString();
}

void Base(const BackupOptions& options) {
  RefuseRoot(kBase);
  const std::string replication = Replication(kBase, options);
  const DatabaseAccess access = OrFail(kBase, AccessAs(options.database, &Config::auditor));
  const auto auditor = OpenPool(access.conninfo, "kakunin backup base");
  const BackupDescription backup = OrFail(
      kBase,
      MakeBaseBackup({.root = options.folder, .tools = options.tools, .replication = replication},
                     *auditor, *access.clock));
  if (options.json) {
    fmt::print("{}\n", SummaryJson(backup));
    return;
  }
  fmt::print("{}/{}: {} octets, log from {} to {}, audit head {}\n", options.folder, backup.id,
             backup.octets, backup.first_lsn, backup.last_lsn, backup.heads_digest);
  for (const std::string& key : backup.key_ids) {
    fmt::print("needs key {}, which is in no backup\n", key);
  }
}

void Wal(const BackupOptions& options) { OrFail(kWal, ArchiveWal(options.file, options.folder)); }

// The slot keeps what was not received yet; making it again changes nothing.
void Receive(const BackupOptions& options) {
  RefuseRoot(kReceive);
  const std::string replication = Replication(kReceive, options);
  const std::string tool = std::filesystem::path(options.tools) / "pg_receivewal";
  const std::vector<std::string> common = {tool, "--no-password", "--slot=" + options.slot,
                                           "--dbname=" + replication};
  std::vector<std::string> make = common;
  make.insert(make.end(), {"--create-slot", "--if-not-exists"});
  OrFail(kReceive, RunTool(make));
  std::vector<std::string> receive = common;
  receive.insert(receive.end(), {"--directory=" + options.folder, "--synchronous"});
  OrFail(kReceive, BecomeTool(receive));
}

void List(const BackupOptions& options) {
  const auto backups = OrFail(kList, ListBackups(options.folder));
  const auto unfinished = OrFail(kList, ListUnfinished(options.folder));
  if (options.json) {
    std::vector<std::string> objects;
    objects.reserve(backups.size());
    for (const BackupDescription& backup : backups) objects.push_back(SummaryJson(backup));
    std::vector<std::string> others;
    others.reserve(unfinished.size());
    for (const UnfinishedBackup& one : unfinished) {
      others.push_back(JsonObject()
                           .Text("name", one.name)
                           .Text("began", InstantText(one.began))
                           .Flag("running", one.running)
                           .ToString());
    }
    fmt::print("{}\n", JsonObject()
                           .Raw("backups", JsonArray(objects))
                           .Raw("unfinished", JsonArray(others))
                           .ToString());
    return;
  }
  for (const BackupDescription& backup : backups) {
    fmt::print("{:<18} {:>14} octets  migration {:>3}  consistent from {}, log from {}\n",
               backup.id, backup.octets, backup.migration, InstantText(backup.ended),
               backup.first_segment);
  }
  for (const UnfinishedBackup& one : unfinished) {
    fmt::print("{:<26} {}\n", one.name,
               one.running ? "is being made"
                           : "was broken off: no backup; `kakunin backup prune` removes it when it "
                             "is a day old");
  }
  if (backups.empty()) fmt::print("no finished backup in {}\n", options.folder);
}

void Verify(const BackupOptions& options) {
  const auto backup = OrFail(kVerify, ReadBackup(options.backup));
  OrFail(kVerify, VerifyBaseBackup(options.backup, options.tools));
  if (options.json) {
    fmt::print("{}\n", SummaryJson(backup));
  } else {
    fmt::print("{} is whole: {} octets\n", options.backup, backup.octets);
  }
}

// The name first: what is half removed looks broken off, and nobody restores from it.
absl::Status Remove(const std::filesystem::path& folder) {
  const bool again = folder.extension() == ".going";
  const std::filesystem::path going = again ? folder.string() : folder.string() + ".going";
  std::error_code error;
  if (!again) std::filesystem::rename(folder, going, error);
  if (!error) std::filesystem::remove(going / "backup.json", error);
  if (!error) std::filesystem::remove_all(going, error);
  if (!error) return absl::OkStatus();
  return absl::InternalError(fmt::format("cannot remove {}: {}", folder.string(), error.message()));
}

std::vector<std::string> PruneUnfinished(const BackupOptions& options) {
  const absl::Time now = SystemClock().Now();
  std::vector<std::string> names;
  for (const UnfinishedBackup& one : OrFail(kPrune, ListUnfinished(options.folder))) {
    if (!MayGo(one, now)) continue;
    names.push_back(one.name);
    if (options.commit) {
      OrFail(kPrune, Remove(std::filesystem::path(options.folder) / one.name));
    }
  }
  return names;
}

void Prune(const BackupOptions& options) {
  if (options.keep < 1) throw CLI::ValidationError("--keep names how many stay, at least 1");
  // Before the backups: what an earlier one had half removed may still have its description.
  std::vector<std::string> ids = PruneUnfinished(options);
  const auto backups = OrFail(kPrune, ListBackups(options.folder));
  const auto spare = SpareBackups(backups, static_cast<size_t>(options.keep));
  ids.reserve(ids.size() + spare.size());
  for (const BackupDescription& backup : spare) {
    ids.push_back(backup.id);
    if (options.commit) {
      OrFail(kPrune, Remove(std::filesystem::path(options.folder) / backup.id));
    }
  }
  // Of the log whatever lies before the oldest backup that stays.
  const std::string oldest = spare.empty() ? "" : backups[spare.size()].first_segment;
  if (!options.wal.empty() && !oldest.empty()) {
    std::vector<std::string> clean = {std::filesystem::path(options.tools) / "pg_archivecleanup"};
    if (!options.commit) clean.emplace_back("-n");
    clean.insert(clean.end(), {options.wal, oldest});
    OrFail(kPrune, RunTool(clean));
  }
  if (options.json) {
    fmt::print("{}\n", JsonObject()
                           .Texts("backups", ids)
                           .Text("log_before", options.wal.empty() ? "" : oldest)
                           .Flag("committed", options.commit)
                           .ToString());
    return;
  }
  for (const std::string& id : ids) {
    fmt::print("{} {}\n", options.commit ? "removed" : "would remove", id);
  }
  if (!options.wal.empty() && !oldest.empty()) {
    fmt::print("{} the log before {}\n", options.commit ? "removed" : "would remove", oldest);
  }
  if (ids.empty()) fmt::print("nothing to remove: {} backups\n", backups.size());
  if (!ids.empty() && !options.commit) fmt::print("nothing was removed: --commit does it\n");
}

void AddMaking(CLI::App& backup, const std::shared_ptr<BackupOptions>& options) {
  CLI::App* base = backup.add_subcommand("base", "Copy the whole cluster, verified, while it runs");
  AddDatabaseOptions(*base, options->database);
  base->add_option("--to", options->folder, "Folder of the backups; gets one of its own")
      ->required();
  base->add_option("--replication", options->replication,
                   "libpq connection string of a role that has REPLICATION and nothing else; "
                   "kakunin_backup of the configured database unless named");
  base->footer(
      "Example:\n"
      "  kakunin backup base --config /etc/kakunin-backup/kakunin.toml --to "
      "/var/backups/kakunin/base\n");
  base->callback([options] { Base(*options); });

  CLI::App* wal =
      backup.add_subcommand("wal", "Keep one file of the log: PostgreSQL's archive_command");
  wal->add_option("--to", options->folder, "Folder of the log")->required();
  wal->add_option("file", options->file, "What PostgreSQL says for %p")->required();
  wal->footer(
      "Example, in postgresql.conf:\n"
      "  archive_mode = on\n"
      "  archive_command = '/usr/bin/kakunin backup wal --to /var/backups/kakunin/wal %p'\n"
      "  archive_timeout = 60\n");
  wal->callback([options] { Wal(*options); });

  CLI::App* receive =
      backup.add_subcommand("receive", "Receive the log as it is written, until SIGTERM");
  receive->add_option("--config", options->database.config,
                      "Configuration file of the installation");
  receive->add_option("--to", options->folder, "Folder of the log")->required();
  receive->add_option("--slot", options->slot, "Replication slot; made if it is not there")
      ->capture_default_str();
  receive->add_option("--replication", options->replication, "As for `backup base`");
  receive->footer(
      "Example:\n"
      "  kakunin backup receive --config /etc/kakunin-backup/kakunin.toml --to "
      "/var/backups/kakunin/wal\n");
  receive->callback([options] { Receive(*options); });
}

void AddKeeping(CLI::App& backup, const std::shared_ptr<BackupOptions>& options) {
  CLI::App* list =
      backup.add_subcommand("list", "Tell which backups there are, and what was broken off");
  list->add_option("folder", options->folder, "Folder of the backups")->required();
  list->footer(
      "Example:\n"
      "  kakunin backup list /var/backups/kakunin/base\n");
  list->callback([options] { List(*options); });

  CLI::App* verify = backup.add_subcommand("verify", "Read a backup again and compare its sums");
  verify->add_option("backup", options->backup, "Folder of one backup")->required();
  verify->footer(
      "Example:\n"
      "  kakunin backup verify /var/backups/kakunin/base/20261122T021000Z\n");
  verify->callback([options] { Verify(*options); });

  CLI::App* prune = backup.add_subcommand(
      "prune", "Remove all but the newest backups, and what was broken off a day ago");
  prune->add_option("folder", options->folder, "Folder of the backups")->required();
  prune->add_option("--keep", options->keep, "How many stay")->required();
  prune->add_option("--wal", options->wal, "Folder of the log: what no kept backup needs goes too");
  prune->add_flag("--commit", options->commit, "Remove; without it, only tell");
  prune->footer(
      "Example:\n"
      "  kakunin backup prune /var/backups/kakunin/base --keep 7 --wal /var/backups/kakunin/wal "
      "--commit\n");
  prune->callback([options] { Prune(*options); });
}

}  // namespace

void AddBackupCommand(CLI::App& app) {
  CLI::App* backup = app.add_subcommand("backup", "Copies of the database and of its log");
  backup->require_subcommand(1);
  const auto options = std::make_shared<BackupOptions>();
  AddMaking(*backup, options);
  AddKeeping(*backup, options);
  for (CLI::App* one : backup->get_subcommands({})) {
    if (one->get_name() != "wal" && one->get_name() != "receive") {
      one->add_flag("--json", options->json, "Print JSON");
    }
    if (one->get_name() != "wal" && one->get_name() != "list") {
      one->add_option("--tools", options->tools, "Folder of PostgreSQL's programs")
          ->capture_default_str();
    }
  }
  backup->footer(
      "The secret keys of the installation are in no backup: keep copies of them elsewhere.\n"
      "Examples:\n"
      "  kakunin backup base --config /etc/kakunin-backup/kakunin.toml --to "
      "/var/backups/kakunin/base\n"
      "  kakunin backup receive --config /etc/kakunin-backup/kakunin.toml --to "
      "/var/backups/kakunin/wal\n"
      "  kakunin backup list /var/backups/kakunin/base\n"
      "  kakunin backup verify /var/backups/kakunin/base/20261122T021000Z\n"
      "  kakunin backup prune /var/backups/kakunin/base --keep 7 --wal /var/backups/kakunin/wal "
      "--commit\n");
}

}  // namespace kakunin
