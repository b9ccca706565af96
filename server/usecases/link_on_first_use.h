#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auth/digest.h"
#include "server/usecases/resident_registry.h"
#include "storage/database.h"
#include "storage/feed_store.h"

namespace kakunin {

// FirstUseBackend is what linking a card on its first use stands on; the references outlive it.
struct FirstUseBackend {
  Database& database;  // of a role that may write card links, and not of a port's
  CardLinkStore& links;
  ResidentRegistry& registry;
  const auth::HmacKey& individual_number_key;
  const auth::HmacKey& audit_key;
};

// LinkOnFirstUse asks the register whose `card` is and links it as PushCardLinks does, audited. A
// renewed card comes with the one it replaces and the same number, and so keeps its person. Returns
// false when the register does not know the card; PERSON_CONFLICT when the card, or the one it
// replaces, is linked to somebody else; else why the register or the store did not do it.
absl::StatusOr<bool> LinkOnFirstUse(const FirstUseBackend& backend, const CardCertificateId& card,
                                    absl::Time now, MonotonicTime deadline);

}  // namespace kakunin
