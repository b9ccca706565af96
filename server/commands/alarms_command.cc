#include "server/commands/alarms_command.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/commands/command_output.h"
#include "server/commands/database_options.h"
#include "storage/postgres/alarm_store.h"

namespace kakunin {
namespace {

constexpr char kName[] = "audit alarms";
constexpr std::chrono::seconds kBound(30);
constexpr int kMostDays = 400;
constexpr int kMost = 1000;

struct AlarmOptions {
  DatabaseOptions database;
  int days = 7;
  bool json = false;
};

std::vector<Alarm> Read(const AlarmOptions& options) {
  const DatabaseAccess access = OrFail(kName, AccessAs(options.database, &Config::auditor));
  const auto database = OpenPool(access.conninfo, "kakunin audit alarms");
  PostgresAlarmStore store;
  std::vector<Alarm> alarms;
  const absl::Time from = access.clock->Now() - absl::Hours(24) * options.days;
  const absl::Status status = database->Read(
      std::chrono::steady_clock::now() + kBound, [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(alarms, store.ListSince(tx, from, kMost));
        return absl::OkStatus();
      });
  if (!status.ok()) {
    FailCommand(kName, absl::Status(status.code(),
                                    fmt::format("cannot read the alarms as kakunin_auditor: {}",
                                                std::string(status.message()))));
  }
  return alarms;
}

std::string InstantText(absl::Time at) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", at, JapanTime());
}

void Run(const AlarmOptions& options) {
  const std::vector<Alarm> alarms = Read(options);
  if (options.json) {
    std::vector<std::string> rows;
    rows.reserve(alarms.size());
    for (const Alarm& alarm : alarms) {
      rows.push_back(JsonObject()
                         .Text("at", InstantText(alarm.at))
                         .Text("facility_code", alarm.facility_code)
                         .Text("terminal_id", alarm.terminal_id)
                         .Text("kind", alarm.kind)
                         .ToString());
    }
    fmt::print("{}\n", JsonObject().Raw("alarms", JsonArray(rows)).ToString());
    return;
  }
  for (const Alarm& alarm : alarms) {
    fmt::print("{}  {}  {}  {}\n", InstantText(alarm.at), alarm.facility_code,
               alarm.terminal_id.empty() ? "(all terminals)" : alarm.terminal_id, alarm.kind);
  }
  if (alarms.empty()) {
    fmt::print("no alarm in {} days\n", options.days);
    return;
  }
  if (alarms.size() == kMost) fmt::print("and maybe older ones: these are the newest {}\n", kMost);
  fmt::print(
      "ask the facility what it was doing; `kakunin terminal suspend --help` stops a terminal\n");
}

}  // namespace

void AddAlarms(CLI::App& audit) {
  CLI::App* alarms = audit.add_subcommand(
      "alarms", "Facilities and terminals that asked by number beyond a limit");
  const auto options = std::make_shared<AlarmOptions>();
  AddDatabaseOptions(*alarms, options->database);
  alarms->add_option("--days", options->days, "How far back, times 24 hours")
      ->check(CLI::Range(1, kMostDays))
      ->capture_default_str();
  alarms->add_flag("--json", options->json, "Print JSON");
  alarms->footer(
      "One row a facility or terminal and hour. INQUIRY_LIMIT: its questions by number were "
      "refused\n"
      "for the rest of that hour, those by card were not. The newest first.\n"
      "Examples:\n"
      "  kakunin audit alarms --config kakunin.toml\n"
      "  kakunin audit alarms --days 30 --json --config kakunin.toml\n");
  alarms->callback([options] { Run(*options); });
}

}  // namespace kakunin
