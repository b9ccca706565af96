#pragma once

#include <string_view>

#include "auth/issuance.h"
#include "server/synth/card_record.h"

namespace kakunin::synth {

// CertificateSpecFor is the certificate of a card, to be signed by the CA of its generation.
// `public_key` is the encoded SubjectPublicKeyInfo of the pool's key at the card's index. A phone's
// certificate has the card's policy OID, since the phone's own is not public (jpki.md 1.2).
auth::CertificateSpec CertificateSpecFor(const CardRecord& card, const auth::Authority& issuer,
                                         std::string_view public_key);

}  // namespace kakunin::synth
