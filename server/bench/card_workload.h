#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/bench/workload.h"

namespace grpc {
class Channel;
}

namespace kakunin::bench {

// MakeCardLoad fetches plan.cards challenges over the channels and signs each with its card's key,
// on every core, which must be done well within a challenge's life of 60 s: FAILED_PRECONDITION
// when it was not. Each is used once, over the channel that it was fetched by. INTERNAL when a file
// cannot be read or the server refuses challenges.
absl::StatusOr<std::unique_ptr<Workload>> MakeCardLoad(
    const LoadPlan& plan, const std::vector<std::shared_ptr<grpc::Channel>>& channels);

}  // namespace kakunin::bench
