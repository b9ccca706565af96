#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/dev/feed_client.h"
#include "server/synth/nation.h"

namespace kakunin::bench {

// Everybody whose records are measured has the same number of them, so that a client can tell a
// wrong answer: 25 months of one dispensing receipt of 8 drugs each, 200 in all, and one
// examination of 60 items. So did the prototype behind the bars.
inline constexpr int kDrugMonths = 25;
inline constexpr int kDrugsAMonth = 8;
inline constexpr int kCheckItems = 60;

// RecordSubject is a person who has records.
struct RecordSubject {
  int64_t number = 0;  // its own among all; references hang on it
  std::string individual_number;
  size_t insurer = 0;  // index of synth::Insurers(), which registers the examination
};
using RecordSubjects = std::shared_ptr<const std::vector<RecordSubject>>;

// ReceiptOf is one month's receipt of a subject; `months_ago` is 1 to kDrugMonths. HealthCheckOf is
// the one examination. Both are rows as they are pushed, and depend on the arguments alone.
v1::ReceiptRow ReceiptOf(const RecordSubject& subject, int months_ago, absl::CivilDay today);
v1::HealthCheckRow HealthCheckOf(const RecordSubject& subject, absl::CivilDay today);

// Receipts is the feed of a claims reviewer: of all subjects, month by month, the oldest first, as
// claims come. HealthChecks is the feed of one insurer; nothing for an insurer of no subject.
dev::FeedToPush Receipts(const RecordSubjects& subjects, absl::CivilDay today);
dev::FeedToPush HealthChecks(const RecordSubjects& subjects, size_t insurer, absl::CivilDay today);

}  // namespace kakunin::bench
