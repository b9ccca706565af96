#pragma once

#include <span>
#include <string_view>

#include "domain/joining_step.h"

namespace kakunin {

// SubsidyApplicationState is where an application for a subsidy (補助金申請) stands;
// docs/joining.md draws the machine.
enum class SubsidyApplicationState {
  kDraft = 1,
  kSubmitted,
  kDocumentsChecked,
  kReturned,  // to be corrected by the applicant
  kApproved,
  kRefused,
  kPaid,
};
inline constexpr int kSubsidyApplicationStates = 7;

// SubsidyApplicationEvent is what somebody does with it. The fund (社会保険診療報酬支払基金)
// decides and pays: seed 003.
enum class SubsidyApplicationEvent {
  kSubmit = 1,
  kCheckDocuments,
  kReturn,
  kApprove,
  kRefuse,
  kPay,
};
inline constexpr int kSubsidyApplicationEvents = 6;

using SubsidyApplicationStep = JoiningStep<SubsidyApplicationState, SubsidyApplicationEvent>;

// AllSubsidyApplicationSteps is every arrow there is.
std::span<const SubsidyApplicationStep> AllSubsidyApplicationSteps();

// SubsidySubmission is what submitting depends on.
struct SubsidySubmission {
  bool introduction_complete = false;  // the facility is in use: 導入完了後 (seeds 001, 002)
  bool documents_complete = false;     // MissingDocuments is empty
  bool deadline_passed = false;        // of the schedule, on the day of submitting
};

// StepSubsidyApplication is where `event` leads; `submission` is looked at for kSubmit out of
// kDraft and kReturned. That the introduction is incomplete is told before the rest.
JoiningOutcome<SubsidyApplicationState> StepSubsidyApplication(SubsidyApplicationState from,
                                                               SubsidyApplicationEvent event,
                                                               const SubsidySubmission& submission);

// NameOf is the name for machines and drawings, UPPER_SNAKE; JapaneseNameOf the clerk's.
std::string_view NameOf(SubsidyApplicationState state);
std::string_view NameOf(SubsidyApplicationEvent event);
std::string_view JapaneseNameOf(SubsidyApplicationState state);

}  // namespace kakunin
