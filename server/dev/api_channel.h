#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/dev/sandbox_paths.h"

namespace kakunin::dev {

// OpenChannel is a connection of one party of the sandbox (a leaf's name in SandboxPaths) to one of
// its ports, with mutual TLS. INTERNAL when a file cannot be read; connecting itself happens later.
absl::StatusOr<std::shared_ptr<grpc::Channel>> OpenChannel(const SandboxPaths& paths,
                                                           std::string_view party, int port);

// PrepareCall gives a call its deadline; every call of ours has one.
void PrepareCall(grpc::ClientContext& context, absl::Duration timeout);

// StatusOf turns a call's outcome into a status that names the method and the stable reason.
absl::Status StatusOf(std::string_view method, const grpc::Status& status);

// CallStatusOf is the call's outcome again, of what StatusOf made.
grpc::Status CallStatusOf(const absl::Status& status);

}  // namespace kakunin::dev
