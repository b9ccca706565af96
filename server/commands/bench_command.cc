#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "server/bench/bench_report.h"
#include "server/bench/bench_run.h"
#include "server/bench/load_client.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"

namespace kakunin {
namespace {

constexpr char kCommand[] = "bench";

constexpr char kExamples[] =
    "CPU microseconds a request are the kernel's count, of the server's process and of the whole\n"
    "PostgreSQL cluster; the clients are another process. Everything lies in --dir and is used\n"
    "again by the next run. docs/performance.md says how to read the table.\n"
    "Examples:\n"
    "  kakunin bench                              everything but cards, over 1,000,000 persons\n"
    "  kakunin bench --card --json > bench.json   all of these, one JSON object a line\n"
    "  kakunin bench --records --json             drug histories, examinations, the desk beside\n"
    "  kakunin bench --feed --runs 1              a first delivery, the same again, the desk "
    "beside\n"
    "  kakunin bench --bulk --runs 1              a list of a million rows, the desk beside it\n"
    "  kakunin bench --case number --runs 3       one case\n";

struct CommandOptions {
  bench::BenchOptions bench;
  bool card = false;
  bool records = false;
  bool feed = false;
  bool bulk = false;
  bool json = false;
};

void Bench(const CommandOptions& command) {
  bench::BenchOptions options = command.bench;
  if (options.cases.empty()) {
    options.cases = command.records ? bench::RecordCaseNames()
                    : command.feed  ? bench::FeedCaseNames()
                    : command.bulk  ? bench::BulkCaseNames()
                    : command.card  ? bench::CardCaseNames()
                                    : bench::DefaultCaseNames();
  }
  const auto measures = [&](const char* name) {
    return std::find(options.cases.begin(), options.cases.end(), name) != options.cases.end();
  };
  const bool reload = measures("number_reload");
  const bool cards = reload || measures("card");
  if (reload) options.installation.crl_reload_every = "1s";
  if (!cards) options.installation.crl_serials = 0;
  const auto say = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  const auto results = OrFail(kCommand, bench::RunBench(options, say));
  const std::string cpu = bench::ProcessorName();
  if (!command.json) fmt::print("\n{}\n", bench::TableHead());
  bool errors = false;
  for (const bench::CaseResult& result : results) {
    fmt::print("{}\n", command.json ? bench::Json(result, cpu) : bench::TableLine(result));
    errors = errors || bench::Summarise(result).median.errors > 0;
  }
  if (errors) FailCommand(kCommand, absl::InternalError("not every call was answered rightly"));
}

void AddCases(CLI::App& command, CommandOptions& options) {
  command
      .add_option("--case", options.bench.cases,
                  "Measure this case (repeatable): " +
                      fmt::format("{}", fmt::join(bench::CaseNames(), ", ")))
      ->check(CLI::IsMember(bench::CaseNames()));
  command.add_flag("--card", options.card, "With the card case, which takes a minute more");
  command.add_flag(
      "--records", options.records,
      "The cases that read medical records instead, over 20,000 persons who have some");
  command.add_flag("--feed", options.feed,
                   "The cases that deliver feeds instead: requests are rows; made anew every time");
  command.add_option("--rows", options.bench.feed_rows, "Rows of each feed of those")
      ->check(CLI::Range(1000, 1'000'000))
      ->capture_default_str();
  command.add_flag("--bulk", options.bulk, "A list of patients instead, and the desk beside it");
  command.add_option("--list-rows", options.bench.bulk_rows, "Rows of each list")
      ->check(CLI::Range(1000, 1'000'000))
      ->capture_default_str();
  command.add_option("--runs", options.bench.runs, "Runs of each case, whose median counts")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  bench::LoadPlan& plan = options.bench.plan;
  command.add_option("--seconds", plan.seconds, "Measured seconds of a run")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  command.add_option("--streams", plan.streams, "Calls under way at once")
      ->check(CLI::Range(1, 512))
      ->capture_default_str();
  command.add_option("--channels", plan.channels, "Connections")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command.add_option("--rate", plan.rate, "Calls a second of number_open_loop")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command.add_option("--connections", plan.connections, "Connections of the case of that name")
      ->check(CLI::Range(1, 20'000))
      ->capture_default_str();
  command.add_option("--cards", plan.cards, "Calls in a run of the card case")
      ->check(CLI::Range(1000, 200'000))
      ->capture_default_str();
}

}  // namespace

void AddBenchCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("bench", "Measure what a request costs on this machine");
  const auto options = std::make_shared<CommandOptions>();
  bench::InstallationOptions& installation = options->bench.installation;
  installation.directory = "var/bench";
  installation.postgres_script = "deploy/postgres-private";
  installation.crl_serials = 1'000'000;
  AddCases(*command, *options);
  command->add_option("--persons", installation.persons, "Persons of the synthetic nation")
      ->check(CLI::Range(1000, 10'000'000))
      ->capture_default_str();
  command->add_option("--dir", installation.directory, "Where everything of it lies")
      ->capture_default_str();
  command->add_option("--cluster", installation.cluster,
                      "Where PostgreSQL's files lie (default: DIR/pg)");
  command
      ->add_option("--postgres-script", installation.postgres_script,
                   "deploy/postgres-private of this repository")
      ->check(CLI::ExistingFile)
      ->capture_default_str();
  command->add_option("--lanes", installation.lanes, "Lanes of the server")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  command
      ->add_option("--crl-serials", installation.crl_serials,
                   "Serials of the longest CRL when cards are measured")
      ->capture_default_str();
  command->add_option("--shared-buffers", installation.shared_buffers, "Of PostgreSQL")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON object a case, each on a line");
  command->footer(kExamples);
  command->callback([options] { Bench(*options); });

  // The clients' process; started by the bench alone.
  CLI::App* load = app.add_subcommand("bench-load", "")->group("");
  const auto arguments = std::make_shared<std::vector<std::string>>();
  load->add_option("plan", *arguments)->required();
  load->callback([arguments] {
    const auto plan = OrFail(kCommand, bench::PlanFromArguments(*arguments));
    fmt::print("{}", bench::ToText(OrFail(kCommand, bench::RunLoad(plan))));
  });
}

}  // namespace kakunin
