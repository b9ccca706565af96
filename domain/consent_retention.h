#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/consent.h"
#include "domain/retention.h"

namespace kakunin {

// ConsentsToDrop names what may be dropped, by index into what was handed in, ascending.
struct ConsentsToDrop {
  std::vector<size_t> acts;
  std::vector<size_t> ends;
};

// FindConsentsToDrop tells which acts and ends may be dropped on `day` (JST): an act is reckoned
// from the day on which the last of what it agreed to ended, one that agreed to nothing from its
// own day, an end from its own. One on which a relation rests (domain/home_relation.h) is reckoned
// from the day on which that ended, if this is later. What ended a consent or a relation stays as
// long as that, or it would run again. `acts` and `ends` are everything stored about the persons
// among them.
ConsentsToDrop FindConsentsToDrop(std::span<const ConsentAct> acts,
                                  std::span<const ConsentEnd> ends, absl::CivilDay day,
                                  const RetentionRules& rules);

}  // namespace kakunin
