#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/person_id.h"

namespace kakunin {

// RecordFacility is one facility as a record names it.
struct RecordFacility {
  std::string code;  // ten digits
  std::string name;
};

// Numbers are those of the public API (record_types.proto).
enum class DrugSource { kReceipt = 1, kDispensing, kPrescription };
enum class ReceiptKind { kInpatient = 1, kOutpatient, kDental, kDispensing };

// Drug is one line of a receipt (domain.md 1.7, DrugInf).
struct Drug {
  std::string code;  // nine digits
  std::string name;
  std::string ingredient_name;
  int drug_class = 0;               // DrugClass of the API; 0: see `drug_class_received`
  std::string drug_class_received;  // as it came, when unknown
  std::string dose;                 // decimal
  std::string unit;
  std::string usage_name;
  std::string special_instruction;
  int times = 0;  // days or times
};

struct DrugDay {
  std::optional<absl::CivilDay> dispensing_day;
  std::optional<absl::CivilDay> prescribing_day;
  std::vector<Drug> drugs;
};

// Treatment is one line of a receipt (domain.md 1.7, MeTrInf).
struct Treatment {
  std::string code;  // nine digits
  std::string name;
  std::string treatment_class;  // as received
  std::string amount;           // decimal
  std::string unit;
  int times = 0;
  std::vector<absl::CivilDay> days;
  bool surgery = false;  // opened by the consent to surgery alone
};

// Receipt is one claim of one facility for one person and month (レセプト), or its twin of the
// e-prescription service.
struct Receipt {
  PersonId person;
  std::string reviewer_number;  // who pushed it
  std::string reference;        // the reviewer's own name of it
  absl::CivilMonth treatment_month;
  DrugSource source = DrugSource::kReceipt;
  ReceiptKind kind = ReceiptKind::kOutpatient;
  RecordFacility facility;
  std::optional<RecordFacility> prescribing_facility;
  std::vector<DrugDay> drug_days;
  std::vector<Treatment> treatments;
};

}  // namespace kakunin
