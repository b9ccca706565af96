#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "server/config/config.h"
#include "server/open_port.h"

namespace kakunin {

// SyncPort is a listener whose services use gRPC's own threads: those of insurers, operators and
// onboarding.
struct SyncPort {
  OpenedPort base;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

// StartSyncPort adds health and begins to serve what `port` holds. `calls` sees every call and
// outlives it. `anonymous`: its callers show no certificate, and it is bounded for that.
// FAILED_PRECONDITION as StartServer (server/listener.h).
absl::Status StartSyncPort(const ListenerConfig& listener, CallObserver& calls, SyncPort& port,
                           bool anonymous = false);

}  // namespace kakunin
