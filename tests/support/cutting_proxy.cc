#include "tests/support/cutting_proxy.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace kakunin {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

void NoDelay(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool WriteAll(int socket, const char* octets, int64_t count) {
  while (count > 0) {
    const ssize_t written = send(socket, octets, static_cast<size_t>(count), MSG_NOSIGNAL);
    if (written <= 0) return false;
    octets += written;
    count -= written;
  }
  return true;
}

}  // namespace

CuttingProxy::CuttingProxy(int target_port) : target_port_(target_port) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0 || bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 16) != 0 || pipe(stop_) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the proxy did not start");
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { Accept(); });
}

CuttingProxy::~CuttingProxy() {
  close(stop_[1]);
  accepting_.join();
  for (std::thread& connection : connections_) connection.join();
  close(stop_[0]);
  close(listener_);
}

void CuttingProxy::CutAfter(Way way, int64_t octets) {
  const std::lock_guard lock(mutex_);
  left_[0] = left_[1] = -1;
  left_[static_cast<size_t>(way)] = octets;
}

bool CuttingProxy::armed() const {
  const std::lock_guard lock(mutex_);
  return left_[0] >= 0 || left_[1] >= 0;
}

int64_t CuttingProxy::passed(Way way) const {
  const std::lock_guard lock(mutex_);
  return passed_[static_cast<size_t>(way)];
}

int CuttingProxy::cuts() const {
  const std::lock_guard lock(mutex_);
  return cuts_;
}

void CuttingProxy::Accept() {
  for (;;) {
    std::array<pollfd, 2> waiting{{{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}}};
    poll(waiting.data(), waiting.size(), -1);
    if (waiting[1].revents != 0) return;
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) continue;
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(target_port_);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      close(client);
      close(server);
      continue;
    }
    NoDelay(client);
    NoDelay(server);
    connections_.emplace_back([this, client, server] { Pass(client, server); });
  }
}

void CuttingProxy::Pass(int client, int server) {
  for (;;) {
    std::array<pollfd, 3> waiting{
        {{client, POLLIN, 0}, {server, POLLIN, 0}, {stop_[0], POLLIN, 0}}};
    poll(waiting.data(), waiting.size(), -1);
    if (waiting[2].revents != 0) break;
    if (waiting[0].revents != 0 && !Forward(client, server, Way::kUp)) break;
    if (waiting[1].revents != 0 && !Forward(server, client, Way::kDown)) break;
  }
  close(client);
  close(server);
}

CuttingProxy::Grant CuttingProxy::Granted(Way way, int64_t count) {
  const std::lock_guard lock(mutex_);
  int64_t& left = left_[static_cast<size_t>(way)];
  // The cut comes with the last octet that may pass, not with the first that may not.
  const bool cut = left >= 0 && left <= count;
  const int64_t granted = cut ? left : count;
  if (cut) {
    left = -1;
    ++cuts_;
  } else if (left >= 0) {
    left -= count;
  }
  passed_[static_cast<size_t>(way)] += granted;
  return {granted, cut};
}

bool CuttingProxy::Forward(int from, int to, Way way) {
  std::array<char, 1 << 14> octets;
  const ssize_t count = recv(from, octets.data(), octets.size(), 0);
  if (count <= 0) return false;
  const Grant grant = Granted(way, count);
  return WriteAll(to, octets.data(), grant.octets) && !grant.cut;
}

}  // namespace kakunin
