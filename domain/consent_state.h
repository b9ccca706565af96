#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/consent.h"
#include "domain/person_id.h"

namespace kakunin {

// ConsentHistory is what is stored about consents, in any order; acts and ends of other persons,
// facilities and forms of care may be among it and count for nothing. Must outlive every
// ConsentState made from it.
struct ConsentHistory {
  std::span<const ConsentAct> acts;
  std::span<const ConsentEnd> ends;
};

// ConsentScope is whose consent is asked about, where and for which form of care. Terminal and user
// do not enter: a window belongs to the facility.
struct ConsentScope {
  PersonId person;
  std::string_view facility_code;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  std::optional<absl::CivilDay> appointment_day;  // online care: one booking; empty: each of them
};

// ConsentStanding is how a consent stands at an instant.
enum class ConsentStanding {
  kNeverGiven = 1,
  kRunning,
  kDeclined,
  kExpired,
  kRevokedByFacility,
  kRevokedByPatient,
  kChangeOfUse,
};

// StandingAfter is how a consent stands that an act ended for `reason`.
ConsentStanding StandingAfter(ConsentEndReason reason);

// EndCodeOf is the field's code of why a consent ended (OQSCD031: 0 normal expiry, 1 facility, 2
// patient, 3 change of use); empty: it runs, was declined or was never given.
std::optional<int> EndCodeOf(ConsentStanding standing);

// ConsentState is the consent to one kind of data in one scope at one instant.
struct ConsentState {
  ConsentStanding standing = ConsentStanding::kNeverGiven;
  const ConsentAct* act = nullptr;          // that decided; null: never given
  absl::Time since = absl::InfinitePast();  // first instant of this standing
  absl::Time until = absl::InfinitePast();  // running: first instant no longer; else unused
};

// ConsentStatesAt folds `history` into the state of `kind` at `at`: one for each booking of online
// care that `scope` admits, else one; empty when nothing was ever decided. First what runs, the
// longest before the others; then the latest ended.
//
// An act decides a kind by agreeing or declining; "not asked" leaves it. The latest decision in a
// scope holds (online care: of a booking): agreed opens the act's own window [begin, end), declined
// ends what runs. An end closes what has begun at or before it and still runs. At one and the same
// instant the stricter wins: declined over agreed, an end over a beginning. An oral act opens the
// limit certificate and nothing else (domain.md 1.5).
//
// Servers' clocks differ by a little, and nobody stores what is yet to come: an end or a decline in
// `history` has happened, also when its instant lies after `at`. An agreement opens at its own
// instant, never before.
std::vector<ConsentState> ConsentStatesAt(const ConsentHistory& history, const ConsentScope& scope,
                                          ConsentKind kind, absl::Time at);

// ConsentStateAt is the first of ConsentStatesAt, or kNeverGiven.
ConsentState ConsentStateAt(const ConsentHistory& history, const ConsentScope& scope,
                            ConsentKind kind, absl::Time at);

// ListedConsent is one line of a facility's list of a patient's consents.
struct ListedConsent {
  ConsentKind kind;
  ConsentState state;  // its act tells form of care and booking; never null
};

// ConsentsAt lists every consent ever decided by `person` at `facility_code` as it stands at `at`,
// by form of care, kind and state.
std::vector<ListedConsent> ConsentsAt(const ConsentHistory& history, const PersonId& person,
                                      std::string_view facility_code, absl::Time at);

}  // namespace kakunin
