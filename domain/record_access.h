#pragma once

#include <optional>
#include <span>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/access_policy.h"
#include "domain/actor.h"
#include "domain/consent_state.h"
#include "domain/error.h"
#include "domain/record_kind.h"

namespace kakunin {

// CertificateFinding is how the certificate that a consent was given with stands now; looked up
// again on every call.
enum class CertificateFinding {
  kNoCertificate = 1,  // given orally
  kGood,
  kRevoked,      // since, for whatever reason but "superseded"; also when none was given
  kSuperseded,   // by the same person's next certificate: a card link or the list's reason says so
  kExpired,      // after the consent, and not known to be revoked
  kUnknown,      // no revocation list that is fresh enough now
  kUntraceable,  // nothing tells, now or later, in which list to look
};

// CertificateRules is the dated switch of what a lapse does. OUR rule, no source: in calls within
// [lapse_ignored_from, lapse_ignored_to) a consent outlives its certificate's renewal or expiry, as
// the patient's will does; outside, such a consent counts no more. Revocation always counts.
struct CertificateRules {
  absl::Time lapse_ignored_from = absl::InfinitePast();
  absl::Time lapse_ignored_to = absl::InfiniteFuture();
};

// ConsentEvidence is one consent that may open a record, and how its certificate stands.
struct ConsentEvidence {
  ConsentState state;
  CertificateFinding certificate = CertificateFinding::kUnknown;
};

// RecordCall is one question about the records of one person, real or hypothetical.
struct RecordCall {
  const Terminal* terminal = nullptr;  // never null
  Operation operation = Operation::kGetDrugHistory;
  RecordKind kind = RecordKind::kDrug;
  FormOfCare form_of_care = FormOfCare::kOutpatient;
  Situation situation = Situation::kNormal;
  absl::Time at;  // the server's clock; the policy's date, too
  // Last day of care that is asked for, JST; empty: no end. Wholly before the kind's first data:
  // kNotInService, not an empty list.
  std::optional<absl::CivilDay> asked_through;
  // Persons that the key fits. None is told as one without consent; several are never chosen from.
  int persons_found = 1;
  // The facility's latest confirmation of the person was by an expired card in grace, which takes
  // no consent.
  bool confirmed_for_eligibility_only = false;
  // An open case says that the person may be taken for somebody else: what is stored may be theirs.
  bool identity_in_question = false;
  // Other than in normal times: the view that opens records in place of a consent, its policy and
  // the first instant at which it opens nothing.
  std::optional<PolicyId> policy;
  absl::Time view_end;
  // Asked by a number without its branch, which may fit several persons; for the explanation.
  bool without_branch = false;
};

// RecordDecision is what a call comes to.
struct RecordDecision {
  std::optional<Reason> denial;    // empty: allowed
  const AccessRow* row = nullptr;  // of the policy, that decided or allowed; null: none
  // The consent that opens the records or, refused, the one that came nearest. kNeverGiven when
  // there is none or none is asked for.
  ConsentState consent;
  CertificateFinding certificate = CertificateFinding::kNoCertificate;
  absl::Time until;  // allowed: first instant at which it is not; InfiniteFuture: until ended

  bool allowed() const { return !denial; }
  absl::Duration TimeLeft(absl::Time at) const { return until - at; }
};

// DenialOf tells why a consent that stands so opens nothing; empty: it runs.
std::optional<Reason> DenialOf(ConsentStanding standing);

// DenialOf tells why a consent that was given by `method` with a certificate that stands so counts
// no more at `at`; empty: it counts.
std::optional<Reason> DenialOf(CertificateFinding finding, ConsentMethod method, absl::Time at,
                               const CertificateRules& rules);

// DecideRecordAccess decides one call. `evidence` holds the states of the consent that ConsentFor
// names (ConsentStatesAt of exactly that person, facility and form of care, at `call.at`), best
// first, in any number. The order of the questions: policy; is there such data at all; whose
// records; consent; its certificate. The first consent that opens decides, else the first one's
// reason is told. Reasons beside those of DecideTerminal: kNotInService, kBranchNumberNeeded,
// kNoConsent, kConsentDeclined, kConsentExpired, kConsentRevoked, kCardEligibilityOnly,
// kConsentCertificateRevoked, kConsentCertificateLapsed, kConsentCertificateUntraceable,
// kRevocationUnknown (ask again), kIdentityInQuestion (told only to whom a consent would open). In
// other than normal times no consent is looked at: the policy must be in force and the view open
// (kAbnormalViewExpired), and the person not in question.
RecordDecision DecideRecordAccess(const RecordCall& call, std::span<const ConsentEvidence> evidence,
                                  const CertificateRules& rules);

}  // namespace kakunin
