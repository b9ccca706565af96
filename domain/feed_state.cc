#include "domain/feed_state.h"

#include <algorithm>

#include "domain/error.h"

namespace kakunin {
namespace {

using enum FeedState;

constexpr FeedStep kSteps[] = {
    {kOpen, FeedAct::kPush, kOpen},
    {kOpen, FeedAct::kSeal, kSealed},
    {kOpen, FeedAct::kCancel, kCancelled},
    {kSealed, FeedAct::kSeal, kSealed},
    {kSealed, FeedAct::kQuarantine, kQuarantined},
    {kSealed, FeedAct::kPublish, kPublished},
    {kSealed, FeedAct::kCancel, kCancelled},
    {kQuarantined, FeedAct::kSeal, kQuarantined},
    // Judged again when it is to be published, and no longer what was released.
    {kQuarantined, FeedAct::kQuarantine, kQuarantined},
    {kQuarantined, FeedAct::kRelease, kQuarantined},
    {kQuarantined, FeedAct::kPublish, kPublished},
    {kQuarantined, FeedAct::kCancel, kCancelled},
    {kPublished, FeedAct::kSeal, kPublished},
    {kPublished, FeedAct::kPublish, kPublished},
    {kPublished, FeedAct::kUndo, kUndone},
    {kCancelled, FeedAct::kCancel, kCancelled},
    {kUndone, FeedAct::kUndo, kUndone},
};

Reason RefusalOf(FeedState from, FeedAct act) {
  switch (act) {
    case FeedAct::kPush:
    case FeedAct::kSeal:
    case FeedAct::kQuarantine:
      return Reason::kFeedNotOpen;
    case FeedAct::kPublish:
      return from == kOpen ? Reason::kFeedIncomplete : Reason::kFeedNotOpen;
    case FeedAct::kRelease:
      return Reason::kFeedNotQuarantined;
    case FeedAct::kCancel:
      return Reason::kFeedPublished;
    case FeedAct::kUndo:
      return Reason::kFeedNotPublished;
  }
  return Reason::kInternal;
}

}  // namespace

std::span<const FeedStep> AllFeedSteps() { return kSteps; }

absl::StatusOr<FeedState> StepFeed(FeedState from, FeedAct act) {
  const auto* const step =
      std::find_if(std::begin(kSteps), std::end(kSteps),
                   [&](const FeedStep& one) { return one.from == from && one.act == act; });
  if (step == std::end(kSteps)) return MakeError(RefusalOf(from, act));
  return step->to;
}

}  // namespace kakunin
