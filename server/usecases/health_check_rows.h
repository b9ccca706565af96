#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "server/usecases/feed_row.h"

namespace kakunin {

// JudgeHealthChecks decides each examination by itself: its number hashed, or findings. Item codes
// have 17 characters (JLAC10); a late-elderly association registers 後期高齢者健診, every other
// insurer 特定健診; of a lost one only its names are looked at. `insurer_number` is the
// certificate's; `today` is the JST day on which the rows arrive.
Judged<HealthCheck> JudgeHealthChecks(std::vector<IncomingHealthCheck> rows, int64_t chunk,
                                      const std::string& insurer_number, const FeedKeys& keys,
                                      absl::CivilDay today);

}  // namespace kakunin
