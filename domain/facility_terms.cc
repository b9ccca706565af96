#include "domain/facility_terms.h"

#include "domain/civil_day.h"
#include "domain/service_addition.h"

namespace kakunin {
namespace {

constexpr uint8_t BitOf(FormOfCare form) {
  return static_cast<uint8_t>(1U << static_cast<unsigned>(form));
}

absl::Time FirstInstant(const std::optional<absl::CivilDay>& from) {
  if (!from) return absl::InfinitePast();
  return *from == kNotAdded ? absl::InfiniteFuture() : StartOfDay(*from);
}

}  // namespace

bool FacilityTerms::operator==(const FacilityTerms& other) const {
  return introduction_type == other.introduction_type && ground == other.ground &&
         ground_ending_day == other.ground_ending_day &&
         closure.last_day == other.closure.last_day &&
         closure.resume_day == other.closure.resume_day &&
         home_visits_from == other.home_visits_from && online_care_from == other.online_care_from;
}

FacilityWindows WindowsOf(const FacilityTerms& terms, const RestrictedGroundRules& rules) {
  FacilityWindows windows{.home_visits_from = FirstInstant(terms.home_visits_from),
                          .online_care_from = FirstInstant(terms.online_care_from)};
  if (terms.closure.last_day) {
    windows.closed_from = EndOfDay(*terms.closure.last_day);
    if (terms.closure.resume_day) windows.closed_until = StartOfDay(*terms.closure.resume_day);
  }
  if (terms.introduction_type != IntroductionType::kRestricted) return windows;
  // A right without a ground is none.
  windows.restricted_until = absl::InfinitePast();
  if (!terms.ground) return windows;
  const RestrictedVerdict verdict =
      MayUseRestrictedType(*terms.ground, {.ending_day = terms.ground_ending_day}, rules,
                           absl::CivilDay());  // any day: its window is what counts
  if (!verdict.first_day) return windows;
  windows.restricted_from = StartOfDay(*verdict.first_day);
  windows.restricted_until =
      verdict.last_day ? EndOfDay(*verdict.last_day) : absl::InfiniteFuture();
  return windows;
}

std::optional<Reason> WhyNotServed(const FacilityWindows& windows, TerminalKind kind,
                                   absl::Time now) {
  if (now >= windows.closed_from && now < windows.closed_until) return Reason::kFacilityClosed;
  if (kind == TerminalKind::kRestricted &&
      (now < windows.restricted_from || now >= windows.restricted_until)) {
    return Reason::kRestrictedTypeEnded;
  }
  // Terminals of other kinds that it has from before rest on the same right when that has ended.
  if (windows.restricted_until != absl::InfinitePast() && now >= windows.restricted_until) {
    return Reason::kRestrictedTypeEnded;
  }
  return std::nullopt;
}

uint8_t FormsNotAdded(const FacilityWindows& windows, absl::Time now) {
  uint8_t forms = 0;
  if (now < windows.home_visits_from) forms |= BitOf(FormOfCare::kHomeVisit);
  if (now < windows.online_care_from) forms |= BitOf(FormOfCare::kOnlineCare);
  return forms;
}

bool MayHaveTerminal(const FacilityTerms& terms, TerminalKind kind) {
  return terms.introduction_type != IntroductionType::kRestricted ||
         kind == TerminalKind::kRestricted;
}

}  // namespace kakunin
