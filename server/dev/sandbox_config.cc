#include "server/dev/sandbox_config.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/dev/service_certificates.h"

namespace kakunin::dev {
namespace {

bool IsFree(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return false;
  const int reuse = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool is_free = bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(listener);
  return is_free;
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

absl::StatusOr<SandboxPorts> FreePorts(int first) {
  constexpr int kPorts = 6;
  for (int base = first; base < first + 1000; base += 10) {
    bool all_free = true;
    for (int port = base; port < base + kPorts; ++port) all_free = all_free && IsFree(port);
    if (all_free) return SandboxPorts{base, base + 1, base + 2, base + 3, base + 4, base + 5};
  }
  return absl::UnavailableError(fmt::format("no six free ports from {} on", first));
}

std::string SandboxConfig(const SandboxPaths& paths, const SandboxPorts& ports,
                          const std::string& socket_folder) {
  std::string text = fmt::format(R"(# Written by `kakunin dev up` at every start.

[environment]
kind = "sandbox"
clock_offset_file = "{}"

[database]
host = "{}"

)",
                                 paths.clock_offset().filename().string(), socket_folder);
  text += Listener("terminal", ports.terminal, "terminal");
  text += Listener("insurer", ports.insurer, "insurer");
  text += Listener("operator", ports.operators, "operator");
  text += fmt::format(R"([onboarding]
address = "127.0.0.1:{}"
server_certificate = "tls/server.pem"
server_key = "tls/server.key"

[terminal_certificates]
ca = "tls/terminal-ca.pem"
trust_domain = "{}"

)",
                      ports.onboarding, kTrustDomain);
  text += fmt::format(R"([web]
address = "127.0.0.1:{0}"
certificate = "tls/server.pem"
key = "tls/server.key"
public_url = "https://localhost:{0}"
sandbox_cards = "jpki/cards"

)",
                      ports.web);
  text += fmt::format(R"([admin]
address = "127.0.0.1:{}"

[jobs]

[keys]
individual_number = "secrets/individual-number"
lookup = "secrets/lookup"
audit = "secrets/audit"
handle = "secrets/handle"
abnormal_times = "secrets/abnormal-times"

[cards]
trust_directory = "jpki/trust"
crl_directory = "jpki/crl"
policies = ["1.2.392.200149.8.5.1.3.30"]
crl_reload_every = "5s"
resident_registry = "jpki/residents.csv"

[feeds]
resident_identities = "nation/resident_identities.csv"

# Tests ask more often than a terminal.
[admission]
calls_per_certificate = 0

[contact]
number = "0120-000-000"
have_ready = "医療機関コード、端末番号、照会番号"
)",
                      ports.admin);
  return text;
}

}  // namespace kakunin::dev
