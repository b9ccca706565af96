#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "domain/person_id.h"

namespace kakunin {

// kAnswerFormat numbers the encoding of an answer row, the serialised public messages in it
// included. A server that meets another number reads the truth instead; `kakunin migrate answers`
// rebuilds the rows.
inline constexpr int kAnswerFormat = 2;

// PieceKind tells what a dated piece of a coverage is, so that a rule can leave it out.
enum class PieceKind : uint8_t {
  kElderlyRecipientCertificate = 1,
  kLimitCertificate = 2,            // only with consent
  kSpecificDiseaseCertificate = 3,  // only with consent
  kMedicalTicket = 4,               // its octets depend on who asks: TicketOctetsFor
  kAddress = 5,                     // address and postal code
};

// TicketViews is what a medical ticket holds beside its plain octets: for whom it is written, and
// the octets that those facilities see instead (domain/medical_ticket.h chooses). Empty where the
// ticket names nobody.
struct TicketViews {
  std::string_view designated_facility_code;
  std::string_view prescription_issuer_code;
  std::string_view octets_for_designated;
  std::string_view octets_for_issuer;
};

// AnswerPiece is one dated part of a coverage: octets that, appended to the coverage's own, make
// one serialised public Coverage message that holds this part too.
struct AnswerPiece {
  PieceKind kind = PieceKind::kElderlyRecipientCertificate;
  std::optional<absl::CivilDay> valid_from;
  std::optional<absl::CivilDay> valid_through;  // last day covered
  std::string_view octets;
  TicketViews ticket;  // kMedicalTicket only
};

// AnswerCoverage is one coverage as the hot path reads it: the facts that select it, beside its
// octets.
struct AnswerCoverage {
  KeyHash key_without_branch;
  absl::CivilDay qualification_date;
  std::optional<absl::CivilDay> disqualification_date;  // first day NOT covered
  std::optional<absl::CivilDay> certificate_valid_from;
  std::optional<absl::CivilDay> certificate_valid_through;  // last day covered
  bool medical_aid = false;
  bool medical_aid_unregistered = false;
  std::string_view octets;
  std::vector<AnswerPiece> pieces;
};

// EncodeAnswerRow makes the octets of one person's answer row; nothing in it depends on who asks.
std::string EncodeAnswerRow(std::span<const AnswerCoverage> coverages);

// DecodeAnswerRow reads them back; the views point into `octets`, which must outlive the result.
// Returns DATA_LOSS when the octets are not such a row.
absl::StatusOr<std::vector<AnswerCoverage>> DecodeAnswerRow(std::string_view octets);

}  // namespace kakunin
