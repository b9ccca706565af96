#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/person_id.h"

namespace kakunin {

// The enumerations carry the numbers of the public API, which are the field's codes (OQSCD) where
// those exist: types.proto names them one by one, and a test at the border compares the two.
enum class Validity {
  kValid = 1,
  kInvalid,
  kInvalidNewerExists,
  kNotFound,
  kSeveralFound,
  kValidUnregistered
};
enum class FormOfCare { kOutpatient = 1, kHomeVisit, kOnlineCare, kEmergency };
enum class Sex { kUnspecified = 0, kMale, kFemale, kNotSet };
enum class CardClassification {
  kUnspecified = 0,
  kGeneral = 1,
  kRetired,
  kShortTermGeneral,
  kShortTermRetired,
  kSpecialMedicalExpense,
  kSpecialRetired,
  kSelfDefence,
  kMedicalAid = 101
};

// PersonName is one name as the insurer sent it; every other spelling is derived at the border.
struct PersonName {
  std::string original;
  std::string kana;
};

// ElderlyRecipientCertificate (高齢受給者証). `valid_through` is the last day covered.
struct ElderlyRecipientCertificate {
  std::optional<absl::CivilDay> issue_date;
  std::optional<absl::CivilDay> valid_from;
  std::optional<absl::CivilDay> valid_through;
  int contribution_percent = 0;
};

// LimitCertificate (限度額適用認定証). `valid_through` is the last day covered.
struct LimitCertificate {
  int classification = 0;           // OQSCD011
  std::string classification_flag;  // OQSCD012
  std::optional<absl::CivilDay> issue_date;
  std::optional<absl::CivilDay> valid_from;
  std::optional<absl::CivilDay> valid_through;
  std::optional<absl::CivilDay> long_term_date;
};

// SpecificDiseaseCertificate (特定疾病療養受療証). `valid_through` is the last day covered.
struct SpecificDiseaseCertificate {
  int disease = 0;  // OQSCD013
  std::optional<absl::CivilDay> issue_date;
  std::optional<absl::CivilDay> valid_from;
  std::optional<absl::CivilDay> valid_through;
  int64_t self_pay_yen = 0;
};

// MedicalTicket (医療券・調剤券), kept as the serialised public message: no rule here looks inside
// but at its days.
struct MedicalTicket {
  std::optional<absl::CivilDay> valid_from;
  std::optional<absl::CivilDay> valid_through;
  std::string serialised;
};

// Coverage is one qualification of one person as an insurer registered it: the structured truth.
// Lifetimes: `qualification_date` is the first day covered, `disqualification_date` the first day
// NOT covered, `certificate_valid_through` the last day on which the certificate holds. All days
// are JST.
struct Coverage {
  PersonId person;
  std::string insurer_number;  // eight characters
  std::string coverage_reference;
  CardClassification card_classification = CardClassification::kUnspecified;
  std::string symbol;
  std::string number;
  std::string branch_number;
  int personal_family_classification = 0;  // OQSCD009
  PersonName insured_name;
  PersonName name;
  PersonName other_name;
  Sex sex = Sex::kUnspecified;
  Sex sex_back = Sex::kUnspecified;
  absl::CivilDay birth_date;
  std::string address;
  std::string postal_code;
  absl::CivilDay qualification_date;
  std::optional<absl::CivilDay> disqualification_date;
  std::optional<absl::CivilDay> certificate_issue_date;
  std::optional<absl::CivilDay> certificate_valid_from;
  std::optional<absl::CivilDay> certificate_valid_through;
  std::optional<int> partial_contribution_percent;
  bool preschool = false;
  int reason_of_loss = 0;  // OQSCD008
  std::string insurer_name;
  bool medical_aid_unregistered = false;
  std::optional<ElderlyRecipientCertificate> elderly_recipient_certificate;
  std::vector<LimitCertificate> limit_certificates;
  std::vector<SpecificDiseaseCertificate> specific_disease_certificates;
  std::vector<MedicalTicket> medical_tickets;
  // Those that were delivered by themselves: any number, never two on one day.
  std::vector<ElderlyRecipientCertificate> delivered_elderly_certificates;
  // Keyed hash of (insurer, normalised symbol, number, birth date), without and with the branch.
  KeyHash key_without_branch;
  KeyHash key_with_branch;
};

}  // namespace kakunin
