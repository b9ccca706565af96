#pragma once

#include <optional>
#include <string>

#include "absl/time/civil_time.h"
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

// Predecessor is the facility whose business an application for use goes on with.
struct Predecessor {
  std::string facility_code;               // as the form names it
  std::string name;                        // as it is registered; empty: nobody is
  bool in_use = false;                     // before this step
  std::optional<absl::CivilDay> last_day;  // of its use, JST, where this step ends it
};

// DecidedApplication is what came of a step. Who approves a successor, or starts its use, is told
// whom that ends, in a dry run as well: a wrong code in the form is seen before it acts.
struct DecidedApplication {
  Application application;
  std::optional<Predecessor> predecessor;  // of approvals and starts of a form that names one
};

// DecideApplication makes an operator's step within `tx`, and writes it into the history and the
// applicant's news. APPLICATION_SAME_OPERATOR when who approves was told the one-time password of
// who handed it in; APPLICATION_CHANGED_MEANWHILE for another version. Approving an application for
// use registers the facility and begins its operation test, unless it is in use already; starting
// its use ends the test (OPERATION_TEST_INCOMPLETE), and the use of the predecessor that it names,
// the day before (FACILITY_NOT_FOUND when that is in use no more); ending it makes the facility
// inactive. What an approved application makes of the facility's terms is TermsAfter; the
// application by which its account had it in use before is ended by the next. Accounts and
// certificates pass to no successor.
absl::StatusOr<DecidedApplication> DecideApplication(Transaction& tx, AuditRecord& record,
                                                     const ApplicationStores& stores,
                                                     const ApplicationDecision& decision,
                                                     bool validate_only);

}  // namespace kakunin
