#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "domain/facility_settings.h"

namespace kakunin {

// FacilityType, TerminalKind: numbers of operations_service.proto.
enum class FacilityType { kHospital = 1, kClinic, kDental, kPharmacy, kHomeNursing };
enum class TerminalKind { kDesk = 1, kViewing, kMobile, kRestricted };

// Role is what the user at the terminal is: what the facility says (metadata `kakunin-role`), or
// the role of the account that has logged in.
enum class Role { kGeneral = 1, kAdministrator, kDoctor, kDentist, kPharmacist, kOtherQualified };

// RoleEvidence tells how user and role are known: a session makes them proven.
enum class RoleEvidence { kAsserted = 1, kProven };

// Terminal is one terminal of one facility, by its registered certificate.
struct Terminal {
  std::string facility_code;
  std::string terminal_id;
  FacilityType facility_type = FacilityType::kClinic;
  TerminalKind kind = TerminalKind::kDesk;
  // The account's name, or what the facility says (metadata `kakunin-user`), opaque to us.
  std::string user;
  Role role = Role::kGeneral;
  RoleEvidence role_evidence = RoleEvidence::kAsserted;
  // First instant at which the certificate that it called with no longer counts.
  absl::Time certificate_ends = absl::InfiniteFuture();
  FacilitySettings settings;  // of its facility
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
