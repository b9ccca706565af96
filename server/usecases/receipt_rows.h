#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "server/usecases/feed_row.h"

namespace kakunin {

// JudgeReceipts decides each receipt by itself: its number hashed, or findings. Codes have nine
// digits, days lie in the month of treatment and nothing lies in the future; of a lost one only its
// names are looked at. `reviewer_number` is the certificate's; `today` is the JST day on which the
// rows arrive.
Judged<Receipt> JudgeReceipts(std::vector<IncomingReceipt> rows, int64_t chunk,
                              const std::string& reviewer_number, const FeedKeys& keys,
                              absl::CivilDay today);

}  // namespace kakunin
