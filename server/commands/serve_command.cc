#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/config/config.h"
#include "server/exit_bound.h"
#include "server/self_probe.h"
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

// What a supervisor sees of a process that ended itself because a port was deaf (EX_SOFTWARE).
constexpr int kDeafExit = 70;
// And of one that refused a database which lost what was acknowledged.
constexpr int kOlderDatabaseExit = 72;

// From the signal on; 10 s are promised.
constexpr std::chrono::milliseconds kExitBound{9500};

// Not the patients' page: the desk, which shares the process, must go on without it.
std::vector<SelfProbe::Port> PortsOf(const Config& config, const Installation& installation) {
  std::vector<SelfProbe::Port> ports;
  const auto add = [&](const char* name, const auto& listener, int number) {
    if (listener) ports.push_back({name, listener->address, number});
  };
  add("terminal", config.terminal, installation.terminal_port());
  add("insurer", config.insurer, installation.insurer_port());
  add("operator", config.operator_, installation.operator_port());
  if (config.onboarding) {
    ports.push_back(
        {"onboarding", config.onboarding->listener.address, installation.onboarding_port()});
  }
  return ports;
}

// Nothing that was acknowledged is lost by an end at any point, and nothing else makes gRPC listen
// again.
void EndDeaf(const std::string& port) {
  spdlog::critical(
      "the {} port takes no connections any more, though the process lives: it ends so"
      " that another one is started; raise LimitNOFILE if descriptors ran out",
      port);
  spdlog::default_logger()->flush();
  std::_Exit(kDeafExit);
}

void Serve(const ServeOptions& options) {
  const sigset_t signals = BlockEndSignals();
  const Config config = OrFail("serve", LoadConfig(options.config));
  auto started = Installation::Start(config);
  if (absl::IsDataLoss(started.status())) {
    FailCommand("serve", started.status(), kOlderDatabaseExit);
  }
  std::optional<ExitBound> bound;  // outlives the installation, whose threads are joined
  const auto installation = OrFail("serve", std::move(started));
  if (options.json) {
    fmt::print("{}\n", JsonObject()
                           .Number("terminal_port", installation->terminal_port())
                           .Number("insurer_port", installation->insurer_port())
                           .Number("operator_port", installation->operator_port())
                           .Number("onboarding_port", installation->onboarding_port())
                           .Number("admin_port", installation->admin_port())
                           .ToString());
    std::fflush(stdout);
  }
  {
    const SelfProbe probe(PortsOf(config, *installation), &EndDeaf);
    int signal = 0;
    sigwait(&signals, &signal);
  }
  bound.emplace(kExitBound);
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
      "Exit 72: the database lacks audit rows that this server last saw ([audit] last_seen_head):\n"
      "kakunin audit accept-older-database --help.\n"
      "Exit 70: a port of its own took no connections any more; start it again (systemd does).\n"
      "Example:\n"
      "  kakunin serve --config /etc/kakunin/kakunin.toml\n");
  command->callback([options] { Serve(*options); });
}

}  // namespace kakunin
