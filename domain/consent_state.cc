#include "domain/consent_state.h"

#include <algorithm>
#include <tuple>

namespace kakunin {
namespace {

constexpr FormOfCare kForms[] = {FormOfCare::kOutpatient, FormOfCare::kHomeVisit,
                                 FormOfCare::kOnlineCare, FormOfCare::kEmergency};

// Bookings are told apart in online care alone; two acts of another form are never two consents.
bool SameBooking(FormOfCare form, const std::optional<absl::CivilDay>& a,
                 const std::optional<absl::CivilDay>& b) {
  return form != FormOfCare::kOnlineCare || a == b;
}

bool Decides(const ConsentAct& act, const ConsentScope& scope, ConsentKind kind, absl::Time at) {
  const Decision decision = act.decisions.Of(kind);
  if (decision == Decision::kNotAsked) return false;
  // What another server stored a moment ahead of this clock: a decline is known, a window not open.
  if (decision == Decision::kAgreed && act.begin > at) return false;
  if (act.form_of_care != scope.form_of_care || act.person != scope.person ||
      act.facility_code != scope.facility_code) {
    return false;
  }
  if (act.method == ConsentMethod::kOral && kind != ConsentKind::kLimitCertificate) return false;
  return !scope.appointment_day ||
         SameBooking(scope.form_of_care, act.appointment_day, scope.appointment_day);
}

// Whether `a` holds rather than `b`, which decides the same.
bool Replaces(const ConsentAct& a, const ConsentAct& b, ConsentKind kind) {
  if (a.begin != b.begin) return a.begin > b.begin;
  const bool a_agrees = a.decisions.Agreed(kind);
  const bool b_agrees = b.decisions.Agreed(kind);
  if (a_agrees != b_agrees) return b_agrees;
  return a.end < b.end;
}

// The act that decides for each booking; a handful at most.
std::vector<const ConsentAct*> DecidingActs(const ConsentHistory& history,
                                            const ConsentScope& scope, ConsentKind kind,
                                            absl::Time at) {
  std::vector<const ConsentAct*> deciding;
  for (const ConsentAct& act : history.acts) {
    if (!Decides(act, scope, kind, at)) continue;
    const auto same = std::find_if(deciding.begin(), deciding.end(), [&](const ConsentAct* other) {
      return SameBooking(scope.form_of_care, act.appointment_day, other->appointment_day);
    });
    if (same == deciding.end()) {
      deciding.push_back(&act);
    } else if (Replaces(act, **same, kind)) {
      *same = &act;
    }
  }
  return deciding;
}

bool Ends(const ConsentEnd& end, const ConsentAct& act, ConsentKind kind, absl::Time at) {
  // An end behind the window comes too late, but not for a clock by which the window is open.
  return act.begin <= end.at && (end.at < act.end || at < act.end) &&
         (end.kinds & ConsentKindBit(kind)) != 0 && end.form_of_care == act.form_of_care &&
         end.person == act.person && end.facility_code == act.facility_code &&
         (!end.appointment_day ||
          SameBooking(act.form_of_care, end.appointment_day, act.appointment_day));
}

ConsentState StateOf(const ConsentAct& act, std::span<const ConsentEnd> ends, ConsentKind kind,
                     absl::Time at) {
  if (!act.decisions.Agreed(kind)) return {ConsentStanding::kDeclined, &act, act.begin, {}};
  const ConsentEnd* first = nullptr;
  for (const ConsentEnd& end : ends) {
    if (!Ends(end, act, kind, at)) continue;
    if (first == nullptr || std::tie(end.at, end.reason) < std::tie(first->at, first->reason)) {
      first = &end;
    }
  }
  if (first != nullptr) return {StandingAfter(first->reason), &act, first->at, {}};
  if (at >= act.end) return {ConsentStanding::kExpired, &act, act.end, {}};
  return {ConsentStanding::kRunning, &act, act.begin, act.end};
}

bool ComesFirst(const ConsentState& a, const ConsentState& b) {
  const bool a_runs = a.standing == ConsentStanding::kRunning;
  const bool b_runs = b.standing == ConsentStanding::kRunning;
  if (a_runs != b_runs) return a_runs;
  if (a_runs) return a.until > b.until;
  return std::tie(a.since, b.standing) > std::tie(b.since, a.standing);
}

}  // namespace

ConsentStanding StandingAfter(ConsentEndReason reason) {
  switch (reason) {
    case ConsentEndReason::kRevokedByFacility:
      return ConsentStanding::kRevokedByFacility;
    case ConsentEndReason::kRevokedByPatient:
      return ConsentStanding::kRevokedByPatient;
    case ConsentEndReason::kChangeOfUse:
      return ConsentStanding::kChangeOfUse;
  }
  return ConsentStanding::kRevokedByFacility;
}

std::optional<int> EndCodeOf(ConsentStanding standing) {
  switch (standing) {
    case ConsentStanding::kExpired:
      return 0;
    case ConsentStanding::kRevokedByFacility:
      return static_cast<int>(ConsentEndReason::kRevokedByFacility);
    case ConsentStanding::kRevokedByPatient:
      return static_cast<int>(ConsentEndReason::kRevokedByPatient);
    case ConsentStanding::kChangeOfUse:
      return static_cast<int>(ConsentEndReason::kChangeOfUse);
    case ConsentStanding::kNeverGiven:
    case ConsentStanding::kRunning:
    case ConsentStanding::kDeclined:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<ConsentState> ConsentStatesAt(const ConsentHistory& history, const ConsentScope& scope,
                                          ConsentKind kind, absl::Time at) {
  std::vector<ConsentState> states;
  for (const ConsentAct* act : DecidingActs(history, scope, kind, at)) {
    states.push_back(StateOf(*act, history.ends, kind, at));
  }
  std::stable_sort(states.begin(), states.end(), ComesFirst);
  return states;
}

ConsentState ConsentStateAt(const ConsentHistory& history, const ConsentScope& scope,
                            ConsentKind kind, absl::Time at) {
  const std::vector<ConsentState> states = ConsentStatesAt(history, scope, kind, at);
  return states.empty() ? ConsentState{} : states.front();
}

std::vector<ListedConsent> ConsentsAt(const ConsentHistory& history, const PersonId& person,
                                      std::string_view facility_code, absl::Time at) {
  std::vector<ListedConsent> listed;
  for (const FormOfCare form : kForms) {
    for (int number = 1; number <= kConsentKinds; ++number) {
      const auto kind = static_cast<ConsentKind>(number);
      const ConsentScope scope{person, facility_code, form, std::nullopt};
      for (const ConsentState& state : ConsentStatesAt(history, scope, kind, at)) {
        listed.push_back({kind, state});
      }
    }
  }
  return listed;
}

}  // namespace kakunin
