#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/rpc/dispatch.h"

namespace kakunin {

// PortHealth says whether a port serves (grpc.health.v1). Thread-safe.
class PortHealth {
 public:
  // `ready` is asked at each check: registry fresh, database reachable, not shutting down.
  PortHealth(Port port, std::function<bool()> ready) : port_(port), ready_(std::move(ready)) {}

  bool Serving() const { return ready_(); }

  // Knows tells whether the port has that service, by the table of methods: "" is the port itself.
  bool Knows(std::string_view service) const;

  // CheckAnswer is the serialised HealthCheckResponse to a serialised request; empty when the
  // request is malformed or asks for a service that is unknown.
  std::optional<std::string> CheckAnswer(std::string_view request) const;

 private:
  const Port port_;
  std::function<bool()> ready_;
};

// MakeSyncHealthService is the health service of a port without lanes. Both references outlive it.
std::unique_ptr<grpc::Service> MakeSyncHealthService(const PortHealth& health,
                                                     const Dispatch& dispatch);

}  // namespace kakunin
