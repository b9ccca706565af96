#pragma once

#include <cstdint>
#include <vector>

#include "server/usecases/feed_row.h"

namespace kakunin {

// JudgeCardLinks decides each link by itself: its number hashed, or findings. A link without a
// number is nobody's and is refused, as is one that replaces itself.
Judged<DeliveredCardLink> JudgeCardLinks(std::vector<IncomingCardLink> rows, int64_t chunk,
                                         const FeedKeys& keys);

}  // namespace kakunin
