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

// GiveConsents confirms every prepared card once, agreeing to all records, over whichever channel
// its challenge came by, and writes the patient handles that the answers gave, a file a channel: a
// consent opens records at the desk where it was given alone. Returns how many agreed; INTERNAL
// when one was refused.
absl::StatusOr<LoadOutcome> GiveConsents(
    const LoadPlan& plan, const std::vector<std::shared_ptr<grpc::Channel>>& channels);

}  // namespace kakunin::bench
