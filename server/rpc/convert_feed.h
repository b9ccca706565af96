#pragma once

#include <span>

#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/rpc/fields.h"
#include "server/usecases/feed_row.h"
#include "storage/feed_store.h"

namespace kakunin {

// kMostReferenceCharacters bounds a party's own name of a row.
inline constexpr size_t kMostReferenceCharacters = 40;

// kMostReleaserCharacters bounds the name of who released a feed.
inline constexpr size_t kMostReleaserCharacters = 64;

// ReadCoverageRow reads one pushed row: what has the right shape goes to the record, what has not
// becomes a fault that names the field. The row's own copy of the individual number is wiped.
IncomingCoverage ReadCoverageRow(v1::CoverageRow& row);

// HashRow is the keyed hash of a row as it came, cut to 128 bits. A new and a changed row that say
// the same are the same.
KeyHash HashRow(const v1::CoverageRow& row, const auth::HmacKey& key, std::string& buffer);

// ReadIndividualNumber reads a row's number, if it has one, and wipes the row's copy.
void ReadIndividualNumber(std::string& number, IncomingHead& incoming);

// CheckTexts refuses a row of which another field holds the number, too, or that has no number and
// a reference that looks like one; the reference is wiped, so that nobody is told of it. And a row
// with U+FFFD, what stands for a character that could not be mapped. After ReadIndividualNumber.
void CheckTexts(const google::protobuf::Message& row, const char* reference_field,
                std::string& reference, IncomingHead& incoming);

// AddFaults turns what the fields lack into the row's faults.
void AddFaults(const FieldErrors& errors, IncomingHead& incoming);

void SetFeed(const FeedRow& row, v1::Feed& out);
void SetCounts(const FeedCounts& counts, v1::FeedCounts& out);
void SetRisks(std::span<const RiskFinding> risks,
              google::protobuf::RepeatedPtrField<v1::FeedRisk>& out);
void SetReleases(std::span<const FeedRelease> releases,
                 google::protobuf::RepeatedPtrField<v1::FeedRelease>& out);
void SetSample(std::span<const SampledRow> sample,
               google::protobuf::RepeatedPtrField<v1::SampledRow>& out);
void SetFinding(const Finding& finding, v1::RowFinding& out);

}  // namespace kakunin
