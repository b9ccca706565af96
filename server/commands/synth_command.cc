#include "server/commands/synth_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/time/civil_time.h"
#include "domain/civil_day.h"
#include "server/clock.h"
#include "server/synth/nation_files.h"
#include "server/synth/nation_index.h"
#include "server/synth/test_persons.h"

namespace kakunin {
namespace {

struct SynthOptions {
  synth::NationOptions nation;
  int64_t records_for = 1000;
  std::string today;  // empty: the day it runs
  std::string out;
  bool json = false;
  bool print_test_persons = false;
};

constexpr const char* kExamples =
    "Examples:\n"
    "  kakunin synth --out nation                       10,000 persons as of today\n"
    "  kakunin synth --out nation --persons 1000000     a nation for the bench\n"
    "  kakunin synth --out nation --seed 7 --today 2026-11-21   the same files every time\n"
    "  kakunin synth --print-test-persons > docs/test_persons.md\n";

void ShowProgress(int64_t done, int64_t total) {
  fmt::print(stderr, "\rsynth: {} of {} persons", done, total);
  std::fflush(stderr);
}

void WriteNation(SynthOptions options) {
  options.nation.today = CivilDayAt(SystemClock().Now());
  if (!options.today.empty() && !absl::ParseCivilTime(options.today, &options.nation.today)) {
    throw CLI::ValidationError("--today", "not a day: YYYY-MM-DD");
  }
  options.nation.records_for = std::min(options.records_for, options.nation.persons);
  if (const absl::Status status = synth::CheckOptions(options.nation); !status.ok()) {
    throw CLI::ValidationError("synth", std::string(status.message()));
  }
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const auto summary =
      synth::WriteNation(options.out, options.nation,
                         terminal ? ShowProgress : std::function<void(int64_t, int64_t)>());
  if (terminal) fmt::print(stderr, "\n");
  if (!summary.ok()) {
    fmt::print(stderr, "synth: {}\n", std::string(summary.status().message()));
    throw CLI::RuntimeError(1);
  }
  if (options.json) {
    fmt::print("{}", synth::NationJson(*summary));
    return;
  }
  fmt::print(
      "{}: {} persons as of {}, seed {}\n{} insurers, {} rows, {} cards, {} linked\n"
      "records of {} persons: {} receipts, {} check-ups\n",
      options.out, options.nation.persons, std::string(absl::FormatCivilTime(options.nation.today)),
      options.nation.seed, summary->insurers, summary->rows, summary->cards, summary->card_links,
      options.nation.records_for, summary->receipts, summary->health_checks);
}

}  // namespace

void AddSynthCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("synth", "Make a synthetic nation (invented people only)");
  const auto options = std::make_shared<SynthOptions>();
  command->add_option("--persons", options->nation.persons, "How many random persons")
      ->capture_default_str();
  command
      ->add_option("--records-for", options->records_for,
                   "How many of them have receipts and check-ups (at most all)")
      ->capture_default_str();
  command->add_option("--seed", options->nation.seed, "Same seed and day: same files")
      ->capture_default_str();
  command->add_option("--today", options->today, "Day that all dates are relative to (YYYY-MM-DD)")
      ->default_str("the day it runs, JST");
  CLI::Option* out = command->add_option("--out", options->out, "Directory to write");
  command->add_flag("--json", options->json, "Print the summary as JSON");
  CLI::Option* print = command->add_flag("--print-test-persons", options->print_test_persons,
                                         "Print docs/test_persons.md and write nothing");
  print->excludes(out);
  command->footer(kExamples);
  command->callback([options] {
    if (options->print_test_persons) {
      fmt::print("{}", synth::TestPersonsDocument());
      return;
    }
    if (options->out.empty()) throw CLI::RequiredError("--out");
    WriteNation(*options);
  });
}

}  // namespace kakunin
