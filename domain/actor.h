#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "domain/facility_settings.h"
#include "domain/person_id.h"

namespace kakunin {

// FacilityType, TerminalKind: numbers of operations_service.proto.
enum class FacilityType { kHospital = 1, kClinic, kDental, kPharmacy, kHomeNursing };
enum class TerminalKind { kDesk = 1, kViewing, kMobile, kRestricted };

// Role is what the user at the terminal is: what the facility says (metadata `kakunin-role`), or
// the role of the account that has logged in.
enum class Role { kGeneral = 1, kAdministrator, kDoctor, kDentist, kPharmacist, kOtherQualified };

// RoleEvidence tells how user and role are known: a session makes them proven.
enum class RoleEvidence { kAsserted = 1, kProven };

// TestPersons are the published test persons, whom alone a facility in the operation test
// (運用テスト) sees.
using TestPersons = absl::flat_hash_set<PersonId>;

// SeesOnly is what a terminal's facility may see of persons: null is everybody, as in use.
using SeesOnly = std::shared_ptr<const TestPersons>;

// Sees tells whether `person` exists for who asks.
inline bool Sees(const SeesOnly& sees_only, const PersonId& person) {
  return sees_only == nullptr || sees_only->contains(person);
}

// What is in force of abnormal times: domain/abnormal_times.h.
struct AbnormalTimes;

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
  SeesOnly sees_only;         // set while its facility is in the operation test
  // Of its facility: five digits; empty: not known.
  std::string municipality_code;
  absl::Time municipality_since = absl::InfiniteFuture();  // when that was said
  // As of the registry's snapshot; null: no policy was ever approved.
  std::shared_ptr<const AbnormalTimes> abnormal_times;
  // Forms of care that its facility has not added, or not yet: bit n for the FormOfCare n.
  uint8_t forms_not_added = 0;
};

struct Insurer {
  std::string insurer_number;
};

struct Operator {
  std::string name;
  std::string body;  // whose operator it is: a ministry, a prefecture; empty: not said
};

// Applicant has no certificate yet. Its account is known once its session is: the door of the
// onboarding port knows whence it comes and no more.
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

// CardLinkProvider tells whose card certificate is whose: 地方公共団体情報システム機構.
struct CardLinkProvider {
  std::string provider;
};

// Actor is who calls, decided once per call by dispatch. Closed: a policy names the kinds it
// admits.
using Actor =
    std::variant<Terminal, Insurer, Operator, Applicant, Patient, ClaimsReviewer, CardLinkProvider>;

enum class ActorKind : uint8_t {
  kTerminal = 1,
  kInsurer,
  kOperator,
  kApplicant,
  kPatient,
  kClaimsReviewer,
  kCardLinkProvider
};

inline ActorKind KindOf(const Actor& actor) { return static_cast<ActorKind>(actor.index() + 1); }

}  // namespace kakunin
