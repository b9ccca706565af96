#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

namespace kakunin {

// JoiningRefusal is why a step of a state machine of joining may not be done.
enum class JoiningRefusal {
  kNotInThisState = 1,       // no arrow leads there from the state
  kOperationTestIncomplete,  // use begins only when every item of the checklist is ticked
  kIntroductionIncomplete,   // subsidies are applied for after the introduction (導入完了後)
  kDocumentsMissing,         // an attachment of the checklist
  kDeadlinePassed,
};
inline constexpr int kJoiningRefusals = 5;

// NameOf is the stable name for machines, UPPER_SNAKE.
std::string_view NameOf(JoiningRefusal refusal);
// SentenceOf tells it in Japanese, with the next step.
std::string_view SentenceOf(JoiningRefusal refusal);

// JoiningStep is one arrow of a machine. One from a state to itself repeats what was done: a lost
// answer may be asked for again.
template <class State, class Event>
struct JoiningStep {
  State from;
  Event event;
  State to;
};

// JoiningOutcome is what an event came to: the state it leads to, or why it may not be.
template <class State>
struct JoiningOutcome {
  std::optional<State> to;
  std::optional<JoiningRefusal> refusal;  // exactly when there is no `to`
  bool operator==(const JoiningOutcome&) const = default;
};

// FollowStep finds the arrow of `event` out of `from`.
template <class State, class Event>
JoiningOutcome<State> FollowStep(std::span<const JoiningStep<State, Event>> steps, State from,
                                 Event event) {
  const auto step = std::find_if(steps.begin(), steps.end(), [&](const auto& one) {
    return one.from == from && one.event == event;
  });
  if (step == steps.end()) return {.to = {}, .refusal = JoiningRefusal::kNotInThisState};
  return {.to = step->to, .refusal = {}};
}

}  // namespace kakunin
