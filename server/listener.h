#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/config/config.h"
#include "server/rpc/dispatch.h"

namespace kakunin {

// ServerCredentialsFor makes mutual TLS from the files of a listener. The files are watched: a
// certificate that is replaced serves new handshakes within ten seconds. A peer without a
// certificate of our CA gets no connection. FAILED_PRECONDITION when a file cannot be read.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentialsFor(
    const ListenerConfig& config);

// ApplyLimits bounds what a connection and the port may cost (hazards.md, gRPC server arguments).
void ApplyLimits(const ListenerLimits& limits, grpc::ServerBuilder& builder);

// PeerSourceOf is where the listener's client certificates come from.
PeerSource PeerSourceOf(const ListenerConfig& config);

}  // namespace kakunin
