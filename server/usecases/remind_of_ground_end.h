#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "domain/restricted_grounds.h"
#include "storage/application_store.h"
#include "storage/joining_job_store.h"

namespace kakunin {

// Reminder is what a facility is to be told.
struct Reminder {
  absl::CivilDay last_day;
  absl::CivilDay day;
  std::string sentence;  // ja-JP
};

// ReminderFor is what is due for `facility` at `now`; empty: nothing, or it was told.
std::optional<Reminder> ReminderFor(const FacilityOnGround& facility,
                                    const RestrictedGroundRules& rules, absl::Time now);

// RemindOfGroundEnd tells one facility's account of the end of its right to the restricted type:
// 90, 60, 30, 15, 7 and 1 days before the last day, and when it is over. Of days that were missed
// it tells the newest. Within `tx`; true: it was told, and by no other server before. A facility
// that joined without an account is told nothing.
absl::StatusOr<bool> RemindOfGroundEnd(Transaction& tx, JoiningJobStore& jobs,
                                       ApplicationStore& applications,
                                       const std::string& facility_code, const Reminder& reminder,
                                       absl::Time now);

}  // namespace kakunin
