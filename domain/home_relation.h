#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/consent_state.h"
#include "domain/error.h"
#include "domain/record_access.h"

namespace kakunin {

// NeedsRelation tells whether eligibility is confirmed without the card only within what the
// patient began by it: at home there is nobody at a desk who shows a document.
constexpr bool NeedsRelation(FormOfCare form) {
  return form == FormOfCare::kHomeVisit || form == FormOfCare::kOnlineCare;
}

// kEndsNoRelation as the kinds of a ConsentEnd: some kinds were asked for, none of them ran, and
// the row remembers the request alone. An end of no kinds (0) was asked for every kind, and ends
// the relation that was left.
inline constexpr int kEndsNoRelation = 1 << kConsentKinds;

// HomeRelation is what stands between a patient and a facility that visits at home or has a booking
// of online care: as long as it lasts, eligibility is confirmed without the card.
struct HomeRelation {
  ConsentStanding standing = ConsentStanding::kNeverGiven;  // never kDeclined
  absl::Time given;                                         // the latest act by card
  AuditId act;                                              // of that act
  std::optional<absl::CivilDay> booking;                    // online care, JST
  absl::Time until;  // running: first instant at which it no longer lasts
  // agreed: the kinds of data whose consent runs, and whose certificate lets it count yet
  ConsentDecisions open;
  // agreed: likewise, but nothing fresh enough tells now how the certificate stands (kUnknown): to
  // be asked again, for what is not open may be by then. Of several bookings a kind may be in both.
  ConsentDecisions unknown;
};

// ActCertificates is how the certificates stand now that acts were made with, one for each act, in
// their order: a missing one is kUnknown. A revoked one opens nothing.
struct ActCertificates {
  std::span<const CertificateFinding> findings;
  CertificateRules rules;
};

// RelationAt folds what was `given` into the relation at `at`. An act by a valid card begins it,
// also one that declines every kind of data: who refuses records is treated all the same. It lasts
// as long as that act's window (home visits: until it is ended, online care: to the end of the
// booking's day), or until an end leaves no kind of data open. An oral act and one by an expired
// card begin nothing, and an oral agreement takes nothing away (seed 002, domain.md 3 and 4; what
// becomes of a decline is ours). Of several bookings that `scope` admits: the one that lasts
// longest, else the one given last.
//
// What has become of the card that began it closes kinds of data, by the rule of records, and not
// the relation: that eligibility is confirmed needs nobody's consent, and who takes part in it
// ended nothing (ours).
HomeRelation RelationAt(const ConsentHistory& given, const ActCertificates& certificates,
                        const ConsentScope& scope, absl::Time at);

// RunningRelations are the acts of `given` on which relations rest that run at `at`, as indices
// into `given.acts`: one for each booking that `scope` admits, by the rules of RelationAt.
std::vector<size_t> RunningRelations(const ConsentHistory& given, const ConsentScope& scope,
                                     absl::Time at);

// DenialOf tells why `relation` does not carry an answer about `day`, JST; empty: it does. A
// patient who never was here reads like one who does not exist: NO_CONSENT.
std::optional<Reason> DenialOf(const HomeRelation& relation, absl::CivilDay day);

}  // namespace kakunin
