#include "server/usecases/application_steps.h"

#include "auth/uuid.h"
#include "domain/civil_day.h"
#include "domain/error.h"

namespace kakunin {

Reason ReasonOf(JoiningRefusal refusal) {
  switch (refusal) {
    case JoiningRefusal::kOperationTestIncomplete:
      return Reason::kOperationTestIncomplete;
    case JoiningRefusal::kIntroductionIncomplete:
      return Reason::kIntroductionIncomplete;
    case JoiningRefusal::kDocumentsMissing:
      return Reason::kDocumentsMissing;
    case JoiningRefusal::kDeadlinePassed:
      return Reason::kSubsidyDeadlinePassed;
    case JoiningRefusal::kNotInThisState:
      break;
  }
  return Reason::kApplicationNotInThisState;
}

void AddApplication(AuditRecord& record, const Application& application) {
  AddDetail(record, "application", auth::UuidText(application.id.octets));
  AddDetail(record, "facility", application.facility_code);
}

// Step moves `application` and writes the step down; `event` must be one that its state allows.
absl::Status Step(Transaction& tx, const ApplicationStores& stores, Application& application,
                  ApplicationEvent event, ApplicationState to, const std::string& actor,
                  absl::Time at, const std::string& note) {
  application.state = to;
  application.changed = at;
  ++application.steps;
  return stores.applications.AddStep(tx, application.id,
                                     {.step = application.steps,
                                      .at = at,
                                      .actor = actor,
                                      .event = event,
                                      .state = to,
                                      .note = note});
}

bool IsInUse(const std::optional<FacilityRow>& facility, absl::Time at) {
  if (!facility || !facility->active || facility->test_began) return false;
  // Who pauses goes on when the pause is over, without another test and with what it had.
  const FacilityClosure& closure = facility->terms.closure;
  return closure.resume_day.has_value() || WorksDuringClosure(closure, CivilDayAt(at));
}

absl::StatusOr<std::optional<OperationTestChecklist>> ChecklistOf(Transaction& tx,
                                                                  const ApplicationStores& stores,
                                                                  const Application& application) {
  if (application.state != ApplicationState::kOperationTest) {
    return std::optional<OperationTestChecklist>();
  }
  ASSIGN_OR_RETURN(const auto facility,
                   stores.registry.FindFacility(tx, application.facility_code));
  if (!facility || !facility->test_began) return std::optional(OperationTestChecklist());
  ASSIGN_OR_RETURN(
      const OperationTestChecklist checklist,
      stores.applications.Checklist(tx, application.facility_code, *facility->test_began));
  return std::optional(checklist);
}

bool IsComplete(const std::optional<OperationTestChecklist>& checklist,
                const Application& application) {
  return checklist && application.introduction_type &&
         checklist->IsComplete(*application.introduction_type);
}

}  // namespace kakunin
