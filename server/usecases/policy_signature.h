#pragma once

#include "auth/digest.h"
#include "domain/abnormal_times.h"
#include "domain/audit_record.h"
#include "storage/registry_store.h"

namespace kakunin {

// SignPolicy signs what a policy says, who approved and who ended it.
SignedPolicy SignPolicy(const auth::HmacKey& key, const AbnormalTimesPolicy& policy);

// IsSigned tells whether a policy was signed with the key, and not changed since. Thread-safe.
bool IsSigned(const auth::HmacKey& key, const SignedPolicy& policy);

}  // namespace kakunin
