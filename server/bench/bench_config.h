#pragma once

#include <string>

#include "server/dev/sandbox_config.h"

namespace kakunin::bench {

// Configurations of the bench's installation, as TOML, both of kind "staging": no reflection, no
// clock that can be set. `socket_folder` is where its PostgreSQL listens.

// LoadingConfig serves insurers and operators, to load the nation and register terminals.
std::string LoadingConfig(const dev::SandboxPorts& ports, const std::string& socket_folder);

// MeasuredConfig serves terminals alone, as production does: few lines for calls that end in OK;
// but with guessing limits that the bench's few terminals do not reach. `lanes` as in [terminal],
// `calls_per_second` as in [admission].
std::string MeasuredConfig(const dev::SandboxPorts& ports, const std::string& socket_folder,
                           int lanes, const std::string& crl_reload_every, int calls_per_second);

// FeedConfig serves terminals as MeasuredConfig does, and insurers and operators beside them;
// coverages are compared with the register `residents` (relative to the installation).
std::string FeedConfig(const dev::SandboxPorts& ports, const std::string& socket_folder, int lanes,
                       const std::string& residents);

}  // namespace kakunin::bench
