#pragma once

namespace kakunin {

// What the statements that read consents tell of the certificate of an act `c` whose card link is
// `k`: a StoredCertificate as int2. Texts and not functions, since the statements are constants.

// Behind the join of `k`.
#define KAKUNIN_JOIN_FORGOTTEN_REVOCATION                                   \
  "LEFT JOIN forgotten_revocation fr ON fr.issuer_key_id = c.issuer_key_id" \
  " AND fr.serial = c.serial AND c.certificate_not_after < fr.until"

#define KAKUNIN_STORED_CERTIFICATE                                                         \
  "(CASE WHEN fr.serial IS NOT NULL THEN 2 WHEN k.superseded_at IS NOT NULL THEN 1 ELSE 0" \
  " END)::int2"

}  // namespace kakunin
