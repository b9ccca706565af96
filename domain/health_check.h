#pragma once

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/person_id.h"
#include "domain/receipt.h"
#include "domain/record_kind.h"

namespace kakunin {

// HealthCheckItem is one result or answer (domain.md 1.8).
struct HealthCheckItem {
  std::string code;  // JLAC10, 17 characters
  std::string name;
  std::string data_type;  // PQ, CD, CO or ST
  std::string value;
  std::string unit;
  std::string code_list;
  std::string value_name;
};

// HealthCheck is one examination (特定健診 or 後期高齢者健診). It hangs on the person: whoever
// changes insurer keeps it.
struct HealthCheck {
  PersonId person;
  std::string registrar_number;  // who pushed it
  std::string registrar_name;
  std::string reference;  // the registrar's own name of it
  absl::CivilDay examination_day;
  HealthCheckProgramme programme = HealthCheckProgramme::kSpecific;
  RecordFacility facility;
  std::vector<HealthCheckItem> items;
};

}  // namespace kakunin
