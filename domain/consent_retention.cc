#include "domain/consent_retention.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

#include "domain/civil_day.h"
#include "domain/home_relation.h"

namespace kakunin {
namespace {

// Event is an act or an end: something that may end what was agreed to before it.
struct Event {
  absl::Time at;
  const ConsentAct* act = nullptr;  // null: an end
  const ConsentEnd* end = nullptr;
  size_t index = 0;  // into the acts, or the ends
  bool kept = false;

  // Kinds that an act decides so; given orally, the limit certificate alone (ConsentStatesAt).
  int Bits(Decision decision) const {
    if (act == nullptr) return 0;
    const int oral = ConsentKindBit(ConsentKind::kLimitCertificate);
    return act->decisions.Bits(decision) &
           (act->method == ConsentMethod::kOral ? oral : kAllConsentKinds);
  }
};

bool SameBooking(const ConsentAct& act, const std::optional<absl::CivilDay>& booking) {
  return act.form_of_care != FormOfCare::kOnlineCare || act.appointment_day == booking;
}

// Kinds of `agreed` that `later` ends or replaces; of two at one instant the stricter counts.
int EndedBy(const Event& agreed, const Event& later) {
  if (agreed.act == nullptr || &agreed == &later) return 0;
  const ConsentAct& act = *agreed.act;
  if (later.at < act.begin || later.at >= act.end) return 0;
  int decides = 0;
  if (later.end != nullptr) {
    const auto& booking = later.end->appointment_day;
    if (!booking || SameBooking(act, booking)) decides = later.end->kinds;
  } else if (SameBooking(act, later.act->appointment_day)) {
    decides = later.Bits(Decision::kDeclined);
    if (later.at > act.begin || later.act->end < act.end) {
      decides |= later.Bits(Decision::kAgreed);
    }
  }
  return agreed.Bits(Decision::kAgreed) & decides;
}

// When the last of what `act` agreed to ended.
absl::Time EndOf(const Event& act, const std::vector<Event>& scope) {
  absl::Time last = act.at;
  for (int kind = 1; kind <= kConsentKinds; ++kind) {
    const int bit = ConsentKindBit(static_cast<ConsentKind>(kind));
    if ((act.Bits(Decision::kAgreed) & bit) == 0) continue;
    absl::Time end = act.act->end;
    for (const Event& later : scope) {
      if ((EndedBy(act, later) & bit) != 0) end = std::min(end, later.at);
    }
    last = std::max(last, end);
  }
  return last;
}

// The acts on which relations rest that run at `at` by those of `scope` that `counts` lets count.
template <class Counts>
std::vector<size_t> RelationsOf(const std::vector<Event>& scope, absl::Time at, Counts counts) {
  std::vector<ConsentAct> acts;
  std::vector<ConsentEnd> ends;
  std::vector<size_t> places;  // of the acts in `scope`
  for (size_t i = 0; i < scope.size(); ++i) {
    if (!counts(scope[i])) continue;
    if (scope[i].end != nullptr) {
      ends.push_back(*scope[i].end);
    } else {
      acts.push_back(*scope[i].act);
      places.push_back(i);
    }
  }
  std::vector<size_t> resting;
  if (acts.empty()) return resting;
  const ConsentScope asked{.person = acts.front().person,
                           .facility_code = acts.front().facility_code,
                           .form_of_care = acts.front().form_of_care};
  for (const size_t i : RunningRelations({.acts = acts, .ends = ends}, asked, at)) {
    resting.push_back(places[i]);
  }
  std::ranges::sort(resting);
  return resting;
}

// An act that a relation rests on lasts as long as that, whatever it agreed to.
void KeepRelations(std::vector<Event>& scope, absl::Time kept_from) {
  // Instants are whole microseconds: the last one before those that are kept.
  const absl::Time last = kept_from - absl::Microseconds(1);
  const auto before = [&](const Event& event) { return event.at <= last; };
  for (const size_t i : RelationsOf(scope, last, before)) scope[i].kept = true;
}

void DecideScope(std::vector<Event>& scope, absl::Time kept_from, absl::Time now) {
  for (Event& event : scope) {
    event.kept = (event.act == nullptr ? event.at : EndOf(event, scope)) >= kept_from;
  }
  const bool relates = std::ranges::any_of(scope, [](const Event& event) {
    return event.act != nullptr && NeedsRelation(event.act->form_of_care);
  });
  if (relates) KeepRelations(scope, kept_from);
  // What ended a consent that is kept is kept, and so on.
  for (bool changed = true; changed;) {
    changed = false;
    for (Event& event : scope) {
      if (event.kept) continue;
      event.kept = std::ranges::any_of(
          scope, [&](const Event& act) { return act.kept && EndedBy(act, event) != 0; });
      changed |= event.kept;
    }
  }
  if (!relates) return;
  // Which relation an end ended is told by everything that was open then: should what is left tell
  // it otherwise, all of it stays.
  const auto all = RelationsOf(scope, now, [](const Event&) { return true; });
  if (RelationsOf(scope, now, [](const Event& event) { return event.kept; }) != all) {
    for (Event& event : scope) event.kept = true;
  }
}

}  // namespace

ConsentsToDrop FindConsentsToDrop(std::span<const ConsentAct> acts,
                                  std::span<const ConsentEnd> ends, absl::CivilDay day,
                                  const RetentionRules& rules) {
  std::map<std::tuple<PersonId, std::string_view, FormOfCare>, std::vector<Event>> scopes;
  for (size_t i = 0; i < acts.size(); ++i) {
    scopes[{acts[i].person, acts[i].facility_code, acts[i].form_of_care}].push_back(
        {.at = acts[i].begin, .act = &acts[i], .index = i});
  }
  for (size_t i = 0; i < ends.size(); ++i) {
    scopes[{ends[i].person, ends[i].facility_code, ends[i].form_of_care}].push_back(
        {.at = ends[i].at, .end = &ends[i], .index = i});
  }
  const absl::Time kept_from = StartOfDay(FirstDayKept(RetainedKind::kConsent, day, rules));
  ConsentsToDrop drop;
  for (auto& [key, scope] : scopes) {
    DecideScope(scope, kept_from, StartOfDay(day));
    for (const Event& event : scope) {
      if (!event.kept) (event.act != nullptr ? drop.acts : drop.ends).push_back(event.index);
    }
  }
  std::ranges::sort(drop.acts);
  std::ranges::sort(drop.ends);
  return drop;
}

}  // namespace kakunin
