#pragma once

#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/coverage.h"
#include "domain/error.h"
#include "domain/use_application.h"

namespace kakunin {

// ServiceAddition is a facility's application to add home visits or online care.
struct ServiceAddition {
  std::optional<FormOfCare> form_of_care;  // kHomeVisit or kOnlineCare
  std::optional<absl::CivilDay> start_day;
};

// AddingFacility is how the facility stands that applies.
struct AddingFacility {
  IntroductionType introduction_type = IntroductionType::kFull;
  bool in_use = false;
  bool has_already = false;  // the form of care was added before
};

// CheckServiceAddition is everything that is wrong with it as of `day`, JST. The facility must be
// in use, with the full type: the restricted one confirms eligibility on a screen and shows no
// records (seed 004). It cannot begin before the forms themselves did (kOtherFormsStart).
std::vector<FieldViolation> CheckServiceAddition(const ServiceAddition& addition,
                                                 const AddingFacility& facility,
                                                 absl::CivilDay day);

// AddedServiceWorks tells whether the URLs and calls of an approved addition work on `day`: from
// its start on, and not before.
bool AddedServiceWorks(absl::CivilDay start_day, absl::CivilDay day);

}  // namespace kakunin
