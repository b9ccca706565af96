#include "server/synth/facility_table.h"

#include <fmt/format.h>

#include "domain/text/facility_code.h"
#include "server/synth/insurer_table.h"
#include "server/synth/place_table.h"

namespace kakunin::synth {
namespace {

struct FacilityForm {
  v1::FacilityType type;
  FeeTable table;
  int per_municipality;
  std::string_view ending;
};

constexpr FacilityForm kForms[] = {
    {v1::FACILITY_TYPE_HOSPITAL, FeeTable::kMedical, 1, "総合病院"},
    {v1::FACILITY_TYPE_CLINIC, FeeTable::kMedical, 3, "クリニック"},
    {v1::FACILITY_TYPE_DENTAL, FeeTable::kDental, 2, "歯科医院"},
    {v1::FACILITY_TYPE_PHARMACY, FeeTable::kPharmacy, 2, "薬局"},
    {v1::FACILITY_TYPE_HOME_NURSING, FeeTable::kHomeNursing, 1, "訪問看護ステーション"},
};

Facility TestFacility(std::string_view code, std::string_view name, v1::FacilityType type) {
  return {std::string(code),
          std::string(name),
          type,
          {{std::string(test_facility::kDesk), v1::TERMINAL_KIND_DESK}}};
}

std::vector<Facility> MakeFacilities() {
  namespace t = test_facility;
  std::vector<Facility> all = {
      TestFacility(t::kClinic, "見本クリニック", v1::FACILITY_TYPE_CLINIC),
      TestFacility(t::kOtherClinic, "見本第二クリニック", v1::FACILITY_TYPE_CLINIC),
      TestFacility(t::kDental, "見本歯科医院", v1::FACILITY_TYPE_DENTAL),
      TestFacility(t::kPharmacy, "見本薬局", v1::FACILITY_TYPE_PHARMACY),
      TestFacility(t::kHomeNursing, "見本訪問看護ステーション", v1::FACILITY_TYPE_HOME_NURSING),
  };
  all[0].terminals.push_back({std::string(t::kViewing), v1::TERMINAL_KIND_VIEWING});
  all[0].terminals.push_back({std::string(t::kMobile), v1::TERMINAL_KIND_MOBILE});
  all[0].terminals.push_back({std::string(t::kRestricted), v1::TERMINAL_KIND_RESTRICTED});
  int area = 0;
  for (const Municipality& place : Municipalities()) {
    ++area;
    int running = 0;
    for (const FacilityForm& form : kForms) {
      for (int i = 0; i < form.per_municipality; ++i) {
        ++running;
        all.push_back(
            {WithCheckDigit(fmt::format("{:02}{}9{:02}{:03}", place.prefecture_code,
                                        static_cast<int>(form.table), area % 100, running)),
             fmt::format("{}{}{}", TownNames()[(area * 7 + running) % TownNames().size()],
                         i == 0 ? "" : (i == 1 ? "ひかり" : "みなみ"), form.ending),
             form.type,
             {{std::string(t::kDesk), v1::TERMINAL_KIND_DESK}}});
      }
    }
  }
  return all;
}

}  // namespace

std::span<const Facility> Facilities() {
  static const std::vector<Facility> all = MakeFacilities();
  return all;
}

}  // namespace kakunin::synth
