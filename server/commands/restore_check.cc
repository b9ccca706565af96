#include "server/commands/restore_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/key_file.h"
#include "domain/error.h"
#include "server/audit_head_file.h"
#include "server/commands/audit_verification.h"
#include "server/commands/backup_description.h"
#include "server/commands/command_output.h"
#include "server/commands/database_options.h"
#include "server/secret_keys.h"
#include "storage/postgres/audit_store.h"
#include "storage/postgres/backup_facts.h"

namespace kakunin {
namespace {

constexpr char kName[] = "restore check";
constexpr auto kBound = std::chrono::minutes(10);

struct CheckOptions {
  DatabaseOptions database;
  std::string backup;
  std::string last_seen_head;
  bool json = false;
};

// Findings is what a restored database is compared with everything that was kept outside of it.
struct Findings {
  AuditVerification audit;
  BackupFacts facts;
  std::vector<std::string> faults;  // of which any one forbids serving
  // Rows behind the database's head, up to what a server last saw; of the streams that it knew.
  std::optional<int64_t> lost_rows;
  int64_t lost_streams = 0;
  absl::Time newest_lost;
  std::vector<std::string> keys;  // what was compared
};

using Heads = std::map<std::string, int64_t>;  // stream's octets -> number

std::string KeyOf(const StreamId& stream) {
  return {reinterpret_cast<const char*>(stream.octets.data()), stream.octets.size()};
}

Heads HeadsOf(const AuditVerification& audit) {
  Heads heads;
  for (const StreamHead& head : audit.heads) heads[KeyOf(head.stream)] = head.number;
  return heads;
}

// IsThere tells whether the database holds the row that a backup's description names, with its
// hash, or dropped it when its time was over.
absl::StatusOr<bool> IsThere(Transaction& tx, const StreamHead& head) {
  PostgresAuditStore store;
  ASSIGN_OR_RETURN(const AuditChain::Place start, store.Start(tx, head.stream));
  if (start.number > head.number) return true;
  if (start.number == head.number) return start.hash == head.hash;
  bool there = false;
  RETURN_IF_ERROR(
      store.ReadStream(tx, head.stream, head.number - 1, [&](const AuditRecord& record) {
        there = record.id.number == head.number && record.hash == head.hash;
        return false;
      }));
  return there;
}

absl::Status CompareWithBackup(Database& auditor, const BackupDescription& backup,
                               Findings& findings) {
  for (const StreamHead& head : backup.heads) {
    bool there = false;
    RETURN_IF_ERROR(auditor.Read(std::chrono::steady_clock::now() + kBound,
                                 [&](Transaction& tx) -> absl::Status {
                                   ASSIGN_OR_RETURN(there, IsThere(tx, head));
                                   return absl::OkStatus();
                                 }));
    if (there) continue;
    findings.faults.push_back(fmt::format("audit row {} of backup {} is not there, or another",
                                          AuditIdText({head.stream, head.number}), backup.id));
  }
  // A key that was named since is no fault: an older program knew fewer of them.
  const auto still_named = [&](const std::string& named) {
    return std::ranges::find(findings.facts.key_ids, named) != findings.facts.key_ids.end();
  };
  if (!std::ranges::all_of(backup.key_ids, still_named)) {
    findings.faults.push_back(
        fmt::format("the rows were made with other keys than those of backup {}", backup.id));
  }
  return absl::OkStatus();
}

void CompareWithLastSeen(const KeptAuditHead& seen, Findings& findings) {
  const Heads heads = HeadsOf(findings.audit);
  findings.lost_rows = 0;
  for (const SeenHead& head : seen.heads) {
    const auto known = heads.find(KeyOf(head.id.stream));
    const int64_t has = known == heads.end() ? 0 : known->second;
    if (has >= head.id.number) continue;
    *findings.lost_rows += head.id.number - has;
    ++findings.lost_streams;
    findings.newest_lost = std::max(findings.newest_lost, head.at);
  }
}

// CompareKeys reads the configured key files, as far as this user may.
void CompareKeys(const Config& config, Findings& findings) {
  if (config.keys.individual_number.empty()) return;
  const auto keys = LoadSecretKeys(config.keys);
  if (!keys.ok()) {
    findings.keys.push_back("not compared: " + std::string(keys.status().message()));
    return;
  }
  for (const auto& named :
       {std::pair{"individual_number", (*keys)->individual_number.key_id()},
        std::pair{"lookup", (*keys)->look_up.key_id()}, std::pair{"audit", (*keys)->audit.key_id()},
        std::pair{"handle", (*keys)->handle_id}}) {
    const std::string_view name = named.first;
    const std::string key = fmt::format("{} {}", name, named.second);
    findings.keys.push_back(key);
    const auto& needed = findings.facts.key_ids;
    if (std::ranges::find(needed, key) != needed.end()) continue;
    if (std::ranges::none_of(needed,
                             [&](const std::string& one) { return one.starts_with(name); })) {
      continue;  // no server has claimed the database yet
    }
    findings.faults.push_back(
        fmt::format("the key file of [keys] {} is {}, and the rows were made with another: put "
                    "back the copy of it that was kept",
                    name, named.second));
  }
}

Findings Check(const CheckOptions& options) {
  const DatabaseAccess access = OrFail(kName, AccessAs(options.database, &Config::auditor));
  const auto auditor = OpenPool(access.conninfo, "kakunin restore check");
  Findings findings;
  OrFail(kName, auditor->Read(std::chrono::steady_clock::now() + kBound,
                              [&](Transaction& tx) -> absl::Status {
                                ASSIGN_OR_RETURN(findings.facts, ReadBackupFacts(tx));
                                return absl::OkStatus();
                              }));
  findings.audit = OrFail(kName, VerifyAudit(*auditor));
  if (findings.audit.fault_count > 0) {
    findings.faults.push_back(fmt::format("the audit has {} faults: `kakunin audit verify` tells",
                                          findings.audit.fault_count));
  }
  if (!options.backup.empty()) {
    const auto backup = OrFail(kName, ReadBackup(options.backup));
    OrFail(kName, CompareWithBackup(*auditor, backup, findings));
  }
  std::string last_seen = options.last_seen_head;
  if (!options.database.config.empty()) {
    const Config config = OrFail(kName, LoadConfig(options.database.config));
    if (last_seen.empty()) last_seen = config.audit.last_seen_head;
    CompareKeys(config, findings);
  }
  if (!last_seen.empty()) {
    CompareWithLastSeen(OrFail(kName, ReadAuditHead(last_seen)), findings);
  }
  return findings;
}

void Print(const Findings& findings, bool json) {
  const std::string newest =
      findings.lost_streams == 0
          ? ""
          : absl::FormatTime(absl::RFC3339_full, findings.newest_lost, absl::UTCTimeZone());
  if (json) {
    fmt::print("{}\n", JsonObject()
                           .Number("rows", findings.audit.rows)
                           .Number("migration", findings.facts.migration)
                           .Flag("in_recovery", findings.facts.in_recovery)
                           .Flag("compared_with_last_seen", findings.lost_rows.has_value())
                           .Number("lost_rows", findings.lost_rows.value_or(0))
                           .Number("lost_streams", findings.lost_streams)
                           .Text("newest_lost", newest)
                           .Texts("keys", findings.keys)
                           .Texts("faults", findings.faults)
                           .ToString());
    return;
  }
  fmt::print("audit: {} streams, {} rows; migration {}{}\n", findings.audit.heads.size(),
             findings.audit.rows, findings.facts.migration,
             findings.facts.in_recovery ? "; still in recovery" : "");
  for (const std::string& key : findings.keys) fmt::print("key {}\n", key);
  for (const std::string& fault : findings.faults) fmt::print("FAULT {}\n", fault);
  if (!findings.lost_rows) {
    fmt::print("not compared with what a server last saw: name --last-seen-head FILE\n");
  } else if (*findings.lost_rows == 0) {
    fmt::print("everything that the server last saw is there\n");
  } else {
    fmt::print(
        "{} audit rows of {} streams that the server saw are lost, the newest of {}: it "
        "refuses to serve until `kakunin audit accept-older-database`\n",
        *findings.lost_rows, findings.lost_streams, newest);
  }
}

void RunCheck(const CheckOptions& options) {
  const Findings findings = Check(options);
  Print(findings, options.json);
  if (!findings.faults.empty()) {
    FailCommand(kName, absl::DataLossError("do not serve this database: see the faults above"));
  }
}

}  // namespace

void AddRestoreCheck(CLI::App& restore) {
  const auto options = std::make_shared<CheckOptions>();
  CLI::App* check = restore.add_subcommand(
      "check", "Compare a restored database with what was kept outside of it");
  AddDatabaseOptions(*check, options->database);
  check->add_option("--backup", options->backup, "Folder of the backup that it was made of");
  check->add_option("--last-seen-head", options->last_seen_head,
                    "File of [audit] last_seen_head; that of the configuration unless named");
  check->add_flag("--json", options->json, "Print JSON");
  check->footer(
      "Verifies every chain of the audit, the audit head and keys of the backup, the key files, "
      "and\n"
      "tells how many audit rows lie behind the database, up to what a server last saw. Exit code "
      "1\n"
      "when the database must not be served; lost rows alone are told, and are the operator's "
      "choice.\n"
      "Example:\n"
      "  kakunin restore check --config /etc/kakunin/kakunin.toml \\\n"
      "    --backup /var/backups/kakunin/base/20261122T021000Z\n");
  check->callback([options] { RunCheck(*options); });
}

}  // namespace kakunin
