#pragma once

#include "auth/digest.h"
#include "domain/person_id.h"
#include "domain/text/individual_number.h"
#include "domain/text/insured_key.h"
#include "storage/feed_store.h"

namespace kakunin {

// FeedKeys are the installation's secret keys that turn what an insurer sends into what is stored.
// The references outlive the object.
struct FeedKeys {
  const auth::HmacKey& individual_number;
  const auth::HmacKey& look_up;
  const auth::HmacKey& audit;
};

// LookUpHash is the key under which a coverage is found by what the clerk types: HMAC-SHA-256 over
// CanonicalBytes, cut to 128 bits. The feed writes it and the desk asks by it.
KeyHash LookUpHash(const auth::HmacKey& look_up, const InsuredKey& key, bool with_branch);

// HashOf is all that is kept of an individual number.
IndividualNumberHash HashOf(const auth::HmacKey& individual_number, const IndividualNumber& number);

}  // namespace kakunin
