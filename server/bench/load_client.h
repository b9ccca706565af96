#pragma once

#include "absl/status/statusor.h"
#include "server/bench/load_plan.h"

namespace kakunin::bench {

// RunLoad is the whole life of a client process: it connects as registered terminals do, with
// mutual TLS and the headers of a desk, sends what the plan says from one thread, holds every
// answer against what it must be, and measures the server and the database while it does. Returns
// what hinders it from starting at all.
absl::StatusOr<LoadOutcome> RunLoad(const LoadPlan& plan);

}  // namespace kakunin::bench
