#pragma once

#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/rpc/fields.h"
#include "server/usecases/feed_row.h"
#include "storage/feed_store.h"

namespace kakunin {

// kMostReferenceCharacters bounds a party's own name of a row.
inline constexpr size_t kMostReferenceCharacters = 40;

// ReadCoverageRow reads one pushed row: what has the right shape goes to the record, what has not
// becomes a fault that names the field. The row's own copy of the individual number is wiped.
IncomingCoverage ReadCoverageRow(v1::CoverageRow& row);

// ReadIndividualNumber reads a row's number, if it has one, and wipes the row's copy.
void ReadIndividualNumber(std::string& number, IncomingHead& incoming);

// AddFaults turns what the fields lack into the row's faults.
void AddFaults(const FieldErrors& errors, IncomingHead& incoming);

void SetFeed(const FeedRow& row, v1::Feed& out);
void SetCounts(const FeedCounts& counts, v1::FeedCounts& out);
void SetFinding(const Finding& finding, v1::RowFinding& out);

}  // namespace kakunin
