#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/open_port.h"
#include "server/secret_keys.h"
#include "server/serve_onboarding.h"
#include "server/stores.h"
#include "server/usecases/terminal_certificates.h"

namespace kakunin {

// MakeOperatorServices are the services of the operators' port. All references outlive them;
// `authority` is asked anew each time what terminals' certificates must be.
std::vector<std::unique_ptr<grpc::Service>> MakeOperatorServices(
    const OpenedPort& opened, Stores& stores, const WrittenRegistry& written,
    const SecretKeys& keys, const std::function<absl::StatusOr<TerminalAuthority>()>& authority,
    const RestrictedGroundRules& grounds);

}  // namespace kakunin
