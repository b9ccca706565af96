#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

#include "absl/time/civil_time.h"
#include "kakunin/v1/insurer_feed_service.pb.h"

namespace kakunin {

// DrawTimeline draws what was known of a person's coverages over both axes of time: a line for each
// known period, downwards in the order in which it was learnt, and on it a bar of the days covered,
// to the right. `day` is marked in the bars; the lines that were known at the instant asked about,
// and of these those that cover the day, are marked before them. Known periods are told in
// Asia/Tokyo.
std::string DrawTimeline(const google::protobuf::RepeatedPtrField<v1::CoverageVersion>& versions,
                         absl::CivilDay day);

}  // namespace kakunin
