#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "server/dev/sandbox_paths.h"

namespace kakunin::dev {

// SandboxPorts are the loopback ports of one sandbox.
struct SandboxPorts {
  int terminal = 0;
  int insurer = 0;
  int operators = 0;
  int admin = 0;
  int web = 0;
  int onboarding = 0;
};

// FreePorts takes six consecutive ports that nobody listens on, `first` if they are free, else the
// next that are. UNAVAILABLE when there are none.
absl::StatusOr<SandboxPorts> FreePorts(int first);

// SandboxConfig is the configuration of a sandbox as TOML. `socket_folder` is where its PostgreSQL
// listens.
std::string SandboxConfig(const SandboxPaths& paths, const SandboxPorts& ports,
                          const std::string& socket_folder);

}  // namespace kakunin::dev
