#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/receipt.h"
#include "domain/record_kind.h"

namespace kakunin {

// RetainedKind is a kind of stored data with a time of its own to be kept.
enum class RetainedKind {
  kDrug = 1,
  kTreatment,  // surgery among it
  kHealthCheck,
  kElectronicPrescription,
  kCoverage,
  kAudit,
  kConfirmation,
  kConsent,
  kRecordAccess,  // by person, a facility's calls of any kind, views in abnormal times
  kAlarm,         // that a facility asked by number beyond a limit
};
inline constexpr int kRetainedKinds = 10;

// NameOf is `kind` in English, for operators.
std::string_view NameOf(RetainedKind kind);

// RetentionRules is the configured part of the table.
struct RetentionRules {
  // First day on which drug and treatment data are kept five years and not three. Not later than
  // kLatestFiveYearDay.
  absl::CivilDay five_years_from{2024, 10, 1};
};

// kLatestFiveYearDay is the last day on which the longer time may begin: the first data are of
// September 2021, three years later end with 2024-09-30, so a purge under the shorter time never
// drops anything.
inline constexpr absl::CivilDay kLatestFiveYearDay(2024, 10, 1);

// AreAllowed tells whether `rules` keep what must be kept.
bool AreAllowed(const RetentionRules& rules);

// RetentionRow is one row of the dated table; it holds for purges on the days [from, to), JST.
struct RetentionRow {
  RetainedKind kind;
  absl::CivilDay from;
  absl::CivilDay to;
  int years;  // data are kept for so many years and days after the day they are reckoned from
  int days;
  bool by_month;                   // stored by the month: a month goes whole or not at all
  std::string_view reckoned_from;  // JST
  bool assumption;                 // ours, without a source
  std::string_view source;
};

// DescribeRule is `row` in one line for operators: how long, from when, by which source, and
// whether that is an assumption of ours.
std::string DescribeRule(const RetentionRow& row);

// RetentionTable is the whole table under `rules`, by kind and date.
std::vector<RetentionRow> RetentionTable(const RetentionRules& rules);

// RetentionRuleOn is the row that holds on `day`; every day has one of each kind.
RetentionRow RetentionRuleOn(RetainedKind kind, absl::CivilDay day, const RetentionRules& rules);

// FirstDayKept is the earliest day that data of `kind` may be reckoned from and still be kept on
// `day`: what is reckoned from an earlier day may be dropped. On 29 February the day years before
// is the 28th in a common year: it keeps a day more, never one less.
absl::CivilDay FirstDayKept(RetainedKind kind, absl::CivilDay day, const RetentionRules& rules);

// MayDrop tells whether data reckoned from `reckoned` may be dropped on `day`. What counts stands
// in the table (RetentionRow::reckoned_from). Empty: not over yet (a coverage that was not lost, a
// running consent), never.
bool MayDrop(RetainedKind kind, std::optional<absl::CivilDay> reckoned, absl::CivilDay day,
             const RetentionRules& rules);

// FirstMonthKept is the earliest month of data of `kind` that is kept on `day`: a month goes whole,
// with its last day.
absl::CivilMonth FirstMonthKept(RetainedKind kind, absl::CivilDay day, const RetentionRules& rules);

// FirstReceiptMonthKept is the same for receipts, which hold drugs and treatments.
absl::CivilMonth FirstReceiptMonthKept(absl::CivilDay day, const RetentionRules& rules);

// FirstUtcMonthKept is the same for rows that are kept by the month of an instant in UTC: such a
// month ends at 09:00 JST of the next one's first day.
absl::CivilMonth FirstUtcMonthKept(RetainedKind kind, absl::CivilDay day,
                                   const RetentionRules& rules);

// MayDropMonth tells whether a whole month of data may be dropped on `day`: its last day may.
bool MayDropMonth(RetainedKind kind, absl::CivilMonth month, absl::CivilDay day,
                  const RetentionRules& rules);

// DayOfIssue is the day that a twin of the e-prescription service is reckoned from: the latest of
// its days of prescribing or, of a dispensing twin, of dispensing; the last of its month when it
// tells none.
absl::CivilDay DayOfIssue(const Receipt& twin);

// FirstDaysKept is FirstDayKept of every kind on one day, for those who ask about many records.
class FirstDaysKept {
 public:
  FirstDaysKept(absl::CivilDay day, const RetentionRules& rules);

  // Of is the earliest day kept of `kind`.
  absl::CivilDay Of(RetainedKind kind) const { return days_[static_cast<size_t>(kind) - 1]; }

  // Shows tells whether a record of `kind` (drug, treatment, surgery or health check) is kept. It
  // is reckoned from `reckoned`, or from the last day of `month` when that is empty. `twin`: of the
  // e-prescription service.
  bool Shows(RecordKind kind, bool twin, absl::CivilMonth month,
             std::optional<absl::CivilDay> reckoned) const;

  // FirstMonth is the earliest month of which any record of `kind` is kept.
  absl::CivilMonth FirstMonth(RecordKind kind) const;

 private:
  std::array<absl::CivilDay, kRetainedKinds> days_;
};

}  // namespace kakunin
