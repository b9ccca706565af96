#include "server/bench/bench_config.h"

#include <fmt/format.h>

namespace kakunin::bench {
namespace {

std::string Begin(const dev::SandboxPorts& ports, const std::string& socket_folder,
                  std::string_view kind = "staging") {
  return fmt::format(R"(# Written by `kakunin bench` at every start.

[environment]
kind = "{}"

[database]
host = "{}"

[admin]
address = "127.0.0.1:{}"

[keys]
individual_number = "secrets/individual-number"
lookup = "secrets/lookup"
audit = "secrets/audit"
handle = "secrets/handle"

)",
                     kind, socket_folder, ports.admin);
}

std::string Listener(std::string_view name, int port, std::string_view client_ca) {
  return fmt::format(R"([{}]
address = "127.0.0.1:{}"
server_certificate = "tls/server.pem"
server_key = "tls/server.key"
client_ca = "tls/{}-ca.pem"
)",
                     name, port, client_ca);
}

}  // namespace

std::string LoadingConfig(const dev::SandboxPorts& ports, const std::string& socket_folder) {
  // The nation is loaded as it was made: what is measured is told with a register (FeedConfig).
  return Begin(ports, socket_folder, "sandbox") + Listener("insurer", ports.insurer, "insurer") +
         Listener("operator", ports.operators, "operator") + "\n[feeds]\nwithout_register = true\n";
}

std::string MeasuredConfig(const dev::SandboxPorts& ports, const std::string& socket_folder,
                           int lanes, const std::string& crl_reload_every, int calls_per_second) {
  return Begin(ports, socket_folder) + Listener("terminal", ports.terminal, "terminal") +
         fmt::format(R"(lanes = {}

[cards]
trust_directory = "jpki/trust"
crl_directory = "jpki/crl"
policies = ["1.2.392.200149.8.5.1.3.30"]
crl_reload_every = "{}"

[contact]
number = "0120-000-000"
have_ready = "医療機関コード、端末番号、照会番号"

[guessing]
no_match_per_terminal = 1000000
no_match_per_facility = 1000000
persons_per_terminal = 1000000
persons_per_facility = 1000000

[admission]
calls_per_second = {}
calls_per_certificate = 0

[log]
ok_calls_one_in = 1000
)",
                     lanes, crl_reload_every, calls_per_second);
}

std::string FeedConfig(const dev::SandboxPorts& ports, const std::string& socket_folder, int lanes,
                       const std::string& residents) {
  return MeasuredConfig(ports, socket_folder, lanes, "1m", 0) + "\n" +
         Listener("insurer", ports.insurer, "insurer") +
         Listener("operator", ports.operators, "operator") +
         fmt::format("\n[feeds]\nresident_identities = \"{}\"\n", residents);
}

}  // namespace kakunin::bench
