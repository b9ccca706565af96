#include "domain/home_relation.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

bool IsIn(const ConsentScope& scope, const PersonId& person, std::string_view facility_code,
          FormOfCare form) {
  return person == scope.person && facility_code == scope.facility_code &&
         form == scope.form_of_care;
}

// The latest act of each booking, or the latest of all where there are no bookings.
std::vector<const ConsentAct*> LatestActs(const ConsentHistory& history, const ConsentScope& scope,
                                          absl::Time at) {
  std::vector<const ConsentAct*> latest;
  for (const ConsentAct& act : history.acts) {
    if (act.method != ConsentMethod::kCard || act.begin > at ||
        !IsIn(scope, act.person, act.facility_code, act.form_of_care) ||
        (scope.appointment_day && act.appointment_day != scope.appointment_day)) {
      continue;
    }
    const auto same = std::ranges::find_if(latest, [&](const ConsentAct* other) {
      return act.appointment_day == other->appointment_day;
    });
    if (same == latest.end()) {
      latest.push_back(&act);
    } else if (act.begin >= (*same)->begin) {
      *same = &act;
    }
  }
  return latest;
}

// RunningKind is a kind of data whose consent by card runs, and the act that gave it.
struct RunningKind {
  ConsentKind kind = ConsentKind::kDrug;
  const ConsentAct* act = nullptr;
};

std::vector<RunningKind> RunningAt(const ConsentHistory& history, ConsentScope scope,
                                   const ConsentAct& act, absl::Time at) {
  scope.appointment_day = act.appointment_day;
  std::vector<RunningKind> running;
  for (int number = 1; number <= kConsentKinds; ++number) {
    const auto kind = static_cast<ConsentKind>(number);
    const ConsentState state = ConsentStateAt(history, scope, kind, at);
    const bool by_card = state.act != nullptr && state.act->method == ConsentMethod::kCard;
    if (state.standing == ConsentStanding::kRunning && by_card) {
      running.push_back({.kind = kind, .act = state.act});
    }
  }
  return running;
}

// Whether some kind was open yet when `end` had come; what came later counts for nothing here. A
// decline, which ends no relation, must not make an earlier end into one that did.
bool LeavesOpen(const ConsentEnd& end, const ConsentHistory& history, const ConsentScope& scope,
                const ConsentAct& act) {
  std::vector<ConsentAct> acts;
  std::ranges::copy_if(history.acts, std::back_inserter(acts),
                       [&](const ConsentAct& other) { return other.begin <= end.at; });
  std::vector<ConsentEnd> ends;
  std::ranges::copy_if(history.ends, std::back_inserter(ends),
                       [&](const ConsentEnd& other) { return other.at <= end.at; });
  return !RunningAt({.acts = acts, .ends = ends}, scope, act, end.at).empty();
}

// The first end since the act that left nothing open.
const ConsentEnd* EndingOf(const ConsentHistory& history, const ConsentScope& scope,
                           const ConsentAct& act) {
  const ConsentEnd* first = nullptr;
  for (const ConsentEnd& end : history.ends) {
    const bool about = IsIn(scope, end.person, end.facility_code, end.form_of_care) &&
                       (!end.appointment_day || end.appointment_day == act.appointment_day);
    if (!about || end.kinds == kEndsNoRelation) continue;
    if (end.at < act.begin || end.at >= act.end) continue;
    if (first != nullptr && first->at <= end.at) continue;
    if (!LeavesOpen(end, history, scope, act)) first = &end;
  }
  return first;
}

// Fills what runs by whether its certificate lets it count. `certificates` holds one finding an
// act.
void OpenAt(const ConsentHistory& history, const ActCertificates& certificates,
            const ConsentScope& scope, const ConsentAct& act, absl::Time at,
            HomeRelation& relation) {
  for (const RunningKind& running : RunningAt(history, scope, act, at)) {
    const auto index = static_cast<size_t>(running.act - history.acts.data());
    const CertificateFinding finding = certificates.findings[index];
    const auto denial = DenialOf(finding, running.act->method, at, certificates.rules);
    if (!denial) relation.open.Set(running.kind, Decision::kAgreed);
    if (denial == Reason::kRevocationUnknown) {
      relation.unknown.Set(running.kind, Decision::kAgreed);
    }
  }
}

