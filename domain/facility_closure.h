#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/error.h"

namespace kakunin {

// FacilityClosure tells that a facility ends (廃止) or pauses (休止). The source documents name
// both as a ground of the transitional measures and say nothing of how they are told: the rules are
// ours.
struct FacilityClosure {
  std::optional<absl::CivilDay> last_day;    // of use, JST; its terminals' too
  std::optional<absl::CivilDay> resume_day;  // of a pause; empty: for good
};

// CheckFacilityClosure is everything that is wrong with it as of `day`. A closure of a day past is
// taken: it is told late, and its terminals end at once.
std::vector<FieldViolation> CheckFacilityClosure(const FacilityClosure& closure,
                                                 absl::CivilDay day);

// WorksDuringClosure tells whether the facility's terminals work on `day`: through the last day,
// and from the day on which a pause ends.
bool WorksDuringClosure(const FacilityClosure& closure, absl::CivilDay day);

// FacilitySuccession tells that another facility, with a code of its own, goes on with this one's
// business (承継).
struct FacilitySuccession {
  std::string facility_code;                // that ends
  std::string successor_code;               // that goes on; it applies for use by itself
  std::optional<absl::CivilDay> first_day;  // of the successor; the day before is the other's last
};

// CheckFacilitySuccession is everything that is wrong with it. Certificates do not pass: each is of
// one terminal and one facility, and the successor's terminals are enrolled anew.
std::vector<FieldViolation> CheckFacilitySuccession(const FacilitySuccession& succession,
                                                    absl::CivilDay day);

// ClosureOf is the closure of the facility that a succession ends; `first_day` must be told.
FacilityClosure ClosureOf(const FacilitySuccession& succession);

}  // namespace kakunin
