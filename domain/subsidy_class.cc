#include "domain/subsidy_class.h"

namespace kakunin {

std::optional<SubsidyClass> SubsidyClassOf(FacilityType type,
                                           std::optional<int64_t> group_prescriptions) {
  switch (type) {
    case FacilityType::kHospital:
      return SubsidyClass::kHospital;
    case FacilityType::kClinic:
    case FacilityType::kDental:
      return SubsidyClass::kClinicOrPharmacy;
    case FacilityType::kPharmacy:
      if (!group_prescriptions) return std::nullopt;
      return *group_prescriptions >= kLargeChainPrescriptions ? SubsidyClass::kLargeChainPharmacy
                                                              : SubsidyClass::kClinicOrPharmacy;
    case FacilityType::kHomeNursing:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string_view NameOf(SubsidyClass subsidy_class) {
  switch (subsidy_class) {
    case SubsidyClass::kHospital:
      return "病院";
    case SubsidyClass::kLargeChainPharmacy:
      return "大型チェーン薬局";
    case SubsidyClass::kClinicOrPharmacy:
      return "診療所・薬局（大型チェーン薬局以外）";
  }
  return "";
}

}  // namespace kakunin
