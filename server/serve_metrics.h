#pragma once

#include <string>

#include "server/card_trust_loader.h"
#include "server/first_use.h"
#include "server/housekeeping.h"
#include "server/identity_case_watch.h"
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

// AddPortMetrics tells of a port what waits for its database, and which denials it could not keep.
void AddPortMetrics(Metrics& metrics, const OpenedPort& port, const std::string& name);

// AddHousekeepingMetrics counts what housekeeping failed at, and how long notices wait for it.
void AddHousekeepingMetrics(Metrics& metrics, const Housekeeping& housekeeping);

// AddCrlFileMetrics counts CRL files that were refused, and those that a person should look at.
void AddCrlFileMetrics(Metrics& metrics, const CardTrustLoader& cards);

// AddPartitionGauges tells how long months have partitions, and what lies outside of them.
void AddPartitionGauges(Metrics& metrics, const PartitionWatch& watch);

}  // namespace kakunin
