#pragma once

#include <optional>
#include <string>

#include "server/usecases/applications.h"

namespace kakunin {

// What handing an application in and deciding it have in common.

// ReasonOf is what a caller is told of a step that the machine refuses.
Reason ReasonOf(JoiningRefusal refusal);

// AddApplication names the application in the audit.
void AddApplication(AuditRecord& record, const Application& application);

// Step moves `application` and writes the step down; `event` must be one that its state allows.
absl::Status Step(Transaction& tx, const ApplicationStores& stores, Application& application,
                  ApplicationEvent event, ApplicationState to, const std::string& actor,
                  absl::Time at, const std::string& note);

// IsInUse tells whether the facility's terminals are served at `at` and see everybody, or will when
// a pause is over.
bool IsInUse(const std::optional<FacilityRow>& facility, absl::Time at);

// ChecklistOf is the checklist of an application in the operation test; else empty.
absl::StatusOr<std::optional<OperationTestChecklist>> ChecklistOf(Transaction& tx,
                                                                  const ApplicationStores& stores,
                                                                  const Application& application);
// IsComplete tells whether use may start by it.
bool IsComplete(const std::optional<OperationTestChecklist>& checklist,
                const Application& application);

}  // namespace kakunin
