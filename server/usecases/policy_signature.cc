#include "server/usecases/policy_signature.h"

namespace kakunin {

SignedPolicy SignPolicy(const auth::HmacKey& key, const AbnormalTimesPolicy& policy) {
  return {.policy = policy, .signature = key.Mac(CanonicalOctets(policy))};
}

bool IsSigned(const auth::HmacKey& key, const SignedPolicy& policy) {
  return auth::ConstantTimeEqual(key.Mac(CanonicalOctets(policy.policy)), policy.signature);
}

}  // namespace kakunin
