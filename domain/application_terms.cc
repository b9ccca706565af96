#include "domain/application_terms.h"

#include <algorithm>
#include <string_view>

namespace kakunin {

std::string ValueIn(std::span<const FormField> form, std::string_view field) {
  const auto found = std::ranges::find(form, field, &FormField::field);
  return found == form.end() ? std::string() : found->value;
}

namespace {

// Days were looked at when the form was handed in.
std::optional<absl::CivilDay> DayIn(std::span<const FormField> form, std::string_view field) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(ValueIn(form, field), &day)) return std::nullopt;
  return day;
}

FacilityTerms TermsOfUse(const FacilityTerms& before, const ApprovedApplication& approved) {
  const bool restricted = approved.introduction_type == IntroductionType::kRestricted;
  if (approved.facility_in_use && restricted &&
      before.introduction_type != IntroductionType::kRestricted) {
    return before;
  }
  FacilityTerms terms = before;
  terms.introduction_type = approved.introduction_type;
  terms.ground.reset();
  terms.ground_ending_day.reset();
  if (restricted) {
    terms.ground = RestrictedGroundNamed(ValueIn(approved.form, "ground"));
    terms.ground_ending_day = DayIn(approved.form, "ground_ending_day");
  }
  if (!approved.facility_in_use) {
    terms.closure = {};
    terms.home_visits_from = kNotAdded;
    terms.online_care_from = kNotAdded;
  }
  return terms;
}

}  // namespace

FacilityTerms TermsAfter(const FacilityTerms& before, const ApprovedApplication& approved) {
  FacilityTerms terms = before;
  switch (approved.kind) {
    case ApplicationKind::kUse:
      return TermsOfUse(before, approved);
    case ApplicationKind::kServiceAddition: {
      const auto start = DayIn(approved.form, "start_day");
      if (!start) break;
      const bool home = ValueIn(approved.form, "form_of_care") == "home-visit";
      // An addition takes nothing away: what works, or will sooner, goes on.
      auto& from = home ? terms.home_visits_from : terms.online_care_from;
      if (from) from = std::min(*from, *start);
      break;
    }
    case ApplicationKind::kClosure:
      terms.closure = {.last_day = DayIn(approved.form, "last_day"),
                       .resume_day = DayIn(approved.form, "resume_day")};
      break;
    case ApplicationKind::kCardReaders:
    case ApplicationKind::kSubsidy:
      break;
  }
  return terms;
}

std::string PredecessorIn(std::span<const FormField> form) {
  return ValueIn(form, "predecessor_code");
}

FacilityTerms AfterSuccession(const FacilityTerms& before, absl::CivilDay start) {
  FacilityTerms terms = before;
  const FacilityClosure ends = ClosureOf({.first_day = start});
  const bool ended_before = before.closure.last_day && !before.closure.resume_day &&
                            *before.closure.last_day <= *ends.last_day;
  if (!ended_before) terms.closure = ends;
  return terms;
}

bool ReportsGroundEnd(const FacilityTerms& terms) {
  if (terms.introduction_type != IntroductionType::kRestricted || !terms.ground) return false;
  const GroundRow& row = RowOf(*terms.ground);
  return row.gives_right && !row.by_configuration;
}

std::optional<absl::CivilDay> ReminderDue(absl::CivilDay last_day, absl::CivilDay today) {
  if (today > last_day) return last_day + 1;
  std::optional<absl::CivilDay> due;
  for (const int before : kReminderDaysBefore) {
    const absl::CivilDay day = last_day - before;
    if (day <= today && (!due || day > *due)) due = day;
  }
  return due;
}

}  // namespace kakunin
