#pragma once

#include <optional>
#include <pqxx/row>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "domain/facility_terms.h"

namespace kakunin {

// kFacilityTermColumns are the columns of kakunin.facility, as `f`, that hold its terms.
inline constexpr std::string_view kFacilityTermColumns =
    "f.introduction_type, f.ground, f.ground_ending_day, f.closure_last_day,"
    " f.closure_resume_day, f.home_visits_from, f.online_care_from";

// FacilityTermsFrom reads them from column `first` on.
FacilityTerms FacilityTermsFrom(const pqxx::row& row, int first);

// TermDayText is the text of a day of the terms; "" for none, "infinity" for kNotAdded.
std::string TermDayText(const std::optional<absl::CivilDay>& day);

}  // namespace kakunin
