#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "server/rpc/health.h"
#include "tests/support/rpc_server.h"

namespace kakunin {

// SyncServer is a port whose services run on gRPC's own threads.
class SyncServer {
 public:
  using Make = std::function<std::unique_ptr<grpc::Service>(RpcServer&)>;
  SyncServer(const TestDatabase& database, const Clock& clock, Port port,
             const std::vector<Make>& makers, OnboardingLimits* onboarding = nullptr)
      : health_(port, [] { return true; }), port_(database, clock, port, {}, nullptr, onboarding) {
    services_.push_back(MakeSyncHealthService(health_, port_.dispatch()));
    for (const Make& make : makers) services_.push_back(make(port_));
    port_.Start([this](grpc::ServerBuilder& builder) {
      for (const auto& service : services_) builder.RegisterService(service.get());
    });
  }
  ~SyncServer() { port_.Stop(); }
  const RpcServer& port() const { return port_; }

 private:
  const PortHealth health_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  RpcServer port_;
};

}  // namespace kakunin
