#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "domain/restricted_grounds.h"
#include "server/usecases/applications.h"

namespace kakunin {

// GroundEndReport is the day of the event that ends the ground of a facility's restricted type.
struct GroundEndReport {
  std::string facility_code;
  absl::CivilDay ending_day;  // RestrictedFacts::ending_day, JST
  bool may_put_off = false;   // an operator may replace an earlier day
};

// ReportedGroundEnd is what it comes to.
struct ReportedGroundEnd {
  absl::CivilDay last_day;                    // of the facility's restricted terminals, JST
  std::vector<absl::CivilDay> reminder_days;  // ReminderDays
  std::string sentence;                       // ja-JP
};

// ReportGroundEnd writes the report within `tx`, under the facility's lock: what a decision at the
// same moment makes of its terms comes before or after. Every server obeys within a second. Returns
// FACILITY_NOT_FOUND, GROUND_NOT_HELD for a facility that rests on no ground whose end is reported,
// GROUND_END_LATER, or a StoreError.
absl::StatusOr<ReportedGroundEnd> ReportGroundEnd(Transaction& tx, AuditRecord& record,
                                                  const ApplicationStores& stores,
                                                  const RestrictedGroundRules& rules,
                                                  const GroundEndReport& report,
                                                  bool validate_only);

}  // namespace kakunin
