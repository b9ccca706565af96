#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/application_input/application_toml.h"
#include "server/commands/application_file.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/joining_options.h"

namespace kakunin {
namespace {

struct ApplicationOptions {
  std::string file;
  std::optional<int64_t> group_prescriptions;
  std::vector<std::string> opened;
  std::string offer_from;
  std::string offer_through;
  TodayOption today;
  bool group = false;
  bool json = false;
};

constexpr const char* kExamples =
    "Every fault of every facility is told at once, by field.\n"
    "Exit codes: 0 no faults, 1 faults.\n"
    "Examples:\n"
    "  kakunin application check clinic.toml\n"
    "  kakunin application check chain.csv --group-prescriptions 45000\n"
    "  kakunin application check clinic.toml --offer-from 2026-04-01 --offer-through 2027-03-31\n"
    "  kakunin application check midwife.toml --opened midwife=2026-04-01 --json\n";

JoiningRules RulesOf(const ApplicationOptions& options) {
  JoiningRules rules;
  rules.grounds = OpenedRules(options.opened);
  const auto from = DayOfOption("--offer-from", options.offer_from);
  // Without the option nobody knows when orders are taken, and their days are not looked at.
  rules.reader_offer =
      CardReaderOffer{.from = from ? *from : absl::CivilDay::min(),
                      .last_day = DayOfOption("--offer-through", options.offer_through)};
  return rules;
}

void Check(const ApplicationOptions& options) {
  constexpr char kName[] = "application check";
  const JoiningRules rules = RulesOf(options);
  const absl::CivilDay today = DayOf(options.today);
  ApplicationFile file = OrFail(kName, ReadApplicationFile(options.file));
  if (options.group_prescriptions) file.group_prescriptions = options.group_prescriptions;
  const ApplicationFinding finding = CheckApplicationFile(std::move(file), rules, today);
  if (options.json) {
    fmt::print("{}\n", ApplicationFindingJson(finding, options.file));
  } else {
    fmt::print("{}", ApplicationFindingTable(finding));
    if (options.offer_from.empty() && options.offer_through.empty()) {
      fmt::print("カードリーダーの申込期間は確かめていません（--offer-from、--offer-through）。\n");
    }
  }
  if (!finding.IsGood()) throw CLI::RuntimeError(1);
}

void Example(const ApplicationOptions& options) {
  const absl::CivilDay today = DayOf(options.today);
  const std::string text = options.group ? ExampleGroupCsv(today) : ExampleApplicationToml(today);
  if (options.json) {
    fmt::print("{}\n", JsonObject().Text("example", text).ToString());
  } else {
    fmt::print("{}", text);
  }
}

}  // namespace

void AddApplicationCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "application", "Applications for use (利用申請): check a file before it is handed in");
  command->require_subcommand(1);
  command->footer(
      "Works without a server.\n"
      "Examples:\n"
      "  kakunin application example > clinic.toml\n"
      "  kakunin application check clinic.toml\n"
      "  kakunin application example --group > chain.csv\n"
      "  kakunin application check chain.csv --group-prescriptions 45000\n");
  const auto options = std::make_shared<ApplicationOptions>();
  CLI::App* check = command->add_subcommand("check", "Find every fault of an application's file");
  check
      ->add_option("FILE", options->file,
                   "TOML (one facility, or a group's [[facility]]) or .csv (a group's)")
      ->required();
  check->add_option("--group-prescriptions", options->group_prescriptions,
                    "Prescriptions a month of the whole group; decides its class");
  check->add_option("--offer-from", options->offer_from,
                    "First day on which card readers may be ordered (YYYY-MM-DD)");
  check->add_option("--offer-through", options->offer_through, "Last such day (YYYY-MM-DD)");
  AddOpenedOption(*check, options->opened);
  AddTodayOption(*check, options->today);
  check->add_flag("--json", options->json, "Print JSON");
  check->footer(kExamples);
  check->callback([options] { Check(*options); });
  CLI::App* example = command->add_subcommand("example", "Print an application to begin with");
  example->add_flag("--group", options->group, "A group's, as comma-separated values");
  AddTodayOption(*example, options->today);
  example->add_flag("--json", options->json, "Print JSON");
  example->footer("Example:\n  kakunin application example > clinic.toml\n");
  example->callback([options] { Example(*options); });
}

}  // namespace kakunin
