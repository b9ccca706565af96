#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>

#include "domain/subsidy.h"
#include "server/commands/commands.h"
#include "server/commands/joining_options.h"
#include "server/commands/subsidy_table.h"

namespace kakunin {
namespace {

struct SubsidyOptions {
  SubsidyFacts facts;
  std::string reader_applied;
  std::string subsidy_applied;
  std::string ground;
  bool without_tax = false;
  bool json = false;
};

constexpr const char* kExamples =
    "The amount follows the dated schedules; `kakunin subsidy schedules` shows them. Where the\n"
    "source documents state no rule the answer names it and gives no amount, or a range.\n"
    "Exit codes: 0 answered, 1 something needed was not given.\n"
    "Examples:\n"
    "  kakunin subsidy calculate --type hospital --readers 2 --reader-applied 2021-04-01 \\\n"
    "    --cost 2500000\n"
    "  kakunin subsidy calculate --type pharmacy --group-prescriptions 45000 --readers 1 \\\n"
    "    --reader-applied 2021-03-31 --cost 500000 --json\n"
    "  kakunin subsidy calculate --for online-care --type clinic --cost 130000\n"
    "  kakunin subsidy calculate --for restricted-type --ground measure-4 \\\n"
    "    --subsidy-applied 2025-01-20 --cost 42000\n";

void Calculate(SubsidyOptions options) {
  SubsidyFacts& facts = options.facts;
  facts.reader_applied = DayOfOption("--reader-applied", options.reader_applied);
  facts.subsidy_applied = DayOfOption("--subsidy-applied", options.subsidy_applied);
  if (!options.ground.empty()) facts.ground = GroundOption("--ground", options.ground);
  facts.cost_includes_tax = !options.without_tax;
  const SubsidyAnswer answer = CalculateSubsidy(facts);
  if (options.json) {
    fmt::print("{}\n", SubsidyAnswerJson(facts, answer));
  } else {
    fmt::print("{}", SubsidyAnswerTable(facts, answer));
  }
  for (const SubsidyGap gap : answer.gaps) {
    if (KindOf(gap) == SubsidyGapKind::kFactMissing) throw CLI::RuntimeError(1);
  }
}

void AddCalculate(CLI::App& subsidy) {
  CLI::App* command =
      subsidy.add_subcommand("calculate", "Calculate a subsidy and show the working");
  command->footer(kExamples);
  const auto options = std::make_shared<SubsidyOptions>();
  SubsidyFacts& facts = options->facts;
  static const std::map<std::string, SubsidyMeasure> measures = {
      {"outpatient", SubsidyMeasure::kOutpatientSystem},
      {"online-care", SubsidyMeasure::kOnlineCare},
      {"home-visits", SubsidyMeasure::kHomeVisits},
      {"restricted-type", SubsidyMeasure::kRestrictedType}};
  static const std::map<std::string, FacilityType> types = {
      {"hospital", FacilityType::kHospital},
      {"clinic", FacilityType::kClinic},
      {"dental", FacilityType::kDental},
      {"pharmacy", FacilityType::kPharmacy},
      {"home-nursing", FacilityType::kHomeNursing}};
  command
      ->add_option("--for", facts.measure,
                   "What is subsidised: outpatient, online-care, home-visits, restricted-type")
      ->transform(CLI::CheckedTransformer(measures))
      ->option_text("WORD [outpatient]");
  command
      ->add_option("--type", facts.facility_type,
                   "Kind of facility: hospital, clinic, dental, pharmacy, home-nursing")
      ->transform(CLI::CheckedTransformer(types))
      ->option_text("WORD [clinic]");
  command->add_option("--cost", facts.cost_yen,
                      "Cost of the project in yen with tax, card readers apart");
  command->add_option("--group-prescriptions", facts.group_prescriptions,
                      "Prescriptions a month of a pharmacy's whole group");
  command->add_option("--readers", facts.readers, "Card readers got free of charge; 0: none");
  command->add_option("--reader-applied", options->reader_applied,
                      "Day on which they were applied for (YYYY-MM-DD)");
  command->add_option("--subsidy-applied", options->subsidy_applied,
                      "Day on which the subsidy is applied for (YYYY-MM-DD)");
  command->add_option(
      "--ground", options->ground,
      "Restricted type: its ground, such as measure-4 (kakunin restricted grounds)");
  command->add_flag("--cost-without-tax", options->without_tax, "The cost is without tax");
  command->add_flag("--with-public-pages", facts.with_public_pages,
                    "Take rules of public pages too, which no source document states");
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options] { Calculate(*options); });
}

}  // namespace

void AddSubsidyCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("subsidy", "Subsidies for joining: what is paid, by which rule");
  command->require_subcommand(1);
  command->footer(
      "Works without a server.\n"
      "Examples:\n"
      "  kakunin subsidy calculate --help\n"
      "  kakunin subsidy schedules\n");
  AddCalculate(*command);
  CLI::App* schedules =
      command->add_subcommand("schedules", "Show the dated schedules with their caps");
  const auto json = std::make_shared<bool>(false);
  schedules->add_flag("--json", *json, "Print JSON");
  schedules->footer("Example:\n  kakunin subsidy schedules --json\n");
  schedules->callback([json] {
    if (*json) {
      fmt::print("{}\n", SubsidySchedulesJson());
    } else {
      fmt::print("{}", SubsidySchedulesTable());
    }
  });
}

}  // namespace kakunin
