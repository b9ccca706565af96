#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "domain/actor.h"

namespace kakunin {

// SubsidyClass is the class by which subsidies differ (補助の区分), not the legal type.
enum class SubsidyClass {
  kHospital = 1,
  kLargeChainPharmacy,  // 大型チェーン薬局
  kClinicOrPharmacy,    // 診療所, and every other pharmacy
};
inline constexpr int kSubsidyClasses = 3;

// kLargeChainPrescriptions is how many prescriptions a month a group accepts, all its pharmacies
// together, to be a large chain: seeds 000, 001 and 003 (グループで処方箋の受付が月4万回以上). What
// a group is and over which months they are counted is not stated.
inline constexpr int64_t kLargeChainPrescriptions = 40'000;

// SubsidyClassOf is the class of a facility. `group_prescriptions`: a month, of the whole group; a
// pharmacy in no group is a group of one. Empty: a pharmacy whose group's size is not known, and a
// home-nursing station, which no source gives a class. A dental clinic is a clinic (医療法
// 第1条の5第2項); the source documents say 診療所 and no more.
std::optional<SubsidyClass> SubsidyClassOf(FacilityType type,
                                           std::optional<int64_t> group_prescriptions);

// NameOf is the class as the source documents name it, in Japanese.
std::string_view NameOf(SubsidyClass subsidy_class);

}  // namespace kakunin
