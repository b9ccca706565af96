#include "domain/feed_state.h"

#include <gtest/gtest.h>

#include <map>

#include "domain/error.h"

namespace kakunin {
namespace {

using enum FeedState;

constexpr FeedState kStates[] = {kOpen, kSealed, kQuarantined, kPublished, kCancelled, kUndone};
constexpr FeedAct kActs[] = {FeedAct::kPush,    FeedAct::kSeal,    FeedAct::kQuarantine,
                             FeedAct::kRelease, FeedAct::kPublish, FeedAct::kCancel,
                             FeedAct::kUndo};

// What came of an act: the state to which it led, or why it may not be done.
std::string Told(FeedState from, FeedAct act) {
  const auto to = StepFeed(from, act);
  if (!to.ok()) return std::string(FactsOf(*ReasonOf(to.status())).name);
  return std::to_string(static_cast<int>(*to));
}

TEST(FeedStateMachine, EveryActInEveryStateIsAsDrawn) {
  // States 1 open, 2 sealed, 3 quarantined, 4 published, 5 cancelled, 6 undone.
  const std::string closed = "FEED_NOT_OPEN";
  const std::string calm = "FEED_NOT_QUARANTINED";
  const std::string late = "FEED_PUBLISHED";
  const std::string early = "FEED_NOT_PUBLISHED";
  const std::map<FeedState, std::vector<std::string>> drawn = {
      // push seal quarantine release publish cancel undo
      {kOpen, {"1", "2", closed, calm, "FEED_INCOMPLETE", "5", early}},
      {kSealed, {closed, "2", "3", calm, "4", "5", early}},
      {kQuarantined, {closed, "3", "3", "3", "4", "5", early}},
      {kPublished, {closed, "4", closed, calm, "4", late, "6"}},
      {kCancelled, {closed, closed, closed, calm, closed, "5", early}},
      {kUndone, {closed, closed, closed, calm, closed, late, "6"}}};
  for (const FeedState state : kStates) {
    std::vector<std::string> told;
    for (const FeedAct act : kActs) told.push_back(Told(state, act));
    EXPECT_EQ(told, drawn.at(state)) << static_cast<int>(state);
  }
}

TEST(FeedStateMachine, NothingIsVisibleThatWasNotSealed) {
  for (const FeedStep& step : AllFeedSteps()) {
    if (step.to == kPublished) {
      EXPECT_NE(step.from, kOpen);
    }
    if (step.from == kCancelled || step.from == kUndone) {
      EXPECT_EQ(step.to, step.from);
    }
  }
}

}  // namespace
}  // namespace kakunin
