#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/civil_day.h"
#include "domain/retention.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/database_options.h"
#include "server/commands/system_user.h"
#include "server/rpc/record_octets.h"
#include "storage/postgres/retention.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

struct RetentionOptions {
  DatabaseOptions database;
  bool json = false;
  bool commit = false;
  int limit = 20;
};

// Progress goes to standard error; a log gets a line now and then, a terminal one that moves.
void ShowProgress(std::string_view what, int64_t done) {
  if (isatty(STDERR_FILENO) == 1) {
    fmt::print(stderr, "\r\033[Kretention: {} {}", done, what);
  } else if (done > 0 && done % 100'000 == 0) {
    fmt::print(stderr, "retention: {} {}\n", done, what);
  }
}

void EndProgress() {
  if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r\033[K");
}

// Session is what a subcommand works with.
struct Session {
  explicit Session(std::string_view command, const RetentionOptions& options)
      : access(OrFail(command, AccessAs(options.database, &Config::migrate))),
        database(OpenPool(access.conninfo, "kakunin retention")),
        retention(*database, CopiesOfThisFormat(), access.retention, &ShowProgress) {}

  absl::CivilDay Today() const { return CivilDayAt(access.clock->Now()); }

  DatabaseAccess access;
  std::unique_ptr<Database> database;
  Retention retention;
};

// Or is the value, or ends the command and says what to do.
template <class T>
T Or(std::string_view command, absl::StatusOr<T> value) {
  EndProgress();
  if (value.ok()) return *std::move(value);
  const std::string state = SqlStateOf(value.status());
  std::string text(value.status().message());
  if (state == "42501") text += "; of retention it is kakunin_migrate";
  if (state == "55P03") text = "a table was busy; what went is recorded, run it again";
  FailCommand(command, absl::Status(value.status().code(), text));
}

std::string DayText(absl::CivilDay day) { return absl::FormatCivilTime(day); }

std::string InstantText(absl::Time at) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", at, absl::UTCTimeZone());
}

bool IsAssumption(RetainedKind kind, absl::CivilDay day, const RetentionRules& rules) {
  return RetentionRuleOn(kind, day, rules).assumption;
}

std::string ItemsJson(const std::vector<RetentionItem>& items, absl::CivilDay day,
                      const RetentionRules& rules) {
  std::vector<std::string> objects;
  objects.reserve(items.size());
  for (const RetentionItem& item : items) {
    objects.push_back(
        JsonObject()
            .Text("kind", NameOf(item.kind))
            .Text("object", item.object)
            .Text("month", item.month ? absl::FormatCivilTime(*item.month) : std::string())
            .Text("first_kept", DayText(item.first_kept))
            .Number("rows", item.rows)
            .Text("rule", item.rule)
            .Flag("assumption", IsAssumption(item.kind, day, rules))
            .ToString());
  }
  return JsonArray(objects);
}

void PrintItems(const std::vector<RetentionItem>& items) {
  fmt::print("{:<16} {:<24} {:<11} {:>12}  {}\n", "KIND", "OBJECT", "KEPT FROM", "ROWS", "RULE");
  for (const RetentionItem& item : items) {
    fmt::print("{:<16} {:<24} {:<11} {:>12}  {}\n", std::string(NameOf(item.kind)),
               item.object + (item.month ? " (month)" : ""), DayText(item.first_kept), item.rows,
               item.rule);
  }
}

void Plan(std::string_view command, const RetentionOptions& options) {
  Session session(command, options);
  const absl::CivilDay day = session.Today();
  const auto items = Or(command, session.retention.Plan(day));
  if (options.json) {
    fmt::print("{}\n", JsonObject()
                           .Text("day", DayText(day))
                           .Flag("committed", false)
                           .Raw("items", ItemsJson(items, day, session.access.retention))
                           .ToString());
    return;
  }
  fmt::print("what has had its time on {}:\n", DayText(day));
  PrintItems(items);
  fmt::print("nothing was dropped: `kakunin retention apply --commit` does it\n");
}

std::string RunJson(const RetentionRun& run, const RetentionRules& rules) {
  return JsonObject()
      .Text("run", run.id)
      .Text("day", DayText(run.day))
      .Text("by", run.by)
      .Text("began", InstantText(run.began))
      .Text("ended", run.ended ? InstantText(*run.ended) : std::string())
      .Raw("items", ItemsJson(run.items, run.day, rules))
      .ToString();
}

void PrintRun(const RetentionRun& run) {
  fmt::print("run {} of {} by {}, began {}, {}\n", run.id, DayText(run.day), run.by,
             InstantText(run.began),
             run.ended ? "ended " + InstantText(*run.ended)
                       : std::string("not ended: `apply --commit` on that day goes on with it"));
  if (run.items.empty()) {
    fmt::print("nothing was dropped\n");
  } else {
    PrintItems(run.items);
  }
}

void Apply(const RetentionOptions& options) {
  constexpr char kName[] = "retention apply";
  if (!options.commit) return Plan(kName, options);
  Session session(kName, options);
  const RetentionRun run = Or(kName, session.retention.Apply(session.Today(), UserOfTheSystem(),
                                                             session.access.clock->Now()));
  options.json ? fmt::print("{}\n", RunJson(run, session.access.retention)) : PrintRun(run);
}

void History(const RetentionOptions& options) {
  constexpr char kName[] = "retention history";
  Session session(kName, options);
  const auto runs = Or(kName, session.retention.History(options.limit));
  if (options.json) {
    std::vector<std::string> objects;
    objects.reserve(runs.size());
    for (const RetentionRun& run : runs) objects.push_back(RunJson(run, session.access.retention));
    fmt::print("{}\n", JsonObject().Raw("runs", JsonArray(objects)).ToString());
    return;
  }
  for (const RetentionRun& run : runs) PrintRun(run);
  if (runs.empty()) fmt::print("no run yet\n");
}

CLI::App* AddStep(CLI::App& app, const std::string& name, const std::string& what,
                  const std::shared_ptr<RetentionOptions>& options) {
  CLI::App* command = app.add_subcommand(name, what);
  AddDatabaseOptions(*command, options->database);
  command->add_flag("--json", options->json, "Print JSON");
  command->footer(fmt::format("Example:\n  kakunin retention {} --config kakunin.toml\n", name));
  return command;
}

}  // namespace

void AddRetentionCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("retention", "Drop what has had its time, as the role kakunin_migrate");
  command->require_subcommand(1);
  command->footer(
      "Run `kakunin audit verify` before months of the audit go, and keep the head it prints.\n"
      "Examples:\n"
      "  kakunin retention plan --config kakunin.toml            what would go, and why\n"
      "  kakunin retention apply --commit --config kakunin.toml  drop it; run it weekly\n"
      "  kakunin retention history --config kakunin.toml\n");
  const auto options = std::make_shared<RetentionOptions>();
  AddStep(*command, "plan", "Tell what may be dropped today, and change nothing", options)
      ->callback([options] { Plan("retention plan", *options); });
  CLI::App* apply = AddStep(*command, "apply", "Drop it; without --commit as plan", options);
  apply->add_flag("--commit", options->commit, "Do it; without it nothing is dropped");
  apply->callback([options] { Apply(*options); });
  CLI::App* history = AddStep(*command, "history", "List what was dropped, by whom", options);
  history->add_option("--limit", options->limit, "Most runs to list")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  history->callback([options] { History(*options); });
}

}  // namespace kakunin
