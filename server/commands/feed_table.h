#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include "kakunin/v1/insurer_feed_service.pb.h"
#include "server/commands/text_table.h"

namespace kakunin {

// FeedRisks is the reasons of a feed's risk score.
using FeedRisks = google::protobuf::RepeatedPtrField<v1::FeedRisk>;

// AddFeed adds what a feed is and how far it is.
void AddFeed(const v1::Feed& feed, TextTable& table);

// AddCounts adds what became of its rows, or what would.
void AddCounts(const v1::FeedCounts& counts, TextTable& table);

// AddRisks adds why a feed waits in quarantine; nothing when there are none.
void AddRisks(const FeedRisks& risks, TextTable& table);

// AddSample adds examples of what it would do.
void AddSample(const google::protobuf::RepeatedPtrField<v1::SampledRow>& sample, TextTable& table);

// AddReleases adds who has let a quarantined feed go.
void AddReleases(const google::protobuf::RepeatedPtrField<v1::FeedRelease>& releases,
                 TextTable& table);

// TellQuarantine tells on standard error what may be done about `feed` when it is quarantined, and
// whether it is.
bool TellQuarantine(const v1::Feed& feed);

}  // namespace kakunin
