#include "domain/subsidy_application_state.h"

namespace kakunin {
namespace {

using enum SubsidyApplicationState;
using Event = SubsidyApplicationEvent;

constexpr SubsidyApplicationStep kSteps[] = {
    {kDraft, Event::kSubmit, kSubmitted},
    {kSubmitted, Event::kSubmit, kSubmitted},
    {kSubmitted, Event::kCheckDocuments, kDocumentsChecked},
    {kSubmitted, Event::kReturn, kReturned},
    {kDocumentsChecked, Event::kCheckDocuments, kDocumentsChecked},
    {kDocumentsChecked, Event::kReturn, kReturned},
    {kDocumentsChecked, Event::kApprove, kApproved},
    {kDocumentsChecked, Event::kRefuse, kRefused},
    {kReturned, Event::kSubmit, kSubmitted},
    {kReturned, Event::kReturn, kReturned},
    {kApproved, Event::kApprove, kApproved},
    {kApproved, Event::kPay, kPaid},
    {kRefused, Event::kRefuse, kRefused},
    {kPaid, Event::kPay, kPaid},
};

std::optional<JoiningRefusal> RefusalOf(const SubsidySubmission& submission) {
  if (!submission.introduction_complete) return JoiningRefusal::kIntroductionIncomplete;
  if (submission.deadline_passed) return JoiningRefusal::kDeadlinePassed;
  if (!submission.documents_complete) return JoiningRefusal::kDocumentsMissing;
  return std::nullopt;
}

}  // namespace

std::span<const SubsidyApplicationStep> AllSubsidyApplicationSteps() { return kSteps; }

JoiningOutcome<SubsidyApplicationState> StepSubsidyApplication(
    SubsidyApplicationState from, SubsidyApplicationEvent event,
    const SubsidySubmission& submission) {
  const auto outcome = FollowStep(AllSubsidyApplicationSteps(), from, event);
  if (event == Event::kSubmit && (from == kDraft || from == kReturned)) {
    if (const auto refusal = RefusalOf(submission)) return {.to = {}, .refusal = refusal};
  }
  return outcome;
}

std::string_view NameOf(SubsidyApplicationState state) {
  constexpr std::string_view kNames[kSubsidyApplicationStates] = {
      "DRAFT", "SUBMITTED", "DOCUMENTS_CHECKED", "RETURNED", "APPROVED", "REFUSED", "PAID"};
  return kNames[static_cast<size_t>(state) - 1];
}

std::string_view NameOf(SubsidyApplicationEvent event) {
  constexpr std::string_view kNames[kSubsidyApplicationEvents] = {
      "submit", "check documents", "return", "approve", "refuse", "pay"};
  return kNames[static_cast<size_t>(event) - 1];
}

std::string_view JapaneseNameOf(SubsidyApplicationState state) {
  constexpr std::string_view kNames[kSubsidyApplicationStates] = {
      "作成中", "申請済み", "書類確認済み", "差戻し", "交付決定", "不交付", "支払済み"};
  return kNames[static_cast<size_t>(state) - 1];
}

}  // namespace kakunin
