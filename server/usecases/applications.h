#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/applicant.h"
#include "domain/application_content.h"
#include "server/usecases/administrative_write.h"
#include "storage/applicant_store.h"
#include "storage/application_store.h"
#include "storage/registry_store.h"

namespace kakunin {

// ApplicationStores is what applications stand on; all outlive whoever uses them.
struct ApplicationStores {
  RegistryStore& registry;
  ApplicantStore& applicants;
  ApplicationStore& applications;
};

// FormToSubmit is one facility's form as the border has read it.
struct FormToSubmit {
  ApplicationContent content;
  std::string canonical;               // CanonicalForm
  std::vector<FieldViolation> unread;  // what could not be read
};

// Submission is what one call hands in.
struct Submission {
  ApplicationKind kind = ApplicationKind::kUse;
  std::vector<FormToSubmit> forms;  // one, or a group's
  std::string group_name;           // empty: a facility for itself
  std::optional<int64_t> group_prescriptions;
  std::optional<ApplicationId> corrects;  // one that was returned or waits
};

// SubmittedForm is what came of one form.
struct SubmittedForm {
  std::optional<Application> application;  // empty: faults, or only checked
  std::vector<FieldViolation> faults;      // of a group's row
  std::vector<std::string> working;
};

// SubmitApplications hands in what `account` applies for, as of record.at, within `tx`. One form
// with faults is INVALID_FIELDS with all of them below "forms[0]."; of a group's, rows without
// faults are handed in and the others tell theirs. APPLICATION_NOT_FOUND, also for another
// account's, APPLICATION_NOT_IN_THIS_STATE, and for a subsidy INTRODUCTION_INCOMPLETE,
// DOCUMENTS_MISSING or SUBSIDY_DEADLINE_PASSED.
absl::StatusOr<std::vector<SubmittedForm>> SubmitApplications(Transaction& tx, AuditRecord& record,
                                                              const ApplicationStores& stores,
                                                              const ApplicantAccount& account,
                                                              const Submission& submission,
                                                              const JoiningRules& rules,
                                                              bool validate_only);

// WithdrawApplication takes an application of the account back; RequestStartOfUse asks that its
// operation test be ended (OPERATION_TEST_INCOMPLETE). Refusals as above.
absl::StatusOr<Application> WithdrawApplication(Transaction& tx, AuditRecord& record,
                                                const ApplicationStores& stores,
                                                const ApplicantAccount& account,
                                                const ApplicationId& id, bool validate_only);
absl::StatusOr<Application> RequestStartOfUse(Transaction& tx, AuditRecord& record,
                                              const ApplicationStores& stores,
                                              const ApplicantAccount& account,
                                              const ApplicationId& id, bool validate_only);

// SpeaksFor tells whether the account had an application for use of the facility approved.
absl::StatusOr<bool> SpeaksFor(Transaction& tx, const ApplicationStores& stores,
                               const std::string& account, const std::string& facility_code);

// ShownApplication is an application with what belongs to it.
struct ShownApplication {
  Application application;
  ApplicationVersion version;
  std::vector<ApplicationStep> steps;
  std::optional<OperationTestChecklist> checklist;  // while it is in the operation test
};

// ShowApplication reads one: of `account` alone unless that is empty. APPLICATION_NOT_FOUND.
absl::StatusOr<ShownApplication> ShowApplication(Transaction& tx, AuditRecord& record,
                                                 const ApplicationStores& stores,
                                                 const std::string& account,
                                                 const ApplicationId& id);

}  // namespace kakunin
