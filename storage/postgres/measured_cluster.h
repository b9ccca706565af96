#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace kakunin {

// These prepare a cluster of our own for `kakunin bench`. `conninfo` is a superuser's connection
// string; nothing here is used by a server. INTERNAL with the SQLSTATE when a statement fails.

// TuneCluster sets what a database server of some size has set (listed in docs/performance.md), so
// that short runs are not measured against checkpoints. Returns whether anything changed: then the
// cluster must be restarted.
absl::StatusOr<bool> TuneCluster(const std::string& conninfo);

// WarmCluster empties what confirmations write, brings every other table and index into the
// buffers, with statistics and without old row versions, and writes a checkpoint.
absl::Status WarmCluster(const std::string& conninfo);

}  // namespace kakunin
