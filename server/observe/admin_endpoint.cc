#include "server/observe/admin_endpoint.h"

#include <fmt/format.h>
#include <httplib.h>

#include <thread>
#include <utility>

namespace kakunin {
namespace {

constexpr char kPlain[] = "text/plain; charset=utf-8";
// A connection that says nothing holds a thread for the patience, httplib's shortest. So many
// threads answer beside as many silent connections within it; they sleep otherwise.
constexpr size_t kThreads = 16;
constexpr time_t kPatienceSeconds = 1;

}  // namespace

struct AdminEndpoint::Inside {
  std::vector<ReadinessCheck> checks;
  std::function<std::string()> metrics;
  httplib::Server server;
  std::thread thread;
};

AdminEndpoint::AdminEndpoint(std::vector<ReadinessCheck> checks,
                             std::function<std::string()> metrics)
    : inside_(std::make_unique<Inside>()) {
  inside_->checks = std::move(checks);
  inside_->metrics = std::move(metrics);
  httplib::Server& server = inside_->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_read_timeout(kPatienceSeconds);
  server.set_write_timeout(kPatienceSeconds);
  // The wait for a connection's first octet is the keep-alive's, also where nothing is kept alive:
  // a connection that were would shut others out.
  server.set_keep_alive_timeout(kPatienceSeconds);
  server.set_keep_alive_max_count(1);
  server.set_payload_max_length(0);
  // Its default, SO_REUSEPORT, would let a second server take half of the questions unnoticed.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  server.Get("/livez", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("alive\n", kPlain);
  });
  server.Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
    const Readiness readiness = AskReadiness(inside_->checks);
    response.status = readiness.ready ? 200 : 503;
    response.set_content(readiness.text, kPlain);
  });
  server.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
    response.set_content(inside_->metrics(), "text/plain; version=0.0.4; charset=utf-8");
  });
}

AdminEndpoint::~AdminEndpoint() { Stop(); }

absl::StatusOr<int> AdminEndpoint::Start(const std::string& host, int port) {
  if (host != "127.0.0.1" && host != "::1" && host != "[::1]" && host != "localhost") {
    return absl::FailedPreconditionError(
        fmt::format("the admin port may listen on a loopback address only, not on {}: correct "
                    "address in [admin]",
                    host));
  }
  const std::string name = host == "[::1]" ? "::1" : host;
  httplib::Server& server = inside_->server;
  const int bound = port == 0                         ? server.bind_to_any_port(name)
                    : server.bind_to_port(name, port) ? port
                                                      : -1;
  if (bound <= 0) {
    return absl::FailedPreconditionError(
        fmt::format("cannot listen on {}:{}: another process has it; choose another address in "
                    "[admin]",
                    host, port));
  }
  inside_->thread = std::thread([this] { inside_->server.listen_after_bind(); });
  // Without this a Stop that comes first would be overlooked.
  while (!server.is_running()) std::this_thread::yield();
  return bound;
}

void AdminEndpoint::Stop() {
  inside_->server.stop();
  if (inside_->thread.joinable()) inside_->thread.join();
}

}  // namespace kakunin
