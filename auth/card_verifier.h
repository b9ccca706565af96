#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/revocation_snapshot.h"
#include "auth/serial_number.h"
#include "auth/trust_store.h"

namespace kakunin::auth {

// Medium tells where the key lives. Grace is for the physical card only (jpki.md 1.6).
enum class Medium : uint8_t { kCard, kPhone };

enum class VerdictKind : uint8_t {
  kAccepted,
  kEligibilityOnly,  // expired, in grace: eligibility yes, clinical data and consent no
  kRejected,
  kUnavailable,  // revocation unknown: fail closed, the caller may retry
};

// CardReason is the exact reason, for the audit row; callers get a general one.
enum class CardReason : uint8_t {
  kNone,
  // kRejected
  kMalformed,       // size, strict DER, X.509 syntax
  kIssuer,          // no pinned key made it
  kIssuerNotValid,  // made by a pinned CA that is outside its own validity
  kAlgorithm,       // signature algorithm not in the table, or inner and outer differ
  kExtension,       // unknown critical, path constraints, unusable distribution point
  kPolicy,          // policies absent or not all in the accepted set
  kKeyUsage,        // key usage, CA flag or extended key usage
  kKey,             // type, size or exponent of the card's key
  kNotYetValid,
  kRevoked,
  kExpired,             // past validity, and past grace where grace applies
  kChallengeSignature,  // the signature does not verify over the rebuilt octets
  // kUnavailable
  kRevocationMissing,
  kRevocationStale,
};

// CardReasonName is the stable name for audit rows and metrics, such as "REVOKED".
std::string_view CardReasonName(CardReason reason);
std::string_view VerdictKindName(VerdictKind kind);

// AlgorithmRule allows one algorithm during [from, to).
struct AlgorithmRule {
  KeyType key_type;
  int bits;
  DigestKind digest;
  absl::Time from = absl::InfinitePast();
  absl::Time to = absl::InfiniteFuture();
};

// CardPolicy is configuration: nothing about JPKI that is not certain is a constant.
struct CardPolicy {
  std::vector<std::string> accepted_policies;  // OID content octets, see EncodeOid
  bool policy_required = true;  // false: any policies or none; for verify-chain, never configured
  std::vector<AlgorithmRule> algorithms;
  size_t max_certificate_bytes = kMaxCertificateBytes;  // never above kMaxCertificateBytes
  size_t max_signature_bytes = 512;
  absl::Duration crl_max_age = kDefaultCrlMaxAge;
};

// DefaultCardPolicy accepts the card's user-authentication policy (1.2.392.200149.8.5.1.3.30,
// jpki.md 1.2) and RSA-2048 with SHA-256.
CardPolicy DefaultCardPolicy();

// CardVerdict is the result for one certificate and one signature. The identity fields are set
// once the chain is proven (kind is not kRejected for kMalformed, kIssuer or kAlgorithm) and are
// meaningful to a caller only when the kind is kAccepted or kEligibilityOnly.
struct CardVerdict {
  VerdictKind kind = VerdictKind::kRejected;
  CardReason reason = CardReason::kNone;
  bool expires_within_three_months = false;  // still valid, ends within 3 JST months
  IssuerKeyId issuer_key_id{};
  SerialNumber serial;
  absl::Time not_after;           // the last second of validity
  PartitionId crl_partition = 0;  // where its revocation is looked up again later
};

// VerifyCard judges a card's certificate and its signature over `to_be_signed`, which the server
// rebuilt itself (challenge.h). Pure: no clock, no I/O, no cache; safe from any thread on shared
// snapshots. `trust` must be of the user-authentication hierarchy, otherwise every card is kIssuer.
// Validity is [notBefore, notAfter + 1 s); grace for a physical card lasts from there to 00:00 JST
// of the first day of the fourth month after the JST month of notAfter (jpki.md 1.6). A definite
// rejection wins over kUnavailable.
CardVerdict VerifyCard(std::span<const uint8_t> certificate_der, std::span<const uint8_t> signature,
                       std::string_view to_be_signed, const TrustStore& trust,
                       const RevocationSnapshot& revocations, const CardPolicy& policy,
                       absl::Time now, Medium medium);

// VerifyCardCertificate judges a card's certificate as VerifyCard does, without possession of its
// key. `revocations` null: revocation is not asked. It is no proof of who stands at the desk: for
// verify-chain, and for acts that rest on an earlier VerifyCard.
CardVerdict VerifyCardCertificate(std::span<const uint8_t> certificate_der, const TrustStore& trust,
                                  const RevocationSnapshot* revocations, const CardPolicy& policy,
                                  absl::Time now, Medium medium);

// GraceEnd is the first instant after grace for a certificate whose last second is `not_after`.
absl::Time GraceEnd(absl::Time not_after);

// WarningStart is 00:00 JST of the day three months before the JST day of `not_after` (the last
// day of a shorter month).
absl::Time WarningStart(absl::Time not_after);

}  // namespace kakunin::auth
