#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "domain/restricted_grounds.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/joining_options.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

struct RestrictedOptions {
  std::string ground;
  std::string ending_day;
  std::vector<std::string> opened;
  TodayOption today;
  bool json = false;
};

std::string DayJson(const std::optional<absl::CivilDay>& day) {
  return day ? fmt::format("\"{}\"", absl::FormatCivilTime(*day)) : "null";
}

void Check(const RestrictedOptions& options) {
  const RestrictedGround ground = GroundOption("--ground", options.ground);
  const absl::CivilDay day = DayOf(options.today);
  const RestrictedFacts facts{.ending_day = DayOfOption("--ending-day", options.ending_day)};
  const RestrictedVerdict verdict =
      MayUseRestrictedType(ground, facts, OpenedRules(options.opened), day);
  std::vector<absl::CivilDay> reminders;
  if (verdict.MayUse() && verdict.last_day) reminders = ReminderDays(*verdict.last_day, day);
  if (options.json) {
    std::vector<std::string> days;
    days.reserve(reminders.size());
    for (const absl::CivilDay reminder : reminders) days.push_back(absl::FormatCivilTime(reminder));
    fmt::print("{}\n", JsonObject()
                           .Text("ground", RowOf(ground).key)
                           .Text("day", absl::FormatCivilTime(day))
                           .Flag("may_use", verdict.MayUse())
                           .Text("finding", NameOf(verdict.finding))
                           .Raw("first_day", DayJson(verdict.first_day))
                           .Raw("terminals_last_day", DayJson(verdict.last_day))
                           .Texts("reminders", days)
                           .Text("sentence", SentenceOf(ground, verdict))
                           .Text("source", RowOf(ground).source)
                           .ToString());
    return;
  }
  TextTable table;
  table.Heading(fmt::format("資格確認限定型（{}現在）", absl::FormatCivilTime(day)));
  table.Row("根拠", RowOf(ground).name);
  table.Row("利用", verdict.MayUse() ? "できます" : "できません");
  if (verdict.first_day && *verdict.first_day != absl::CivilDay::min()) {
    table.Row("利用できる最初の日", DayWithWeekday(*verdict.first_day));
  }
  if (verdict.last_day) table.Row("端末の最終日", DayWithWeekday(*verdict.last_day));
  std::string told;
  for (const absl::CivilDay reminder : reminders) {
    told += (told.empty() ? "" : "、") + absl::FormatCivilTime(reminder);
  }
  table.Row("お知らせの日", told);
  table.Row("説明", SentenceOf(ground, verdict));
  table.Row("出典", RowOf(ground).source);
  fmt::print("{}", table.Draw());
}

void Grounds(bool json) {
  if (!json) {
    TextTable table;
    table.Heading("資格確認限定型の根拠");
    for (const GroundRow& row : RestrictedGroundTable()) {
      table.Row(row.key, fmt::format("{}  {}  {}", row.name,
                                     row.by_configuration ? "設定により対象"
                                     : row.gives_right    ? "対象"
                                                          : "対象外",
                                     row.ends_when));
    }
    fmt::print("{}", table.Draw());
    return;
  }
  std::vector<std::string> rows;
  rows.reserve(RestrictedGroundTable().size());
  for (const GroundRow& row : RestrictedGroundTable()) {
    rows.push_back(JsonObject()
                       .Text("ground", row.key)
                       .Text("name", row.name)
                       .Flag("gives_right", row.gives_right)
                       .Flag("by_configuration", row.by_configuration)
                       .Text("ends_when", row.ends_when)
                       .Text("source", row.source)
                       .ToString());
  }
  fmt::print("{}\n", JsonObject().Raw("grounds", JsonArray(rows)).ToString());
}

}  // namespace

void AddRestrictedCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "restricted", "The restricted type (資格確認限定型): who may use it, and until when");
  command->require_subcommand(1);
  command->footer(
      "Works without a server.\n"
      "Examples:\n"
      "  kakunin restricted grounds\n"
      "  kakunin restricted check --ground measure-2 --ending-day 2026-06-10\n");
  const auto options = std::make_shared<RestrictedOptions>();
  CLI::App* check =
      command->add_subcommand("check", "Tell whether a ground gives the right on a day");
  check->add_option("--ground", options->ground, "Its word, such as measure-2")->required();
  check->add_option("--ending-day", options->ending_day,
                    "What was reported (YYYY-MM-DD): measure-2 the day from which an optical line "
                    "is available, measure-4 and measure-6 the last day");
  AddOpenedOption(*check, options->opened);
  AddTodayOption(*check, options->today);
  check->add_flag("--json", options->json, "Print JSON");
  check->footer(
      "Examples:\n"
      "  kakunin restricted check --ground measure-2 --ending-day 2026-06-10 --today 2026-12-11\n"
      "  kakunin restricted check --ground midwife --opened midwife=2026-04-01 --json\n");
  check->callback([options] { Check(*options); });
  CLI::App* grounds = command->add_subcommand("grounds", "List the grounds and how each ends");
  grounds->add_flag("--json", options->json, "Print JSON");
  grounds->footer("Example:\n  kakunin restricted grounds\n");
  grounds->callback([options] { Grounds(options->json); });
}

}  // namespace kakunin
