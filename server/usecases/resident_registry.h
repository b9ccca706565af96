#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "domain/text/individual_number.h"

namespace kakunin {

// CardCertificateId names a card's certificate.
struct CardCertificateId {
  std::string issuer_key_id;  // 32 octets
  std::string serial;         // big-endian, no leading zero octet
};

// CardHolder is what the register of residents tells of one card certificate.
struct CardHolder {
  IndividualNumber individual_number;
  int medium = 0;                             // CardMedium of the API: 1 card, 2 Android, 3 iPhone
  std::optional<CardCertificateId> replaces;  // of the same holder
};

// ResidentRegistry is the one who knows which certificate was issued to whom (J-LIS). Used by one
// thread.
class ResidentRegistry {
 public:
  virtual ~ResidentRegistry() = default;
  // FindHolder returns the holder, empty when the register knows no such certificate, or why it
  // cannot be asked; the error names no card.
  virtual absl::StatusOr<std::optional<CardHolder>> FindHolder(const CardCertificateId& card) = 0;
};

}  // namespace kakunin
