#include "domain/use_application_state.h"

namespace kakunin {
namespace {

using enum UseApplicationState;
using Event = UseApplicationEvent;

constexpr UseApplicationStep kSteps[] = {
    {kDraft, Event::kSubmit, kSubmitted},
    {kDraft, Event::kWithdraw, kWithdrawn},
    {kSubmitted, Event::kSubmit, kSubmitted},
    {kSubmitted, Event::kReturn, kReturned},
    {kSubmitted, Event::kApprove, kApproved},
    {kSubmitted, Event::kRefuse, kRefused},
    {kSubmitted, Event::kWithdraw, kWithdrawn},
    {kReturned, Event::kSubmit, kSubmitted},
    {kReturned, Event::kReturn, kReturned},
    {kReturned, Event::kWithdraw, kWithdrawn},
    {kApproved, Event::kApprove, kApproved},
    {kApproved, Event::kWithdraw, kWithdrawn},
    {kApproved, Event::kBeginTest, kOperationTest},
    {kOperationTest, Event::kReturn, kReturned},
    {kOperationTest, Event::kWithdraw, kWithdrawn},
    {kOperationTest, Event::kBeginTest, kOperationTest},
    {kOperationTest, Event::kStartUse, kInUse},
    {kInUse, Event::kStartUse, kInUse},
    {kInUse, Event::kEnd, kEnded},
    {kRefused, Event::kRefuse, kRefused},
    {kWithdrawn, Event::kWithdraw, kWithdrawn},
    {kEnded, Event::kEnd, kEnded},
};

}  // namespace

std::span<const UseApplicationStep> AllUseApplicationSteps() { return kSteps; }

JoiningOutcome<UseApplicationState> StepUseApplication(UseApplicationState from,
                                                       UseApplicationEvent event,
                                                       bool test_complete) {
  const auto outcome = FollowStep(AllUseApplicationSteps(), from, event);
  if (from == kOperationTest && event == Event::kStartUse && !test_complete) {
    return {.to = {}, .refusal = JoiningRefusal::kOperationTestIncomplete};
  }
  return outcome;
}

bool SeesTestPersonsOnly(UseApplicationState state) { return state == kOperationTest; }

bool MayCall(UseApplicationState state) { return state == kOperationTest || state == kInUse; }

std::string_view NameOf(UseApplicationState state) {
  constexpr std::string_view kNames[kUseApplicationStates] = {
      "DRAFT",  "SUBMITTED", "RETURNED",  "APPROVED", "OPERATION_TEST",
      "IN_USE", "REFUSED",   "WITHDRAWN", "ENDED"};
  return kNames[static_cast<size_t>(state) - 1];
}

std::string_view NameOf(UseApplicationEvent event) {
  constexpr std::string_view kNames[kUseApplicationEvents] = {
      "submit", "return", "approve", "refuse", "withdraw", "begin test", "start use", "end"};
  return kNames[static_cast<size_t>(event) - 1];
}

std::string_view JapaneseNameOf(UseApplicationState state) {
  constexpr std::string_view kNames[kUseApplicationStates] = {
      "作成中", "申請済み", "差戻し", "承認", "運用テスト中", "運用中", "不承認", "取下げ", "終了"};
  return kNames[static_cast<size_t>(state) - 1];
}

}  // namespace kakunin
