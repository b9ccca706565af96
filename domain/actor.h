#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "absl/time/time.h"

namespace kakunin {

// FacilityType, TerminalKind: numbers of operations_service.proto.
enum class FacilityType { kHospital = 1, kClinic, kDental, kPharmacy, kHomeNursing };
enum class TerminalKind { kDesk = 1, kViewing, kMobile, kRestricted };

// Role is what the facility says of the user at the terminal (metadata `kakunin-role`).
enum class Role { kGeneral = 1, kAdministrator, kDoctor, kDentist, kPharmacist, kOtherQualified };

// RoleEvidence tells how the role is known; sessions will make it proven.
enum class RoleEvidence { kAsserted = 1, kProven };

// Terminal is one terminal of one facility, by its registered certificate.
struct Terminal {
  std::string facility_code;
  std::string terminal_id;
  FacilityType facility_type = FacilityType::kClinic;
  TerminalKind kind = TerminalKind::kDesk;
  std::string user;  // opaque to us; metadata `kakunin-user`
  Role role = Role::kGeneral;
  RoleEvidence role_evidence = RoleEvidence::kAsserted;
  // First instant at which the certificate that it called with no longer counts.
  absl::Time certificate_ends = absl::InfiniteFuture();
};

struct Insurer {
  std::string insurer_number;
};

struct Operator {
  std::string name;
};

// Applicant has an account and no certificate yet.
struct Applicant {
  std::string account;
};

// Patient has identified at the web door.
struct Patient {
  std::string session;
};

// ClaimsReviewer (審査支払機関) examines and pays claims: 社会保険診療報酬支払基金 or a 国保連.
struct ClaimsReviewer {
  std::string reviewer_number;
};

// Actor is who calls, decided once per call by dispatch. Closed: a policy names the kinds it
// admits.
using Actor = std::variant<Terminal, Insurer, Operator, Applicant, Patient, ClaimsReviewer>;

enum class ActorKind : uint8_t {
  kTerminal = 1,
  kInsurer,
  kOperator,
  kApplicant,
  kPatient,
  kClaimsReviewer
};

inline ActorKind KindOf(const Actor& actor) { return static_cast<ActorKind>(actor.index() + 1); }

}  // namespace kakunin
