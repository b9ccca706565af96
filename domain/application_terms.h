#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/application.h"
#include "domain/facility_terms.h"

namespace kakunin {

// ApprovedApplication is an application at its approval.
struct ApprovedApplication {
  ApplicationKind kind = ApplicationKind::kUse;
  std::optional<IntroductionType> introduction_type;  // of kUse
  std::span<const FormField> form;                    // the newest version's
  bool facility_in_use = false;                       // it was, before
};

// TermsAfter is what an approved application makes of its facility's terms. One for use of a
// facility that begins sets them anew, without home visits and online care, which are applications
// of their own; of one in use it changes the restricted type to the full one, whose ground is then
// gone, or its ground, and never the full type to the restricted one. An addition sets the day on
// which its form of care begins, a closure the last day of use. Other kinds change nothing.
FacilityTerms TermsAfter(const FacilityTerms& before, const ApprovedApplication& approved);

// ValueIn is what a form says in a field; empty: nothing.
std::string ValueIn(std::span<const FormField> form, std::string_view field);

// PredecessorIn is the facility whose business an application for use goes on with; empty: none.
std::string PredecessorIn(std::span<const FormField> form);

// AfterSuccession is what the terms of a predecessor become on the day on which its successor's use
// starts, JST: the day before was its last. A closure that ends it earlier stays.
FacilityTerms AfterSuccession(const FacilityTerms& before, absl::CivilDay start);

// ReportsGroundEnd tells whether the facility uses the restricted type by a ground whose end is
// reported: (2), (4) or (6) of the transitional measures.
bool ReportsGroundEnd(const FacilityTerms& terms);

// ReminderDue is the newest day of reminding about `last_day` that has come by `today`: one of
// kReminderDaysBefore, or the day after the last one, when the facility is told that it ended.
// Empty: none has.
std::optional<absl::CivilDay> ReminderDue(absl::CivilDay last_day, absl::CivilDay today);

}  // namespace kakunin
