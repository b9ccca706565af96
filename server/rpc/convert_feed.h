#pragma once

#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/usecases/feed_row.h"
#include "storage/feed_store.h"

namespace kakunin {

// ReadCoverageRow reads one pushed row: what has the right shape goes to `coverage`, what has not
// becomes a fault that names the field. The row's own copy of the individual number is wiped.
IncomingRow ReadCoverageRow(v1::CoverageRow& row);

void SetFeed(const FeedRow& row, v1::Feed& out);
void SetCounts(const FeedCounts& counts, v1::FeedCounts& out);
void SetFinding(const Finding& finding, v1::RowFinding& out);

}  // namespace kakunin
