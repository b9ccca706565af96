#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/client_authority_file.h"
#include "server/config/config.h"
#include "server/rpc/dispatch.h"

namespace kakunin {

// StartServer listens on the listener's address and serves what is registered with `builder`;
// `port` gets the port. Mutual TLS from the listener's files, which are watched: a certificate that
// is replaced serves new handshakes within ten seconds, and a peer without a certificate of our CAs
// gets no connection; without a client_ca (the onboarding port) no certificate is asked for. The
// listener's limits bound what a connection and the port may cost (hazards.md, gRPC server
// arguments). FAILED_PRECONDITION when the address or a file cannot be used, or when a service that
// was registered has a method without a row in the access policy; `server` may then be there, shut
// down: it must outlive the builder's queues.
absl::Status StartServer(const ListenerConfig& listener, grpc::ServerBuilder& builder,
                         std::unique_ptr<grpc::Server>& server, int& port);

// PeerSourceOf is where the listener's client certificates come from. `authorities` are those of a
// listener behind a proxy and outlive its use; null on every other.
PeerSource PeerSourceOf(const ListenerConfig& config, const ClientAuthorityFile* authorities);

}  // namespace kakunin
