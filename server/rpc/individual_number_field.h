#pragma once

#include <string>

#include "auth/digest.h"
#include "server/rpc/fields.h"
#include "storage/feed_store.h"

namespace kakunin {

// ReadIndividualNumber reads one required individual number into its keyed hash: the text itself
// goes no further than this. Empty when something is wrong, which `errors` then says.
IndividualNumberHash ReadIndividualNumber(FieldErrors& errors, const std::string& field,
                                          const std::string& text, const auth::HmacKey& key);

}  // namespace kakunin
