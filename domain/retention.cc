#include "domain/retention.h"

#include "domain/civil_day.h"

namespace kakunin {
namespace {

constexpr absl::CivilDay kEver = absl::CivilDay::min();
constexpr absl::CivilDay kOpen = absl::CivilDay::max();

}  // namespace

bool AreAllowed(const RetentionRules& rules) { return rules.five_years_from <= kLatestFiveYearDay; }

std::vector<RetentionRow> RetentionTable(const RetentionRules& rules) {
  const absl::CivilDay five = rules.five_years_from;
  constexpr std::string_view kCare = "the month of care";
  constexpr std::string_view kThree = "seed 003 (drugs); domain.md 3, S16";
  constexpr std::string_view kFive = "domain.md 3, S19; the day of the change is configuration";
  using enum RetainedKind;
  return {
      {kDrug, kEver, five, 3, 0, true, kCare, false, kThree},
      {kDrug, five, kOpen, 5, 0, true, kCare, false, kFive},
      {kTreatment, kEver, five, 3, 0, true, kCare, false, kThree},
      {kTreatment, five, kOpen, 5, 0, true, kCare, false, kFive},
      {kHealthCheck, kEver, kOpen, 5, 0, false, "the day of the examination", false,
       "seed 003; domain.md 3, S16"},
      {kElectronicPrescription, kEver, kOpen, 0, 100, false, "the day of issue", false,
       "domain.md 3, S18"},
      {kCoverage, kEver, kOpen, 10, 0, false, "the disqualification date", true, "design.md, Data"},
      {kAudit, kEver, kOpen, 10, 0, true, "the month of writing", true, "ours"},
      {kConfirmation, kEver, kOpen, 10, 0, true, "the month of writing", true, "ours"},
      {kConsent, kEver, kOpen, 5, 0, false, "the day on which it ended or was declined", true,
       "ours"},
  };
}

absl::CivilDay FirstDayKept(RetainedKind kind, absl::CivilDay day, const RetentionRules& rules) {
  for (const RetentionRow& row : RetentionTable(rules)) {
    if (row.kind == kind && row.from <= day && day < row.to) {
      return SameDayYearsBefore(day, row.years) - row.days;
    }
  }
  return kEver;
}

bool MayDrop(RetainedKind kind, std::optional<absl::CivilDay> reckoned, absl::CivilDay day,
             const RetentionRules& rules) {
  return reckoned && *reckoned < FirstDayKept(kind, day, rules);
}

bool MayDropMonth(RetainedKind kind, absl::CivilMonth month, absl::CivilDay day,
                  const RetentionRules& rules) {
  return MayDrop(kind, absl::CivilDay(month + 1) - 1, day, rules);
}

}  // namespace kakunin
