#include "server/alarm_watch.h"

#include <chrono>

#include "domain/error.h"

namespace kakunin {

AlarmWatch::AlarmWatch(Database& database, AlarmStore& alarms, const Clock& clock)
    : database_(database), alarms_(alarms), clock_(clock) {
  Look();
  rounds_.emplace(std::chrono::minutes(1), [this] { Look(); });
}

void AlarmWatch::Look() {
  const auto asked = std::chrono::steady_clock::now();
  int64_t raised = 0;
  const absl::Status status =
      database_.Read(asked + std::chrono::seconds(5), [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(raised, alarms_.CountSince(tx, clock_.Now() - kWithin));
        return absl::OkStatus();
      });
  if (!status.ok()) return;
  raised_.store(raised, std::memory_order_relaxed);
  age_.Renew(asked);
}

}  // namespace kakunin
