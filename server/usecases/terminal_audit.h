#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "auth/digest.h"
#include "domain/access_policy.h"
#include "domain/actor.h"
#include "domain/audit_record.h"

namespace kakunin {

// AuditRecordFor begins the audit row of one terminal's call: who asked what, when, and under which
// key's digests.
AuditRecord AuditRecordFor(const Terminal& terminal, std::string_view actor_name,
                           Operation operation, FormOfCare form, absl::Time now,
                           const auth::HmacKey& key);

// SetSituation notes in an audit row on what the call rests; the rows of a facility in the
// operation test stay what they are.
void SetSituation(Situation situation, bool rehearsal, AuditRecord& record);

// KeyedDigest is the keyed digest that audit rows hold of anything personal: HMAC-SHA-256, its
// first 16 octets.
PersonPseudonym KeyedDigest(const auth::HmacKey& key, std::string_view octets);

// PseudonymOf is how the audit names a person.
PersonPseudonym PseudonymOf(const auth::HmacKey& key, const PersonId& person);

}  // namespace kakunin
