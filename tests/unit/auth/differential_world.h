#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/card_verifier.h"
#include "auth/issuance.h"

namespace kakunin::auth {

// DifferentialWorld is what our verifier and OpenSSL are both given: five card CAs of one name
// (three RSA with partitioned CRLs, an ended P-256, a P-384 with one full CRL), two that nobody
// pinned, and CRLs that list the same serials. Roots point to a CRL of their own, as JPKI's do
// (jpki.md 1.1), since OpenSSL asks for the root's too.
struct DifferentialWorld {
  enum Issuer : size_t {
    kGeneration1,
    kGeneration2,
    kGeneration3,
    kEnded,
    kFullCrl,
    kImpostor,
    kSigning,
    kIssuers
  };

  std::vector<Authority> issuers;  // by Issuer
  std::vector<std::string> roots;  // DER; of the pinned ones
  std::vector<std::string> crls;   // DER
  std::shared_ptr<const TrustStore> store;
  RevocationSnapshot revocations;
  CardPolicy policy;  // with P-256 and P-384 enabled, as it will be one day

  static const DifferentialWorld& Get();
};

// The serials that every CRL lists.
inline constexpr uint64_t kRevokedSerial = 114'400'666;
SerialNumber RevokedLongSerial();

}  // namespace kakunin::auth
