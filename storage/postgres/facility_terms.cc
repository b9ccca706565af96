#include "storage/postgres/facility_terms.h"

#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr std::string_view kNever = "infinity";

std::optional<absl::CivilDay> DayOrNone(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return field.c_str() == kNever ? kNotAdded : DayFromText(field.c_str());
}

}  // namespace

FacilityTerms FacilityTermsFrom(const pqxx::row& row, int first) {
  FacilityTerms terms{
      .ground_ending_day = DayOrNone(row[first + 2]),
      .closure = {.last_day = DayOrNone(row[first + 3]), .resume_day = DayOrNone(row[first + 4])},
      .home_visits_from = DayOrNone(row[first + 5]),
      .online_care_from = DayOrNone(row[first + 6])};
  if (!row[first].is_null()) {
    terms.introduction_type = static_cast<IntroductionType>(row[first].as<int>());
  }
  if (!row[first + 1].is_null()) {
    terms.ground = static_cast<RestrictedGround>(row[first + 1].as<int>());
  }
  return terms;
}

std::string TermDayText(const std::optional<absl::CivilDay>& day) {
  if (!day) return "";
  return *day == kNotAdded ? std::string(kNever) : DayText(*day);
}

}  // namespace kakunin
