#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/answer_row.h"
#include "domain/coverage.h"
#include "domain/person_id.h"

namespace kakunin {

// BulkId names one bulk inquiry; written as a UUID it is the reception number.
using BulkId = Id128<struct BulkTag>;

// BulkState and BulkChange: numbers of bulk_service.proto. Nobody is told of a deleted
// list; its content goes step by step, its counts last.
enum class BulkState { kReceiving = 1, kRunning, kDone, kCancelled, kStopped, kDeleted };
enum class BulkChange { kUnknown = 0, kFirstTime, kSame, kChanged };

// What a list may hold; ours, the field's own bound is not public (domain.md 1.2).
inline constexpr int64_t kMostBulkRows = 1'000'000;
inline constexpr int kMostBulkChunkRows = 1000;
// Rows that are answered in one commit: a round takes milliseconds, so that a desk does not wait.
inline constexpr int kBulkRoundRows = 256;
// Lists of one facility that wait or run, those of which it has not sent the end (a terminal that
// stopped half-way must not lock the others out), and all that it has kept.
inline constexpr int kMostOpenBulkInquiries = 4;
inline constexpr int kMostHalfSentBulkInquiries = 16;
inline constexpr int kMostBulkInquiries = 50;
inline constexpr int64_t kMostBulkRowsKept = 5'000'000;
// How far ahead of today a day may lie that is asked for in bulk: lists are made for booked
// patients.
inline constexpr int kMostBulkDaysAhead = 31;

// A list without its end is given up so long after its last chunk; results wait so long after the
// end. Ours.
inline constexpr absl::Duration kBulkReceivingLife = absl::Hours(24);
inline constexpr absl::Duration kBulkResultsLife = absl::Hours(7 * 24);

// BulkCounts are rows of a facility's lists of the last kBulkCountedFor, deleted ones among them.
struct BulkCounts {
  int64_t asked = 0;  // answered, and no errors
  int64_t not_found = 0;
};
inline constexpr absl::Duration kBulkCountedFor = absl::Hours(24);

// SearchesRatherThanAsks tells of a facility that finds nobody for more than half of at least a
// thousand rows, or for more than 50,000: no list of patients is like that, so that it is stopped
// (ours).
bool SearchesRatherThanAsks(const BulkCounts& counts);

// IsOpen tells whether a list may still come to more answers.
inline bool IsOpen(BulkState state) {
  return state == BulkState::kReceiving || state == BulkState::kRunning;
}

// IsOver tells whether the time of a list is up at `now`, that was last touched at `touched`:
// nobody is told of it any more, whether it has been removed yet or not. One that runs has all the
// time.
bool IsOver(BulkState state, absl::Time touched, absl::Time now);

// IsSameOnBothDays tells whether the same coverage, with the same certificates of the elderly and
// the same limit certificates in force, answers for both days to who asks by `key`.
bool IsSameOnBothDays(std::span<const AnswerCoverage> coverages, const KeyHash& key,
                      absl::CivilDay one, absl::CivilDay other);

// BulkNextStep is what the facility does with an answer, ja-JP: the patient is not there yet, and
// what holds may change before the day. `form` tells where they will meet.
std::string BulkNextStep(Validity validity, FormOfCare form);

}  // namespace kakunin
