#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/coverage.h"
#include "domain/person_id.h"
#include "storage/postgres/lane_connection.h"

namespace kakunin {

// ReadTruthSql reads the visible coverages of current knowledge of one person ($1) as text.
const std::string& ReadTruthSql();

// LaneReadTruth runs ReadTruthSql, prepared as `statement`. A StoreError when it fails or a row
// cannot be read.
absl::StatusOr<std::vector<Coverage>> LaneReadTruth(LaneConnection& connection,
                                                    const LaneStatement& statement,
                                                    const PersonId& person, MonotonicTime deadline);

}  // namespace kakunin
