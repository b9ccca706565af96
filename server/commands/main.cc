#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/synchronization/mutex.h"
#include "server/commands/commands.h"

namespace {

constexpr char kExamples[] =
    "Exit codes: 0 done, 1 failed, 2 wrong usage.\n"
    "Examples:\n"
    "  kakunin config example > kakunin.toml     begin an installation\n"
    "  kakunin migrate up --config kakunin.toml  lay down or move on its schema\n"
    "  kakunin call --help                       ask a server as a terminal does\n"
    "  kakunin SUBCOMMAND --help                 what a subcommand takes, with examples\n";

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

// TellUnknownWord names the word that is no subcommand, before CLI11's "a subcommand is required".
void TellUnknownWord(const CLI::App& app, const CLI::ParseError& usage) {
  if (usage.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError)) return;
  const CLI::App* deepest = &app;
  while (!deepest->get_subcommands().empty()) deepest = deepest->get_subcommands().front();
  const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
  if (unknown.empty() || deepest->get_require_subcommand_min() == 0) return;
  fmt::print(stderr, "\"{}\" is no subcommand of {}\n", unknown.front(), deepest->get_name());
}

int Run(int argc, char** argv) {
  CLI::App app("kakunin (確認): central online eligibility confirmation", "kakunin");
  app.require_subcommand(1);
  app.footer(kExamples);
  kakunin::AddAccountCommand(app);
  kakunin::AddAppCommand(app);
  kakunin::AddApplicationCommand(app);
  kakunin::AddAuditCommand(app);
  kakunin::AddBackupCommand(app);
  kakunin::AddBenchCommand(app);
  kakunin::AddCaCommand(app);
  kakunin::AddCallCommand(app);
  kakunin::AddConfigCommand(app);
  kakunin::AddDevCommand(app);
  kakunin::AddExplainCommand(app);
  kakunin::AddDisasterCommand(app);
  kakunin::AddFacilityCommand(app);
  kakunin::AddOnboardingCommand(app);
  kakunin::AddFeedCommand(app);
  kakunin::AddInsurerCommand(app);
  kakunin::AddMigrateCommand(app);
  kakunin::AddPersonCommand(app);
  kakunin::AddPlanCommand(app);
  kakunin::AddProtectionCommand(app);
  kakunin::AddRestoreCommand(app);
  kakunin::AddRestrictedCommand(app);
  kakunin::AddRetentionCommand(app);
  kakunin::AddReviewerCommand(app);
  kakunin::AddLinkProviderCommand(app);
  kakunin::AddServeCommand(app);
  kakunin::AddSubsidyCommand(app);
  kakunin::AddSynthCommand(app);
  kakunin::AddTerminalCommand(app);
  kakunin::AddVerifyChainCommand(app);
  kakunin::AddVersionCommand(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RuntimeError& failed) {
    return failed.get_exit_code();
  } catch (const CLI::ParseError& usage) {
    TellUnknownWord(app, usage);
    // --help is a ParseError whose code is 0.
    return app.exit(usage) == 0 ? 0 : kWrongUsage;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  // Debian's Abseil is built with its debug checks, and gRPC locks through it: following the order
  // of locks costs a tenth of a request's CPU (docs/performance.md).
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  try {
    return Run(argc, argv);
  } catch (const std::exception&) {
    // The text of a foreign exception may hold what a log must not.
    std::fputs("kakunin: an unexpected failure; look at the log and report it\n", stderr);
    return kFailed;
  }
}
