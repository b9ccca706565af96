#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace kakunin {

// kPostgresTools is where Debian has the tools of PostgreSQL 15.
inline constexpr char kPostgresTools[] = "/usr/lib/postgresql/15/bin";

// RunTool runs a program with our own standard error and its output there too, so that nothing but
// ours is on standard output. FAILED_PRECONDITION when it is not there, INTERNAL with its exit code
// when it fails.
absl::Status RunTool(const std::vector<std::string>& arguments);

// BecomeTool replaces this process by a program; it returns only when that cannot be started.
absl::Status BecomeTool(const std::vector<std::string>& arguments);

}  // namespace kakunin
