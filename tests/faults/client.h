#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "server/dev/api_channel.h"
#include "server/rpc/status.h"
#include "tests/faults/installation.h"
#include "tests/faults/ledger.h"

namespace kakunin::faults {

// Surroundings is what every client of a run stands on.
struct Surroundings {
  Installation& installation;
  Ledger& ledger;
  const std::atomic<bool>& stop;
  const std::atomic<int64_t>& went_on_us;  // since 1970: when PostgreSQL last went on
  const std::atomic<int>& clock_jumps;     // how often the servers' clock was moved
  // A call's deadline. Far longer than a server may take to answer that it cannot: one that passes
  // is a fault, unless the test makes it shorter than what it does to the servers.
  absl::Duration bound = absl::Seconds(20);
};

// Client asks, one call after the other. When a server does not answer it goes on at the next one.
// Not thread-safe.
class Client {
 public:
  // `party` is a certificate's name in SandboxPaths.
  Client(const Surroundings& surroundings, std::string party, uint64_t seed)
      : surroundings_(surroundings), party_(std::move(party)), random_(seed), server_(seed) {}
  virtual ~Client() = default;

  // Step does what is next: one call or a few.
  virtual void Step() = 0;

  bool stopped() const { return surroundings_.stop; }

 protected:
  // Connection is made anew after a failure of the transport's, at the next server, at `port` of
  // it.
  const std::shared_ptr<grpc::Channel>& Connection(int dev::SandboxPorts::*port) {
    if (channel_) return channel_;
    const auto& ports = surroundings_.installation.ports(server_++ % Installation::kServers);
    auto opened =
        dev::OpenChannel(surroundings_.installation.sandbox().paths(), party_, ports.*port);
    channel_ = *std::move(opened);
    return channel_;
  }

  // Ask makes one call and tells how it went; whoever calls adds what the answer promises and adds
  // it to the ledger.
  Call Ask(Act act, const std::function<grpc::Status(grpc::ClientContext&)>& method,
           const char* role = "GENERAL", std::optional<absl::Duration> own_bound = {}) {
    const absl::Duration bound = own_bound.value_or(surroundings_.bound);
    grpc::ClientContext context;
    dev::PrepareCall(context, bound);
    if (role != nullptr) context.AddMetadata("kakunin-role", role);
    Call call{.act = act, .began = absl::Now(), .bound = bound};
    const grpc::Status status = method(context);
    call.returned = absl::Now();
    call.code = status.error_code();
    const ErrorDescription described = DescribeError(status);
    call.reason = described.reason;
    call.retry_after = described.retry_after.value_or(absl::ZeroDuration());
    if (!status.ok() && (call.reason.empty() || call.reason == "SHUTTING_DOWN")) Disconnect();
    return call;
  }

  // Disconnect makes the next call go to the next server.
  void Disconnect() { channel_.reset(); }

  // Same is whether `content` is what was told under `name` the first time; why not, or empty.
  std::string Same(const std::string& name, const std::string& content) {
    const std::string& first = told_.emplace(name, content).first->second;
    return first == content ? "" : name + " was told otherwise before";
  }

  Installation& installation() const { return surroundings_.installation; }
  Ledger& ledger() const { return surroundings_.ledger; }
  absl::Time went_on() const { return absl::FromUnixMicros(surroundings_.went_on_us); }
  int clock_jumps() const { return surroundings_.clock_jumps; }
  std::mt19937_64& random() { return random_; }

 private:
  const Surroundings surroundings_;
  const std::string party_;
  std::mt19937_64 random_;
  uint64_t server_;
  std::map<std::string, std::string> told_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace kakunin::faults
