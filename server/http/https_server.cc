#include "server/http/https_server.h"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace kakunin {
namespace {

// AtOnce runs what httplib would queue for a thread: to hand a socket on takes no time.
class AtOnce : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> job) override { job(); }
  void shutdown() override {}
};

// Exchange is a request that came and its answer, which is said later.
class Exchange : public httplib::Stream {
 public:
  Exchange(std::string_view request, const std::string& address)
      : unread_(request), address_(address) {}

  bool HasUnread() const { return !unread_.empty(); }
  std::string TakeAnswer() { return std::move(answer_); }

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* octets, size_t most) override {
    const size_t size = unread_.copy(octets, most);
    unread_.remove_prefix(size);
    return static_cast<ssize_t>(size);
  }
  ssize_t write(const char* octets, size_t size) override {
    answer_.append(octets, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = address_;
    port = 0;  // nobody asks
  }
  void get_local_ip_and_port(std::string&, int&) const override {}
  // httplib looks at it for what select() could not wait for, and waits for nothing here.
  socket_t socket() const override { return 0; }

 private:
  std::string_view unread_;
  const std::string& address_;
  std::string answer_;
};

}  // namespace

HttpsServer::HttpsServer(auth::WebTls& tls, const WebConnectionLimits& limits)
    : connections_(tls, limits, [this](const WebRequest& request, const std::string& address) {
        return Answer(request, address);
      }) {
  // What the answers say of it.
  set_keep_alive_timeout(std::chrono::ceil<std::chrono::seconds>(limits.silence).count());
  set_keep_alive_max_count(kMostRequestsOfConnection);
  set_payload_max_length(kMostRequestBody);
  new_task_queue = [] { return new AtOnce(); };
}

void HttpsServer::LengthenBacklog() {
  constexpr int kBacklog = 512;
  ::listen(svr_sock_, kBacklog);
}

bool HttpsServer::process_and_close_socket(socket_t socket) { return connections_.Take(socket); }

WebConnections::Answered HttpsServer::Answer(const WebRequest& request,
                                             const std::string& address) {
  Exchange exchange(request.octets, address);
  bool closed = false;
  const bool answered = process_request(exchange, request.last, closed, nullptr);
  // Behind what httplib did not read nobody knows what the rest is.
  const bool last = !answered || closed || request.last || exchange.HasUnread();
  return {.octets = exchange.TakeAnswer(), .last = last};
}

}  // namespace kakunin
