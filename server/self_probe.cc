#include "server/self_probe.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

namespace kakunin {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// The host of "host:port" and "[host]:port".
std::string HostOf(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return host;
}

// Whether somebody takes a connection to `address`. That it is made proves nothing: the kernel
// makes it, and keeps it for whoever accepts. Only who accepted sees that we said nothing and went,
// and goes too. A process without descriptors cannot even ask, and is as deaf.
bool Hears(const addrinfo& address) {
  const int peer = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (peer < 0) return false;
  const bool asked =
      connect(peer, address.ai_addr, address.ai_addrlen) == 0 || errno == EINPROGRESS;
  pollfd waiting{peer, POLLOUT, 0};
  constexpr int kMillis = std::chrono::milliseconds(SelfProbe::kPatience).count();
  bool hears = asked && poll(&waiting, 1, kMillis) == 1 && shutdown(peer, SHUT_WR) == 0;
  if (hears) {
    waiting.events = POLLIN;
    hears = poll(&waiting, 1, kMillis) == 1;
  }
  close(peer);
  return hears;
}

bool Hears(const SelfProbe::Port& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(HostOf(port.address).c_str(), std::to_string(port.number).c_str(), &hints,
                  &found) != 0) {
    return false;
  }
  const Addresses addresses(found, &freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    if (Hears(*address)) return true;
  }
  return false;
}

}  // namespace

SelfProbe::SelfProbe(std::vector<Port> ports, std::function<void(const std::string&)> deaf,
                     std::chrono::nanoseconds every)
    : ports_(ProbedOf(std::move(ports))),
      deaf_(std::move(deaf)),
      rounds_(every, [this] { Round(); }) {}

std::vector<SelfProbe::Probed> SelfProbe::ProbedOf(std::vector<Port> ports) {
  std::vector<Probed> probed;
  probed.reserve(ports.size());
  for (Port& port : ports) probed.push_back({std::move(port)});
  return probed;
}

void SelfProbe::Round() {
  for (Probed& probed : ports_) {
    probed.misses = Hears(probed.port) ? 0 : probed.misses + 1;
    if (probed.misses >= kMisses) deaf_(probed.port.name);
  }
}

}  // namespace kakunin
