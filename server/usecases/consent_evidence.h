#pragma once

#include <span>
#include <vector>

#include "absl/time/time.h"
#include "auth/revocation_snapshot.h"
#include "domain/record_access.h"
#include "domain/retention.h"
#include "domain/stored_certificate.h"
#include "storage/record_store.h"

namespace kakunin {

// RecordRules is configuration.
struct RecordRules {
  CertificateRules certificates;
  absl::Duration crl_max_age = auth::kDefaultCrlMaxAge;
  // What has had its time is not shown, dropped or not.
  RetentionRules retention;
};

// kOutpatientActs is how far back outpatients' acts are looked at: their consents last 24 hours,
// what lies further back is told as "no consent" and not as "expired", and need not be read for a
// patient who comes three times a week for years.
inline constexpr absl::Duration kOutpatientActs = absl::Hours(24 * 31);

// FindCertificate tells how the certificate of an act stands at `now`; nothing is remembered from
// the act's own time. `stored`: what is known of it beside the lists; what was revoked once its
// memory was over stays so. `revocations` null: nothing is known of any certificate now. A list
// that was never named, or that its issuer publishes no longer beside others, cannot be waited for:
// kUntraceable.
CertificateFinding FindCertificate(const ConsentAct& act, StoredCertificate stored,
                                   const auth::RevocationSnapshot* revocations,
                                   absl::Duration crl_max_age, absl::Time now);

// LatestActWasInGrace tells whether the facility last confirmed the person by an expired card.
bool LatestActWasInGrace(std::span<const FoundConsentAct> acts);

// ConsentFile is what is stored about one person's consents, ready for the rules.
class ConsentFile {
 public:
  explicit ConsentFile(const FoundPerson& found);
  // What the file hands out points into it.
  ConsentFile(const ConsentFile&) = delete;
  ConsentFile& operator=(const ConsentFile&) = delete;

  ConsentHistory history() const { return {.acts = acts_, .ends = found_.ends}; }

  // Evidence is the states of `kind` at `now`, each with how its certificate stands.
  std::vector<ConsentEvidence> Evidence(const ConsentScope& scope, ConsentKind kind,
                                        const auth::RevocationSnapshot* revocations,
                                        const RecordRules& rules, absl::Time now) const;

  // FindingOf tells how the certificate stands at `now` of the act that decided `state`, which is
  // of this file.
  CertificateFinding FindingOf(const ConsentState& state,
                               const auth::RevocationSnapshot* revocations,
                               const RecordRules& rules, absl::Time now) const;

 private:
  const FoundPerson& found_;
  std::vector<ConsentAct> acts_;  // beside those of `found_`, in the same order
};

}  // namespace kakunin
