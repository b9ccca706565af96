#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "domain/introduction_plan.h"
#include "server/commands/commands.h"
#include "server/commands/joining_options.h"
#include "server/commands/plan_table.h"

namespace kakunin {
namespace {

struct PlanOptions {
  std::string start_month;
  std::string start_day;
  std::string set_up_day;
  std::vector<std::string> done;
  TodayOption today;
  bool json = false;
};

constexpr const char* kExamples =
    "Every date is reckoned backwards from the start of use. What is past is told as late, with\n"
    "the first month that can still be reached.\n"
    "Exit codes: 0 told, 1 the wish contradicts itself.\n"
    "Examples:\n"
    "  kakunin plan --start-month 2027-04\n"
    "  kakunin plan --start-month 2027-04 --start-day 2027-04-15 --set-up-day 2027-04-09\n"
    "  kakunin plan --start-month 2027-02 --done account,reader-order --json\n";

IntroductionStep StepNamed(const std::string& key) {
  std::string keys;
  for (int number = 1; number <= kIntroductionSteps; ++number) {
    const auto step = static_cast<IntroductionStep>(number);
    if (FactsOf(step).key == key) return step;
    keys += (keys.empty() ? "" : ", ") + std::string(FactsOf(step).key);
  }
  throw CLI::ValidationError("--done", "one of " + keys);
}

void Plan(const PlanOptions& options) {
  PlanOutcome outcome;
  outcome.today = DayOf(options.today);
  const auto start_month = MonthOfOption("--start-month", options.start_month);
  if (!start_month) throw CLI::ValidationError("--start-month", "not a month: YYYY-MM");
  outcome.wish.start_month = *start_month;
  outcome.wish.start_day = DayOfOption("--start-day", options.start_day);
  outcome.wish.set_up_day = DayOfOption("--set-up-day", options.set_up_day);
  for (const std::string& key : options.done) outcome.wish.done.push_back(StepNamed(key));
  outcome.plan = PlanIntroduction(outcome.wish, outcome.today);
  outcome.earliest = EarliestStartMonth(outcome.wish.done, outcome.today);
  if (options.json) {
    fmt::print("{}\n", PlanJson(outcome));
  } else {
    fmt::print("{}", PlanTable(outcome));
  }
  if (!outcome.plan.violations.empty()) throw CLI::RuntimeError(1);
}

}  // namespace

void AddPlanCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("plan", "Reckon every date of joining from the wished start month");
  command->footer(kExamples);
  const auto options = std::make_shared<PlanOptions>();
  command->add_option("--start-month", options->start_month, "Wished start of use (YYYY-MM)")
      ->required();
  command->add_option("--start-day", options->start_day,
                      "Day of that month (YYYY-MM-DD); else its first");
  command->add_option("--set-up-day", options->set_up_day,
                      "Day on which the vendor sets up (YYYY-MM-DD); else five business days "
                      "before the start");
  command->add_option("--done", options->done, "Steps that are done, by their words")
      ->delimiter(',');
  AddTodayOption(*command, options->today);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options] { Plan(*options); });
}

}  // namespace kakunin
