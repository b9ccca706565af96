#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/coverage.h"
#include "domain/error.h"
#include "domain/facility_closure.h"
#include "domain/restricted_grounds.h"
#include "domain/use_application.h"

namespace kakunin {

// FacilityTerms is on what terms a registered facility uses the service, by its approved
// applications. A facility that operators registered without one has none of these and is bounded
// by none.
struct FacilityTerms {
  // Empty: not told; as the full type.
  std::optional<IntroductionType> introduction_type;
  std::optional<RestrictedGround> ground;           // of the restricted type
  std::optional<absl::CivilDay> ground_ending_day;  // RestrictedFacts::ending_day
  FacilityClosure closure;                          // without a last day: none
  // First days, JST, of what is added by an application; kNotAdded: nobody applied. Empty: the
  // facility had them before additions were kept, and goes on having them.
  std::optional<absl::CivilDay> home_visits_from;
  std::optional<absl::CivilDay> online_care_from;
  bool operator==(const FacilityTerms& other) const;
};

// kNotAdded is the first day of what a facility has not added.
inline constexpr absl::CivilDay kNotAdded = absl::CivilDay::max();

// FacilityWindows is what the terms come to as instants, reckoned once for every call: each window
// is half-open and begins and ends at midnight JST.
struct FacilityWindows {
  absl::Time closed_from = absl::InfiniteFuture();
  absl::Time closed_until = absl::InfiniteFuture();  // of a pause
  // When restricted terminals are served.
  absl::Time restricted_from = absl::InfinitePast();
  absl::Time restricted_until = absl::InfiniteFuture();
  absl::Time home_visits_from = absl::InfinitePast();
  absl::Time online_care_from = absl::InfinitePast();
};

// WindowsOf reckons them by WorksDuringClosure, MayUseRestrictedType and AddedServiceWorks.
FacilityWindows WindowsOf(const FacilityTerms& terms, const RestrictedGroundRules& rules);

// WhyNotServed tells why a terminal of this kind is refused at `now`, whatever it calls: kFacility-
// Closed after the last day, until the day on which a pause ends; kRestrictedTypeEnded for a
// restricted terminal on the day after the last one of the facility's right. Empty: it is served.
std::optional<Reason> WhyNotServed(const FacilityWindows& windows, TerminalKind kind,
                                   absl::Time now);

// FormsNotAdded is Terminal::forms_not_added at `now`.
uint8_t FormsNotAdded(const FacilityWindows& windows, absl::Time now);

// MayHaveTerminal tells whether a facility of these terms may be given a terminal of this kind: one
// of the restricted type those of the restricted kind alone (seed 004: it confirms eligibility and
// nothing else), every other facility all kinds. That a facility of the full type may have
// restricted terminals, too, is ours: no source forbids it.
bool MayHaveTerminal(const FacilityTerms& terms, TerminalKind kind);

}  // namespace kakunin
