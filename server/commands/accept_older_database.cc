#include "server/commands/accept_older_database.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/hash_function.h"
#include "domain/access_policy.h"
#include "domain/error.h"
#include "server/audit_head_file.h"
#include "server/audit_head_watch.h"
#include "server/clock.h"
#include "server/commands/command_output.h"
#include "server/commands/database_options.h"
#include "server/commands/system_user.h"
#include "storage/postgres/audit_heads.h"

namespace kakunin {
namespace {

constexpr char kName[] = "audit accept-older-database";
constexpr std::chrono::seconds kBound(30);
constexpr size_t kLongestReason = 200;

struct AcceptOptions {
  std::string config;
  std::string by;
  std::string reason;
  bool commit = false;
  bool json = false;
};

// Found is what the file holds beside what the database does.
struct Found {
  KeptAuditHead file;
  bool file_lost = false;  // there is none, and the database knows that there was
  std::vector<SeenHead> missing;
  std::vector<SeenHead> kept;

  bool SomethingToAccept() const { return file_lost || file.alarm || !missing.empty(); }
};

bool IsOneLine(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void CheckWords(const AcceptOptions& options) {
  if (!options.commit) return;
  if (options.by.empty() || options.by.find_first_of(" \t\r\n;=") != std::string::npos) {
    throw CLI::ValidationError("--by names who accepts it, in one word");
  }
  if (options.reason.empty() || options.reason.size() > kLongestReason ||
      !IsOneLine(options.reason)) {
    throw CLI::ValidationError(
        fmt::format("--reason says why, in one line of at most {} octets", kLongestReason));
  }
}

std::string InstantText(absl::Time at) {
  return absl::FormatTime(absl::RFC3339_sec, at, absl::UTCTimeZone());
}

const char* AlarmText(const Found& found) {
  if (found.file_lost) return "file_lost";
  return found.file.alarm ? "stood" : "none";
}

AuditRecord RecordOf(const AcceptOptions& options, const Found& found, absl::Time now) {
  AuditRecord record;
  record.at = now;
  record.operation = static_cast<int>(Operation::kAcceptOlderDatabase);
  record.actor_kind = ActorKind::kOperator;
  record.actor = options.by;
  record.details =
      fmt::format("streams={};newest={};alarm={};user={};reason={}", found.missing.size(),
                  found.missing.empty() ? "none" : InstantText(found.missing.front().at),
                  AlarmText(found), UserOfTheSystem(), options.reason);
  return record;
}

Found Look(const Config& config, Database& database) {
  if (config.audit.last_seen_head.empty()) {
    FailCommand(kName, absl::FailedPreconditionError(
                           "the configuration has no last_seen_head in [audit]: its server refuses "
                           "no database"));
  }
  Found found{.file = OrFail(kName, ReadAuditHead(config.audit.last_seen_head))};
  std::vector<size_t> missing;
  const absl::Status status = database.Read(
      std::chrono::steady_clock::now() + kBound, [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(missing, AuditHeadsNotKept(tx, found.file.heads));
        if (!found.file.is_there) {
          ASSIGN_OR_RETURN(found.file_lost,
                           KnowsAuditHeadKeeper(tx, AuditHeadKeeper(config.audit.last_seen_head)));
        }
        return absl::OkStatus();
      });
  if (!status.ok()) {
    FailCommand(kName, absl::Status(status.code(), fmt::format("cannot ask the database: {}",
                                                               std::string(status.message()))));
  }
  for (size_t i = 0; i < found.file.heads.size(); ++i) {
    const bool lost = std::ranges::binary_search(missing, i);
    (lost ? found.missing : found.kept).push_back(found.file.heads[i]);
  }
  return found;
}

void Print(const AcceptOptions& options, const Found& found, const std::string& audit_id) {
  if (options.json) {
    std::vector<std::string> lost;
    lost.reserve(found.missing.size());
    for (const SeenHead& head : found.missing) {
      lost.push_back(JsonObject()
                         .Text("audit_id", AuditIdText(head.id))
                         .Text("at", InstantText(head.at))
                         .ToString());
    }
    fmt::print("{}\n", JsonObject()
                           .Number("remembered", static_cast<long long>(found.file.heads.size()))
                           .Raw("missing", JsonArray(lost))
                           .Text("alarm", AlarmText(found))
                           .Flag("accepted", !audit_id.empty())
                           .Text("audit_id", audit_id)
                           .ToString());
    return;
  }
  if (!found.SomethingToAccept()) {
    fmt::print(
        "the database has all {} audit rows that this server last saw: nothing is to be "
        "accepted. A server that refuses it all the same writes down what it saw within two "
        "seconds: run this again then\n",
        found.file.heads.size());
    return;
  }
  for (const SeenHead& head : found.missing) {
    fmt::print("missing {} of {}\n", AuditIdText(head.id), InstantText(head.at));
  }
  if (found.file_lost) {
    fmt::print(
        "the file is missing, and the database knows that this server kept one: what the database "
        "lost nobody can tell here\n");
  } else if (found.missing.empty()) {
    fmt::print(
        "the database that is reached now has all {} remembered audit rows, but the server reached "
        "one that had not: make sure that no second one runs\n",
        found.file.heads.size());
  } else {
    fmt::print(
        "{} of {} remembered audit rows are missing, and whatever came before them in their "
        "streams may be\n",
        found.missing.size(), found.file.heads.size());
  }
  if (audit_id.empty()) {
    fmt::print("nothing was accepted: --by NAME --reason TEXT --commit does it\n");
  } else {
    fmt::print(
        "accepted, audit id {}: this server serves the database as it is; start it, or wait two "
        "seconds\n",
        audit_id);
  }
}

void Accept(const AcceptOptions& options) {
  CheckWords(options);
  const Config config = OrFail(kName, LoadConfig(options.config));
  if (!config.terminal && !config.insurer && !config.operator_ && !config.onboarding) {
    FailCommand(kName, absl::FailedPreconditionError("the configuration serves no port: name the "
                                                     "file that the server runs with"));
  }
  struct stat owner {};
  if (options.commit && stat(config.audit.last_seen_head.c_str(), &owner) == 0 &&
      owner.st_uid != geteuid()) {
    FailCommand(kName, absl::PermissionDeniedError(fmt::format(
                           "{} belongs to another user, who could not read what is written now: "
                           "run it as the server's user",
                           config.audit.last_seen_head.string())));
  }
  const std::string conninfo =
      OrFail(kName, ConnectionString(config.database, AuditHeadLogin(config)));
  const auto database = OpenPool(conninfo, "kakunin audit accept-older-database");
  // From the look to the writing no server writes the file: it tries again two seconds later.
  std::optional<FileLock> turn;
  if (options.commit) {
    turn.emplace(OrFail(kName, TakeAuditHeadTurn(config.audit.last_seen_head, /*wait=*/true)));
  }
  Found found = Look(config, *database);
  std::string audit_id;
  if (options.commit && found.SomethingToAccept()) {
    const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(SystemClock().Now()));
    const AuditRecord record = RecordOf(options, found, now);
    // The audit first: what the file says was accepted is always audited.
    OrFail(kName, database->Write(std::chrono::steady_clock::now() + kBound,
                                  [&](Transaction& tx) -> absl::Status {
                                    ASSIGN_OR_RETURN(const AuditId id, tx.AppendAudit(record));
                                    audit_id = AuditIdText(id);
                                    return absl::OkStatus();
                                  }));
    KeptAuditHead file{.heads = found.kept, .accepted = found.file.accepted};
    file.accepted.push_back({.at = now,
                             .given_up = static_cast<int64_t>(found.missing.size()),
                             .by = options.by,
                             .reason = options.reason});
    OrFail(kName, WriteAuditHead(config.audit.last_seen_head, file));
  }
  Print(options, found, audit_id);
}

}  // namespace

void AddAcceptOlderDatabase(CLI::App& audit) {
  const auto options = std::make_shared<AcceptOptions>();
  CLI::App* command = audit.add_subcommand(
      "accept-older-database",
      "Let a server serve a database that lacks audit rows which it saw committed");
  command->add_option("--config", options->config, "Configuration file of the server (TOML)")
      ->required();
  command->add_option("--by", options->by, "Who accepts it; goes into the audit");
  command->add_option("--reason", options->reason, "Why, in one line; goes into the audit");
  command->add_flag("--commit", options->commit,
                    "Accept it; without it, only tell what is missing");
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(
      "Acts that were acknowledged are not in such a database. Run it as the server's user, for\n"
      "each server that refuses: each has a file of its own ([audit] last_seen_head). The alarm\n"
      "of a server that met such a database is ended by it too, when the right one is back, and\n"
      "the file of one that has lost it is begun anew.\n"
      "Examples:\n"
      "  kakunin audit accept-older-database --config /etc/kakunin/kakunin.toml\n"
      "  kakunin audit accept-older-database --config /etc/kakunin/kakunin.toml --by operator-1 "
      "\\\n"
      "    --reason \"machine lost, restored to 02:10\" --commit\n");
  command->callback([options] { Accept(*options); });
}

}  // namespace kakunin
