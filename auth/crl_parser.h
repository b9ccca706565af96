#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <span>

#include "auth/revocation_snapshot.h"
#include "auth/trust_store.h"

namespace kakunin::auth {

// ParseCrl reads one DER CRL and checks its signature once, with the pinned key that made it.
// INVALID_ARGUMENT names the refusal: not strict DER, not version 2, unknown signer or signer
// without cRLSign, algorithm, no nextUpdate or crlNumber, delta, indirect, limited by reasons or
// kind of certificate, unknown critical extension, entry extension that does not decode,
// removeFromCRL. The text holds no serial. A partition's name comes from the issuing distribution
// point; a CRL without one gets the empty name. The result is the caller's to complete with former
// serials before it is shared. `crl` is not kept. Walks the entries in place:
// memory is that of the result.
absl::StatusOr<std::shared_ptr<CrlPartition>> ParseCrl(std::span<const uint8_t> crl,
                                                       const TrustStore& store);

}  // namespace kakunin::auth
