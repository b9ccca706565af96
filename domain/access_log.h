#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "domain/access_policy.h"
#include "domain/audit_record.h"
#include "domain/error.h"
#include "domain/person_id.h"
#include "domain/record_kind.h"

namespace kakunin {

// kAccessCopyOverlap is how long after its instant a call's rows may commit and still be copied in
// the next round: far longer than a lane's bound (1 s). The copy is complete up to so long before
// the instant that it has reached.
inline constexpr absl::Duration kAccessCopyOverlap = absl::Minutes(2);
// kWideAccessCopyOverlap is the same for the rounds, one in ten minutes, that look for what came
// later still: refusals that waited while the database was away.
inline constexpr absl::Duration kWideAccessCopyOverlap = absl::Minutes(15);

// AccessedKind is what became of one kind of data that a call asked for.
struct AccessedKind {
  RecordKind kind = RecordKind::kDrug;
  std::optional<Reason> denial;  // empty: shown
};

// Access is one call of a terminal as it is listed: to the facility's administrator, or to the
// patient whom it was about.
struct Access {
  AuditId audit_id;
  absl::Time at;
  std::string facility_code;
  std::string facility_name;           // for patients
  std::string terminal_id;             // for administrators
  std::string user;                    // for administrators; opaque
  std::optional<Role> role;            // patients: not known yet for calls of the last minutes
  std::optional<Operation> operation;  // likewise, of confirmations
  std::optional<Reason> denial;        // empty: answered
  int validity = 0;                    // 0: not an eligibility answer
  std::vector<AccessedKind> kinds;
  bool own_act = false;                      // for patients: theirs, at home
  Situation situation = Situation::kNormal;  // for patients
  bool rehearsal = false;                    // of it
  std::optional<PersonId> person;  // for administrators, where the facility knows the patient
};

// ToldReason is what the caller was told when the audit holds `exact`, which may say more (whose
// challenge it was, what of the card was wrong). Empty for an empty text.
std::optional<Reason> ToldReason(std::string_view exact);

// KnowsPatient tells whether a facility that was answered by `operation`, or refused with `denial`,
// knew the patient before, so that naming them again tells nothing: only a consent that was once
// given there is declined, expired or revoked, or has a certificate to look up. After the other
// refusals a handle would tell that there is such a person, and so it would after calls about
// consents (operations 60 to 63), which answer of nobody as of somebody without one. `operation`
// empty: not known yet.
bool KnowsPatient(std::optional<Operation> operation, std::optional<Reason> denial);

// AccessedKinds reads the kinds that a row of accesses holds: "1=SHOWN;2=NO_CONSENT". What cannot
// be read is left out.
std::vector<AccessedKind> AccessedKinds(std::string_view text);

}  // namespace kakunin
