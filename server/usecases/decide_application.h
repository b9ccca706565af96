#pragma once

#include <string>

#include "server/usecases/applications.h"

namespace kakunin {

// ApplicationDecision is an operator's step.
struct ApplicationDecision {
  ApplicationId id;
  ApplicationEvent event = ApplicationEvent::kApprove;
  int version = 0;  // that was looked at; 0: not asked (StartUse)
  std::string note;
  std::string operator_name;
};

// DecideApplication makes an operator's step within `tx`, and writes it into the history and the
// applicant's news. APPLICATION_SAME_OPERATOR when who approves was told the one-time password of
// who handed it in; APPLICATION_CHANGED_MEANWHILE for another version. Approving an application for
// use registers the facility and begins its operation test, unless it is in use already; starting
// its use ends the test (OPERATION_TEST_INCOMPLETE), and the use of the predecessor that it names,
// the day before; ending it makes the facility inactive. What an approved application makes of the
// facility's terms is TermsAfter; the application by which its account had it in use before is
// ended by the next. Accounts and certificates pass to no successor.
absl::StatusOr<Application> DecideApplication(Transaction& tx, AuditRecord& record,
                                              const ApplicationStores& stores,
                                              const ApplicationDecision& decision,
                                              bool validate_only);

}  // namespace kakunin
