#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/feed_kind.h"
#include "domain/feed_state.h"
#include "domain/person_id.h"

namespace kakunin {

// CoverageVersion is what was known of one coverage for a time. Days are JST: `qualification_date`
// the first day covered, `disqualification_date` the first day NOT covered. The known period is
// half-open.
struct CoverageVersion {
  PersonId person;
  std::string insurer_number;
  std::string coverage_reference;
  absl::CivilDay qualification_date;
  std::optional<absl::CivilDay> disqualification_date;
  std::optional<int> partial_contribution_percent;
  int reason_of_loss = 0;  // OQSCD008
  bool visible = true;
  absl::Time known_from;
  std::optional<absl::Time> known_to;  // empty: current knowledge
  FeedId feed;                         // the delivery that wrote it
  int64_t feed_number = 0;             // of its kind: certificates make versions, too
  FeedKind feed_kind = FeedKind::kCoverages;
  FeedState feed_state = FeedState::kPublished;
};

// WasKnown tells whether `version` was what we knew at the instant `known_at`.
bool WasKnown(const CoverageVersion& version, absl::Time known_at);

// Answers tells whether `version` says, at `known_at`, that its person is covered on `day`: what a
// facility that had asked then about that day would have seen as valid.
bool Answers(const CoverageVersion& version, absl::CivilDay day, absl::Time known_at);

}  // namespace kakunin
