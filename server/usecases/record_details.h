#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/record_kind.h"

namespace kakunin {

// ConsentMark names the consent that a decision about one kind rested on, or that came nearest,
// among the acts of that person at that facility for that form of care.
struct ConsentMark {
  RecordKind kind = RecordKind::kDrug;
  absl::Time begin;                       // of its act; whole microseconds
  std::optional<absl::CivilDay> booking;  // of its act, JST

  friend bool operator==(const ConsentMark&, const ConsentMark&) = default;
};

// TerminalThen is what of a terminal decides beside its user's role.
struct TerminalThen {
  TerminalKind kind = TerminalKind::kDesk;
  FacilityType facility_type = FacilityType::kClinic;
};

// MarksText and TerminalText are how AuditRecord::details keep them, behind everything else:
// ";consents:1@1795158015000000@2026-11-19,5@1795158015000000" and ";terminal:1@2".
std::string MarksText(const std::vector<ConsentMark>& marks);
std::string TerminalText(const Terminal& terminal);

// ReadMarks and ReadTerminal read them back from whole details; nullopt where there is none, as in
// rows of versions that kept none.
std::optional<std::vector<ConsentMark>> ReadMarks(std::string_view details);
std::optional<TerminalThen> ReadTerminal(std::string_view details);

}  // namespace kakunin
