#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <memory>
#include <string>

#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/config/config.h"
#include "server/serve.h"

namespace kakunin {
namespace {

struct ServeOptions {
  std::string config;
  bool json = false;
};

// Blocked before any thread starts, so that all threads inherit it and only sigwait() sees the
// signal.
sigset_t BlockEndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void Serve(const ServeOptions& options) {
  const sigset_t signals = BlockEndSignals();
  const Config config = OrFail("serve", LoadConfig(options.config));
  const auto installation = OrFail("serve", Installation::Start(config));
  if (options.json) {
    fmt::print("{}\n", JsonObject()
                           .Number("terminal_port", installation->terminal_port())
                           .Number("insurer_port", installation->insurer_port())
                           .Number("operator_port", installation->operator_port())
                           .Number("admin_port", installation->admin_port())
                           .ToString());
    std::fflush(stdout);
  }
  int signal = 0;
  sigwait(&signals, &signal);
  installation->Shutdown();
}

}  // namespace

void AddServeCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("serve", "Serve what a configuration lists, until SIGTERM or Ctrl-C");
  const auto options = std::make_shared<ServeOptions>();
  command->add_option("--config", options->config, "Configuration file (TOML)")->required();
  command->add_flag("--json", options->json, "Print the ports that were bound as one JSON object");
  command->footer(
      "SIGTERM: health says NOT_SERVING, new calls are refused, running ones finish, exit within "
      "10 s.\n"
      "Example:\n"
      "  kakunin serve --config /etc/kakunin/kakunin.toml\n");
  command->callback([options] { Serve(*options); });
}

}  // namespace kakunin
