#pragma once

namespace kakunin {

// StoredCertificate is what is stored of the certificate of a consent's act, beside what the
// revocation lists of the moment tell. Numbers of the statements that read it.
enum class StoredCertificate {
  kCurrent = 0,  // or of no card
  kSuperseded,   // a card link says that the same person has a new one in its place
  kRevoked,      // it ended revoked, and no list that is remembered tells so any more
};

}  // namespace kakunin
