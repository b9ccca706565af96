#include "server/commands/dev_up_command.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "server/commands/command_output.h"
#include "server/dev/demonstration.h"
#include "server/dev/sandbox.h"

namespace kakunin {
namespace {

constexpr char kCommand[] = "dev up";

constexpr char kExamples[] =
    "Everything lies in one directory and is used again by the next run; remove the directory to\n"
    "begin anew. Ctrl-C stops the server and PostgreSQL.\n"
    "Examples:\n"
    "  kakunin dev up --persons 500 --exit\n"
    "  deploy/demo                        builds, then runs this for 10,000 persons\n"
    "  deploy/demo --persons 500 --exit   brings it up, shows it, stops it\n";

struct UpOptions {
  dev::SandboxOptions sandbox;
  bool exit = false;
};

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  return signals;
}

// Interruption remembers a Ctrl-C: the signals are blocked, so that one arrives when we look for it
// and what was started is always stopped.
class Interruption {
 public:
  Interruption() : signals_(EndSignals()) { pthread_sigmask(SIG_BLOCK, &signals_, nullptr); }

  // Within waits at most `seconds` and tells whether one has come.
  bool Within(int seconds) {
    const timespec patience{seconds, 0};
    if (!came_) came_ = sigtimedwait(&signals_, nullptr, &patience) > 0;
    return came_;
  }

 private:
  sigset_t signals_;
  bool came_ = false;
};

// ProgressLine overwrites itself; nothing is written when standard error is no terminal.
void ProgressLine(const std::string& what, int64_t done, int64_t total) {
  if (isatty(STDERR_FILENO) == 0) return;
  fmt::print(stderr, "\r  {}: {} of {} ", what, done, total);
  if (done == total) fmt::print(stderr, "\n");
  std::fflush(stderr);
}

void Up(const UpOptions& options) {
  Interruption interruption;
  dev::Sandbox sandbox(options.sandbox,
                       {.say = [](const std::string& line) { fmt::print(stderr, "{}\n", line); },
                        .progress = &ProgressLine,
                        .interrupted = [&] { return interruption.Within(0); }});
  absl::Status status = sandbox.Up();
  if (status.ok()) status = dev::Demonstrate(sandbox);
  if (status.ok() && !options.exit) {
    fmt::print("\n起動しています。Ctrl-C で停止します。(up; Ctrl-C stops everything)\n");
    std::fflush(stdout);
  }
  while (status.ok() && !options.exit && !interruption.Within(1)) status = sandbox.Tend();
  sandbox.Down();
  if (absl::IsCancelled(status)) throw CLI::RuntimeError(130);
  OrFail(kCommand, status);
}

}  // namespace

void AddDevUpCommand(CLI::App& dev) {
  CLI::App* command = dev.add_subcommand("up", "Bring a whole sandbox up and show it");
  const auto options = std::make_shared<UpOptions>();
  command->add_option("--dir", options->sandbox.directory, "Where everything of it lies")
      ->required();
  command
      ->add_option("--postgres-script", options->sandbox.postgres_script,
                   "deploy/postgres-private of this repository")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--cluster", options->sandbox.cluster,
                      "Where PostgreSQL's files lie (default: DIR/pg)");
  command->add_option("--persons", options->sandbox.persons, "Random persons of the nation")
      ->capture_default_str();
  command
      ->add_option("--records-for", options->sandbox.records_for,
                   "How many of them have receipts and check-ups")
      ->capture_default_str();
  command->add_option("--seed", options->sandbox.seed, "Seed of the nation")->capture_default_str();
  command
      ->add_option("--first-port", options->sandbox.first_port,
                   "First of five loopback ports; the next free ones are taken")
      ->check(CLI::Range(1024, 60000))
      ->capture_default_str();
  command->add_flag("--exit", options->exit, "Stop after showing it");
  command->footer(kExamples);
  command->callback([options] { Up(*options); });
}

}  // namespace kakunin
