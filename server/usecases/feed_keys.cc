#include "server/usecases/feed_keys.h"

#include <algorithm>

namespace kakunin {

KeyHash LookUpHash(const auth::HmacKey& look_up, const InsuredKey& key, bool with_branch) {
  const auth::Sha256Digest mac = look_up.Mac(CanonicalBytes(key, with_branch));
  KeyHash hash;
  std::copy_n(mac.begin(), hash.octets.size(), hash.octets.begin());
  return hash;
}

IndividualNumberHash HashOf(const auth::HmacKey& individual_number,
                            const IndividualNumber& number) {
  return {individual_number.Mac(number.Reveal()), individual_number.key_id()};
}

}  // namespace kakunin