HomeRelation RelationBy(const ConsentAct& act, const ConsentHistory& history,
                        const ActCertificates& certificates, const ConsentScope& scope,
                        absl::Time at) {
  HomeRelation relation{.standing = ConsentStanding::kRunning,
                        .given = act.begin,
                        .act = act.audit_id,
                        .booking = act.appointment_day,
                        .until = act.end};
  if (const ConsentEnd* const end = EndingOf(history, scope, act)) {
    relation.standing = StandingAfter(end->reason);
  } else if (at >= act.end) {
    relation.standing = ConsentStanding::kExpired;
  } else {
    OpenAt(history, certificates, scope, act, at, relation);
  }
  return relation;
}

// What was agreed orally opens something at that one call, and hides nothing that the card opened.
bool CountsForRelations(const ConsentAct& act) {
  return act.method != ConsentMethod::kOral || act.decisions.Bits(Decision::kAgreed) == 0;
}

bool ComesFirst(const HomeRelation& a, const HomeRelation& b) {
  const bool a_runs = a.standing == ConsentStanding::kRunning;
  const bool b_runs = b.standing == ConsentStanding::kRunning;
  if (a_runs != b_runs) return a_runs;
  return a_runs ? a.until > b.until : a.given > b.given;
}

}  // namespace

HomeRelation RelationAt(const ConsentHistory& given, const ActCertificates& certificates,
                        const ConsentScope& scope, absl::Time at) {
  std::vector<ConsentAct> acts;
  std::vector<CertificateFinding> findings;
  for (size_t i = 0; i < given.acts.size(); ++i) {
    const ConsentAct& act = given.acts[i];
    if (!CountsForRelations(act)) continue;
    acts.push_back(act);
    findings.push_back(i < certificates.findings.size() ? certificates.findings[i]
                                                        : CertificateFinding::kUnknown);
  }
  const ConsentHistory history{.acts = acts, .ends = given.ends};
  const ActCertificates known{.findings = findings, .rules = certificates.rules};
  std::optional<HomeRelation> first;
  // Of all that run: the card of the booking that lasts longest may be revoked, that of another
  // not.
  ConsentDecisions open;
  ConsentDecisions unknown;
  for (const ConsentAct* act : LatestActs(history, scope, at)) {
    const HomeRelation relation = RelationBy(*act, history, known, scope, at);
    for (int number = 1; number <= kConsentKinds; ++number) {
      const auto kind = static_cast<ConsentKind>(number);
      if (relation.open.Agreed(kind)) open.Set(kind, Decision::kAgreed);
      if (relation.unknown.Agreed(kind)) unknown.Set(kind, Decision::kAgreed);
    }
    if (!first || ComesFirst(relation, *first)) first = relation;
  }
  if (!first) return {};
  first->open = open;
  first->unknown = unknown;
  return *first;
}

std::vector<size_t> RunningRelations(const ConsentHistory& given, const ConsentScope& scope,
                                     absl::Time at) {
  std::vector<ConsentAct> acts;
  std::vector<size_t> indices;  // of `acts` into those given
  for (size_t i = 0; i < given.acts.size(); ++i) {
    if (!CountsForRelations(given.acts[i])) continue;
    acts.push_back(given.acts[i]);
    indices.push_back(i);
  }
  const ConsentHistory history{.acts = acts, .ends = given.ends};
  std::vector<size_t> running;
  for (const ConsentAct* act : LatestActs(history, scope, at)) {
    if (at >= act->end || EndingOf(history, scope, *act) != nullptr) continue;
    running.push_back(indices[static_cast<size_t>(act - acts.data())]);
  }
  return running;
}

std::optional<Reason> DenialOf(const HomeRelation& relation, absl::CivilDay day) {
  if (relation.standing == ConsentStanding::kRunning) {
    if (relation.until > StartOfDay(day)) return std::nullopt;
    return Reason::kConsentExpired;
  }
  return DenialOf(relation.standing);
}

}  // namespace kakunin
