#pragma once

#include <span>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/answer_row.h"
#include "domain/coverage.h"

namespace kakunin {

// CoversDay tells whether `coverage` is valid on `day`: from the qualification date on, before the
// disqualification date (the first day NOT covered), and within the certificate's own period, whose
// last day is covered (domain.md 1.6).
bool CoversDay(const AnswerCoverage& coverage, absl::CivilDay day);

// Selection is what one question about one person comes to.
struct Selection {
  Validity validity = Validity::kNotFound;
  // The coverages to show, insurance before medical aid, the latest first. Point into the caller's
  // span.
  std::vector<const AnswerCoverage*> shown;
};

// SelectForCard answers for the card's holder: every coverage valid on the day; when there is none,
// the last one that had ended by then, with kInvalid, or kInvalidNewerExists when another begins
// after the day. Medical aid alone that is decided but not registered yet gives kValidUnregistered
// (OQSCD006, 6).
Selection SelectForCard(std::span<const AnswerCoverage> coverages, absl::CivilDay day);

// SelectForKey answers for the coverage that was asked for by number, and shows no other: with
// kInvalidNewerExists nothing of the newer insurer leaves (domain.md 7).
Selection SelectForKey(std::span<const AnswerCoverage> coverages, const KeyHash& key,
                       absl::CivilDay day);

// HoldsOn tells whether a dated piece is valid on `day`; open ends hold.
bool HoldsOn(const AnswerPiece& piece, absl::CivilDay day);

}  // namespace kakunin
