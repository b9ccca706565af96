#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/answer_row.h"
#include "domain/coverage.h"
#include "domain/person_id.h"

namespace kakunin {

// BulkId names one bulk inquiry; written as a UUID it is the reception number.
using BulkId = Id128<struct BulkTag>;

// BulkState and BulkChange: numbers of bulk_service.proto.
enum class BulkState { kReceiving = 1, kRunning, kDone, kCancelled, kStopped };
enum class BulkChange { kUnknown = 0, kFirstTime, kSame, kChanged };

// What a list may hold; ours, the field's own bound is not public (domain.md 1.2).
inline constexpr int64_t kMostBulkRows = 1'000'000;
inline constexpr int kMostBulkChunkRows = 1000;
// Rows that are answered in one commit: a round takes milliseconds, so that a desk does not wait.
inline constexpr int kBulkRoundRows = 256;
// Lists of one facility that wait or run, and all that it has kept.
inline constexpr int kMostOpenBulkInquiries = 4;
inline constexpr int kMostBulkInquiries = 50;
// How far ahead of today a day may lie that is asked for in bulk: lists are made for booked
// patients.
inline constexpr int kMostBulkDaysAhead = 31;

// A list without its end is given up so long after its last chunk; results wait so long after the
// end. Ours.
inline constexpr absl::Duration kBulkReceivingLife = absl::Hours(24);
inline constexpr absl::Duration kBulkResultsLife = absl::Hours(7 * 24);

// SearchesRatherThanAsks tells of a list of which nobody is found for more than half of at least a
// thousand rows: no list of patients is like that, so that it is stopped (ours).
bool SearchesRatherThanAsks(int64_t answered, int64_t not_found);

// IsOpen tells whether a list may still come to more answers.
inline bool IsOpen(BulkState state) {
  return state == BulkState::kReceiving || state == BulkState::kRunning;
}

// IsSameOnBothDays tells whether the same coverages, with the same certificates of the elderly and
// the same limit certificates in force, answer for both days, by card.
bool IsSameOnBothDays(std::span<const AnswerCoverage> coverages, absl::CivilDay one,
                      absl::CivilDay other);

// BulkNextStep is what the facility does with an answer, ja-JP: the patient is not there yet, and
// what holds may change before the day.
std::string_view BulkNextStep(Validity validity);

}  // namespace kakunin
