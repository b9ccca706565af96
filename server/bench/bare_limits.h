#pragma once

#include <filesystem>

#include "absl/status/statusor.h"
#include "server/bench/bench_installation.h"
#include "server/bench/load_plan.h"

namespace kakunin::bench {

// MeasureStore runs what a lane's batch of 64 confirmations by number does to the database, and
// nothing else: the one statement that reads and the one that writes and commits. `server_us` is
// our side's CPU a row. INTERNAL when the store fails.
absl::StatusOr<LoadOutcome> MeasureStore(const BenchInstallation& place, double seconds);

// MeasureFdatasync writes 8 kB and waits until the disk has it, again and again.
absl::StatusOr<LoadOutcome> MeasureFdatasync(const std::filesystem::path& folder);

}  // namespace kakunin::bench
