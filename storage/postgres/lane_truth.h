#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "domain/coverage.h"
#include "domain/health_check.h"
#include "domain/person_id.h"
#include "domain/receipt.h"
#include "storage/postgres/lane_connection.h"

namespace kakunin {

// ReadTruthSql reads the visible coverages of current knowledge of one person ($1) as text.
const std::string& ReadTruthSql();

// ReadTruthAtSql reads those that were visible and known at an instant ($2) as text.
const std::string& ReadTruthAtSql();

// LaneReadTruth runs ReadTruthSql, prepared as `statement`. A StoreError when it fails or a row
// cannot be read.
absl::StatusOr<std::vector<Coverage>> LaneReadTruth(LaneConnection& connection,
                                                    const LaneStatement& statement,
                                                    const PersonId& person, MonotonicTime deadline);

// LaneReadTruthAt runs ReadTruthAtSql likewise.
absl::StatusOr<std::vector<Coverage>> LaneReadTruthAt(LaneConnection& connection,
                                                      const LaneStatement& statement,
                                                      const PersonId& person, absl::Time at,
                                                      MonotonicTime deadline);

// ReadReceiptsSql reads the current receipts of one person ($1) in the months from $2 to $3, their
// first days as DayNumber, as text; ReadHealthChecksSql the health checks.
const std::string& ReadReceiptsSql();
const std::string& ReadHealthChecksSql();

// LaneReadReceipts runs ReadReceiptsSql, prepared as `statement`. A StoreError when it fails or a
// row cannot be read.
absl::StatusOr<std::vector<Receipt>> LaneReadReceipts(LaneConnection& connection,
                                                      const LaneStatement& statement,
                                                      const PersonId& person, absl::CivilMonth from,
                                                      absl::CivilMonth through,
                                                      MonotonicTime deadline);
// LaneReadHealthChecks does so with ReadHealthChecksSql.
absl::StatusOr<std::vector<HealthCheck>> LaneReadHealthChecks(
    LaneConnection& connection, const LaneStatement& statement, const PersonId& person,
    absl::CivilMonth from, absl::CivilMonth through, MonotonicTime deadline);

}  // namespace kakunin
