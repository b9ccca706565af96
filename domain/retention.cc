#include "domain/retention.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/civil_day.h"

namespace kakunin {
namespace {

constexpr absl::CivilDay kEver = absl::CivilDay::min();
constexpr absl::CivilDay kOpen = absl::CivilDay::max();

RetainedKind RetainedKindOf(RecordKind kind, bool twin) {
  if (twin) return RetainedKind::kElectronicPrescription;
  if (kind == RecordKind::kDrug) return RetainedKind::kDrug;
  return kind == RecordKind::kHealthCheck ? RetainedKind::kHealthCheck : RetainedKind::kTreatment;
}

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
      {kRecordAccess, kEver, kOpen, 10, 0, true, "the month of writing", true,
       "ours: as long as the audit beside it"},
      {kAlarm, kEver, kOpen, 10, 0, false, "the month in which it was noticed", true,
       "ours: as long as the audit of the calls that raised it"},
  };
}

std::string_view NameOf(RetainedKind kind) {
  constexpr std::string_view kNames[kRetainedKinds] = {
      "drugs", "treatments",    "health checks", "e-prescriptions", "coverages",
      "audit", "confirmations", "consents",      "record accesses", "alarms"};
  return kNames[static_cast<size_t>(kind) - 1];
}

std::string DescribeRule(const RetentionRow& row) {
  return fmt::format(
      "{} from {} ({}{})",
      row.years > 0 ? fmt::format("{} years", row.years) : fmt::format("{} days", row.days),
      row.reckoned_from, row.assumption ? "assumption, " : "", row.source);
}

RetentionRow RetentionRuleOn(RetainedKind kind, absl::CivilDay day, const RetentionRules& rules) {
  const std::vector<RetentionRow> table = RetentionTable(rules);
  return *std::ranges::find_if(table, [&](const RetentionRow& row) {
    return row.kind == kind && row.from <= day && day < row.to;
  });
}

absl::CivilDay FirstDayKept(RetainedKind kind, absl::CivilDay day, const RetentionRules& rules) {
  const RetentionRow row = RetentionRuleOn(kind, day, rules);
  return SameDayYearsBefore(day, row.years) - row.days;
}

bool MayDrop(RetainedKind kind, std::optional<absl::CivilDay> reckoned, absl::CivilDay day,
             const RetentionRules& rules) {
  return reckoned && *reckoned < FirstDayKept(kind, day, rules);
}

absl::CivilMonth FirstMonthKept(RetainedKind kind, absl::CivilDay day,
                                const RetentionRules& rules) {
  return absl::CivilMonth(FirstDayKept(kind, day, rules));
}

absl::CivilMonth FirstReceiptMonthKept(absl::CivilDay day, const RetentionRules& rules) {
  return std::min(FirstMonthKept(RetainedKind::kDrug, day, rules),
                  FirstMonthKept(RetainedKind::kTreatment, day, rules));
}

absl::CivilMonth FirstUtcMonthKept(RetainedKind kind, absl::CivilDay day,
                                   const RetentionRules& rules) {
  // The last instant of a month lies on the first day of the next one in Japan.
  return absl::CivilMonth(FirstDayKept(kind, day, rules) - 1);
}

bool MayDropMonth(RetainedKind kind, absl::CivilMonth month, absl::CivilDay day,
                  const RetentionRules& rules) {
  return month < FirstMonthKept(kind, day, rules);
}

absl::CivilDay DayOfIssue(const Receipt& twin) {
  const bool dispensed = twin.source == DrugSource::kDispensing;
  std::optional<absl::CivilDay> latest;
  for (const DrugDay& day : twin.drug_days) {
    const auto& first = dispensed ? day.dispensing_day : day.prescribing_day;
    const auto& issued = first ? first : dispensed ? day.prescribing_day : day.dispensing_day;
    if (issued && (!latest || *issued > *latest)) latest = issued;
  }
  return latest.value_or(absl::CivilDay(twin.treatment_month + 1) - 1);
}

FirstDaysKept::FirstDaysKept(absl::CivilDay day, const RetentionRules& rules) {
  for (int i = 0; i < kRetainedKinds; ++i) {
    days_[i] = FirstDayKept(static_cast<RetainedKind>(i + 1), day, rules);
  }
}

bool FirstDaysKept::Shows(RecordKind kind, bool twin, absl::CivilMonth month,
                          std::optional<absl::CivilDay> reckoned) const {
  return reckoned.value_or(absl::CivilDay(month + 1) - 1) >= Of(RetainedKindOf(kind, twin));
}

absl::CivilMonth FirstDaysKept::FirstMonth(RecordKind kind) const {
  return absl::CivilMonth(Of(RetainedKindOf(kind, /*twin=*/false)));
}

}  // namespace kakunin
