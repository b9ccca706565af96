#pragma once

#include <ostream>

#include "absl/time/civil_time.h"
#include "domain/subsidy.h"
#include "domain/subsidy_sentence.h"

namespace kakunin {

// For readable failures.
inline void PrintTo(SubsidyGap gap, std::ostream* out) { *out << NameOf(gap); }
inline void PrintTo(SubsidyAssumption assumption, std::ostream* out) { *out << NameOf(assumption); }

// The last day of the full refund, and the first without it.
inline constexpr absl::CivilDay kEarly(2021, 3, 31);
inline constexpr absl::CivilDay kLate(2021, 4, 1);

// Who is a facility of a class.
enum Who { kHospital, kChain, kClinic, kPharmacyBelow, kPharmacyAt };

inline SubsidyFacts Facts(SubsidyMeasure measure, Who who, int64_t cost) {
  SubsidyFacts facts{.measure = measure};
  facts.facility_type = who == kHospital ? FacilityType::kHospital
                        : who == kClinic ? FacilityType::kClinic
                                         : FacilityType::kPharmacy;
  if (who == kPharmacyBelow) facts.group_prescriptions = 39'999;
  if (who == kPharmacyAt) facts.group_prescriptions = 40'000;
  if (who == kChain) facts.group_prescriptions = 1'000'000;
  facts.cost_yen = cost;
  return facts;
}

inline SubsidyFacts System(Who who, int readers, absl::CivilDay applied, int64_t cost) {
  SubsidyFacts facts = Facts(SubsidyMeasure::kOutpatientSystem, who, cost);
  facts.readers = readers;
  facts.reader_applied = applied;
  return facts;
}

inline SubsidyFacts Restricted(int64_t cost) {
  SubsidyFacts facts = Facts(SubsidyMeasure::kRestrictedType, kClinic, cost);
  facts.ground = RestrictedGround::kRebuilding;
  facts.subsidy_applied = absl::CivilDay(2025, 2, 1);
  return facts;
}

}  // namespace kakunin
