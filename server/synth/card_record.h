#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "kakunin/v1/card_link_service.pb.h"
#include "server/synth/household.h"

namespace kakunin::synth {

// CardState is what a certificate is worth on the nation's day.
enum class CardState {
  kValid,
  kInGrace,     // expired, a physical card, within the grace of three months
  kExpired,     // expired, beyond grace or a phone
  kSuperseded,  // replaced by a newer one of the same holder, not in a CRL yet
  kRevoked,     // in a CRL
  kNotLinked,   // valid, its holder never registered it
  kIssuerOver,  // valid itself, but its CA's own validity is over
};

// CardRecord is everything about one certificate except its octets, which card_certificate.h makes
// on demand.
struct CardRecord {
  int generation = 3;   // of the card CA, 1-3
  uint64_t serial = 0;  // unique within the nation
  v1::CardMedium medium = v1::CARD_MEDIUM_CARD;
  CardState state = CardState::kValid;
  std::string municipality_code;  // the CRL's partition
  int key_index = 0;              // into the installation's key pool
  absl::Time not_before;
  absl::Time not_after;  // last second of validity, 23:59:59 JST
  bool linked = true;
  // The certificate this one replaces, or 0.
  uint64_t replaces_serial = 0;
  int replaces_generation = 0;
  // Set when revoked; the reason is a CRLReason (RFC 5280 5.3.1).
  absl::Time revoked_at;
  int revocation_reason = 0;
};

inline constexpr int kCardGenerations = 3;

// Validity is a certificate's period: [not_before, not_after + 1 s).
struct CertificatePeriod {
  absl::Time not_before;
  absl::Time not_after;
};

// CardAuthorityPeriods are the validities of the three generations of the card CA, which share one
// DN, as they lie in jpki.md 1.1 seen from its day: generation 1 is over since 13 months.
std::array<CertificatePeriod, kCardGenerations> CardAuthorityPeriods(absl::CivilDay today);

// LastSecondOf is 23:59:59 JST of a day, where the field's certificates end.
absl::Time LastSecondOf(absl::CivilDay day);

// FifthBirthday is the last day of a card issued on `issue_day`: the fifth birthday after it
// (domain.md 3, certificate rule).
absl::CivilDay FifthBirthday(absl::CivilDay birth_date, absl::CivilDay issue_day);

// CardsOf returns a member's certificates, a replaced one before the one that replaces it. Empty
// for persons without a card.
std::vector<CardRecord> CardsOf(const NationOptions& options, const Household& household,
                                size_t member);

// CardLinkOf is the row that J-LIS would report. `issuer_key_id` holds the generation as one octet:
// data files do not depend on an installation's CA keys (see NationFiles).
v1::CardLink CardLinkOf(const CardRecord& card, const std::string& individual_number);

}  // namespace kakunin::synth
