#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "auth/revocation_snapshot.h"
#include "server/clock.h"
#include "server/observe/metrics.h"
#include "server/observe/readiness.h"
#include "server/usecases/feed_times.h"

namespace kakunin {

// kRegistryFaultAge is when the registry's snapshot closes the door (design.md, Identity).
inline constexpr absl::Duration kRegistryFaultAge = absl::Seconds(10);
// kPartitionWarningDays is when months not yet made become a warning.
inline constexpr int kPartitionWarningDays = 14;

// RegistryCheck is a fault when the snapshot of a port is older than 10 s: it would let nobody in.
ReadinessCheck RegistryCheck(const std::string& port, std::function<absl::Duration()> age);

// LaneCheck is a fault when no lane has its connection, a warning when some have none.
ReadinessCheck LaneCheck(std::function<int()> connected, int lanes);

// CrlCheck is a fault when no CRL is held or all are stale, a warning when some are: cards of those
// partitions get UNAVAILABLE, number queries go on. `held` may return null.
ReadinessCheck CrlCheck(std::function<std::shared_ptr<const auth::RevocationSnapshot>()> held,
                        const Clock& clock, absl::Duration max_age);

// MachineClockCheck is a fault when the machine's clock went back by `most` or more: no CRL counts
// then, and every card gets UNAVAILABLE.
ReadinessCheck MachineClockCheck(std::function<absl::Duration()> back, absl::Duration most);

// PartitionCheck is a warning below 14 days of months that are made, or when a default partition
// holds rows; never a fault, since the default partition still takes them.
ReadinessCheck PartitionCheck(std::function<int()> days_left,
                              std::function<int()> defaults_holding_rows);

// ResidentsCheck is a warning when coverages are compared with no register of residents (`count`
// empty), and when the register cannot be used, which refuses every chunk of coverages.
ReadinessCheck ResidentsCheck(std::function<int64_t()> count);

// PolicyCheckOf is a warning while a port's registry holds policies for abnormal times whose
// signature is wrong, or cannot be checked for want of the key: they are in force nowhere.
ReadinessCheck PolicyCheckOf(const std::string& port, std::function<int()> forged);
void AddPoliciesForged(Metrics& metrics, const std::string& port, std::function<int()> forged);

// AddSnapshotAge exposes the age of a snapshot, by its name and, where each port has its own, port.
void AddSnapshotAge(Metrics& metrics, const std::string& snapshot, const std::string& port,
                    std::function<absl::Duration()> age);

// AddCrlGauges exposes how many partitions and entries are held, how old the oldest is and how long
// the first to expire still lasts; seconds, NaN when none is held.
void AddCrlGauges(Metrics& metrics,
                  std::function<std::shared_ptr<const auth::RevocationSnapshot>()> held,
                  const Clock& clock);

// AddFeedTimes exposes how long each step of the feeds has taken; `times` outlives the metrics.
void AddFeedTimes(Metrics& metrics, const FeedTimes& times);

}  // namespace kakunin
