#pragma once

#include <functional>
#include <memory>

#include "auth/revocation_snapshot.h"
#include "server/clock.h"
#include "server/observe/metrics.h"

namespace kakunin {

// AddCrlPartitionGauges exposes age (seconds since thisUpdate), crlNumber and entries of every CRL
// held, one series a partition: labels are its distribution point (auth::PartitionText) and the
// first 8 hexadecimal digits of the issuer's key id, since generations share names. About 1,900
// municipalities a generation. `held` may return null; it and `clock` outlive the metrics.
void AddCrlPartitionGauges(Metrics& metrics,
                           std::function<std::shared_ptr<const auth::RevocationSnapshot>()> held,
                           const Clock& clock);

}  // namespace kakunin
