#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "auth/peer_certificate.h"
#include "storage/registry_store.h"

namespace kakunin {

// ReadCertificateToRegister reads the certificate that a terminal or an insurer will call with, and
// checks what does not depend on the registry: exactly one name, which is `expected` whatever its
// trust domain, clientAuth, not yet expired at `now`. Returns INVALID_FIELDS for the field
// `certificate_pem` otherwise.
absl::StatusOr<auth::PeerCertificate> ReadCertificateToRegister(std::string_view pem,
                                                                const auth::PeerName& expected,
                                                                absl::Time now);

// CheckMayBeBound looks the certificate up in the registry: INVALID_FIELDS when it was ever revoked
// (it never comes back, whatever was registered since), CERTIFICATE_IN_USE when it is bound to
// anybody but `owner`, or a StoreError.
absl::Status CheckMayBeBound(Transaction& tx, RegistryStore& registry,
                             const auth::PeerCertificate& certificate, const std::string& owner);

// FirstInstantAfter is the first instant at which `certificate` no longer counts; the certificate
// itself names the last second.
absl::Time FirstInstantAfter(const auth::PeerCertificate& certificate);

}  // namespace kakunin
