#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "server/usecases/feed_row.h"

namespace kakunin {

// JudgeCoverages decides each coverage by itself: look-up keys made and the number hashed, or
// findings. Symbol, number and branch come as the insurer wrote them. `insurer_number` is the
// certificate's, eight digits whose check digit registration looked at; `today` is the JST day on
// which the rows arrive.
Judged<Coverage> JudgeCoverages(std::vector<IncomingCoverage> rows, int64_t chunk,
                                const std::string& insurer_number, const FeedKeys& keys,
                                absl::CivilDay today);

}  // namespace kakunin
