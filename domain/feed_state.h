#pragma once

#include <span>

#include "absl/status/statusor.h"

namespace kakunin {

// FeedState is where a delivery stands: numbers of insurer_feed_service.proto. docs/insurer_feed.md
// draws the machine.
enum class FeedState { kOpen = 1, kSealed, kQuarantined, kPublished, kCancelled, kUndone };

// FeedAct is what somebody does with a delivery.
enum class FeedAct {
  kPush = 1,    // a chunk more
  kSeal,        // the input is whole
  kQuarantine,  // it was judged and its risk is high
  kRelease,     // one of the two names that a quarantined one waits for
  kPublish,     // everything becomes visible
  kCancel,      // nothing of it ever will
  kUndo,        // everything is as if it had not been
};

// FeedStep is one arrow of the machine.
struct FeedStep {
  FeedState from;
  FeedAct act;
  FeedState to;
};

// AllFeedSteps is every arrow there is. An arrow from a state to itself repeats what was done (a
// lost answer may be asked for again), but for kPush, kQuarantine and kRelease.
std::span<const FeedStep> AllFeedSteps();

// StepFeed is the state to which an act leads. Returns the reason for which it may not be done:
// FEED_NOT_OPEN, FEED_INCOMPLETE (published before it was sealed), FEED_NOT_QUARANTINED,
// FEED_PUBLISHED (too late to cancel) or FEED_NOT_PUBLISHED (nothing to undo).
absl::StatusOr<FeedState> StepFeed(FeedState from, FeedAct act);

}  // namespace kakunin
