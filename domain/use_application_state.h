#pragma once

#include <span>
#include <string_view>

#include "domain/joining_step.h"

namespace kakunin {

// UseApplicationState is where an application for use stands; docs/joining.md draws the machine.
enum class UseApplicationState {
  kDraft = 1,
  kSubmitted,
  kReturned,  // to be corrected by the applicant
  kApproved,
  kOperationTest,  // the terminals see the published test persons only
  kInUse,
  kRefused,
  kWithdrawn,
  kEnded,  // closed, succeeded to, or the restricted type's ground is over
};
inline constexpr int kUseApplicationStates = 9;

// UseApplicationEvent is what somebody does with it.
enum class UseApplicationEvent {
  kSubmit = 1,  // the applicant; the form is without faults
  kReturn,      // an operator, with what is to be corrected
  kApprove,     // an operator
  kRefuse,      // an operator, with the reason
  kWithdraw,    // the applicant
  kBeginTest,   // the facility: its first terminal has its certificate
  kStartUse,    // the facility; needs the checklist of the operation test complete
  kEnd,         // closure, succession, or the end of the ground
};
inline constexpr int kUseApplicationEvents = 8;

using UseApplicationStep = JoiningStep<UseApplicationState, UseApplicationEvent>;

// AllUseApplicationSteps is every arrow there is.
std::span<const UseApplicationStep> AllUseApplicationSteps();

// StepUseApplication is where `event` leads. `test_complete`: every item of the operation test's
// checklist is ticked (OperationTestChecklist); looked at for kStartUse out of kOperationTest.
JoiningOutcome<UseApplicationState> StepUseApplication(UseApplicationState from,
                                                       UseApplicationEvent event,
                                                       bool test_complete);

// SeesTestPersonsOnly tells whether a facility in this state may see nobody but the published test
// persons; MayCall whether its terminals may call at all.
bool SeesTestPersonsOnly(UseApplicationState state);
bool MayCall(UseApplicationState state);

// NameOf is the name for machines and drawings, UPPER_SNAKE; JapaneseNameOf the clerk's.
std::string_view NameOf(UseApplicationState state);
std::string_view NameOf(UseApplicationEvent event);
std::string_view JapaneseNameOf(UseApplicationState state);

}  // namespace kakunin
