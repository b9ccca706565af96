#pragma once

#include <memory>
#include <string>

#include "server/alarm_watch.h"
#include "server/card_trust_loader.h"
#include "server/clock.h"
#include "server/config/config.h"
#include "server/first_use.h"
#include "server/housekeeping.h"
#include "server/identity_case_watch.h"
#include "server/joining_jobs.h"
#include "server/observe/metrics.h"
#include "server/open_port.h"
#include "server/partition_watch.h"
#include "server/rpc/admission.h"

namespace kakunin {

// What the parts of an installation tell of themselves. Each reference outlives the metrics' use.

// AddAdmissionCounters counts the calls that were refused for being too many, and by whose bound.
void AddAdmissionCounters(Metrics& metrics, const Admission& admission);

// AddFirstUseCounters counts cards of nobody by what looking for the holder came to.
void AddFirstUseCounters(Metrics& metrics, const FirstUse& first_use);

// AddIdentityCaseGauges tells how many cases of mistaken identity are open, by age.
void AddIdentityCaseGauges(Metrics& metrics, const IdentityCaseWatch& watch);
void AddAlarmGauges(Metrics& metrics, const AlarmWatch& watch);

// AddPartitionGauges tells how long months have partitions, and what lies outside of them.
void AddPartitionGauges(Metrics& metrics, const PartitionWatch& watch);

// AddPortGauges tells of a listener named `name` who waits for its connections, and how many of its
// denials were not written down.
void AddPortGauges(Metrics& metrics, const OpenedPort& port, const std::string& name);

// AddCardTrustGauges tells how old the CRLs are, each of them and all, and what was amiss with
// their files.
void AddCardTrustGauges(Metrics& metrics, const CardTrustLoader& cards, const Clock& clock);

// AddHousekeepingGauges tells what housekeeping failed at, and how far behind it is.
void AddHousekeepingGauges(Metrics& metrics, const Housekeeping& housekeeping);

// MakeClock is the machine's clock, or a sandbox's, whose offset it tells.
std::unique_ptr<Clock> MakeClock(const EnvironmentConfig& config, Metrics& metrics);

// AddJoiningGauge tells how many steps of the jobs of joining failed.
void AddJoiningGauge(Metrics& metrics, const JoiningJobs& jobs);

}  // namespace kakunin
