#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"

namespace kakunin {

// RestrictedGround is what a facility's use of the restricted type (資格確認限定型) may rest on.
// The first six are the transitional measures (経過措置) by their numbers in seed 004; the others
// open by configuration.
enum class RestrictedGround {
  kSystemUnderWay = 1,  // (1) a contract by February 2023, the system not ready
  kNoOpticalLine,       // (2) no optical line that could be connected
  kHomeVisitsOnly,      // (3) a facility that gives home visits only
  kRebuilding,          // (4) rebuilding, or temporary premises
  kClosing,             // (5) about to close or to be suspended
  kHardship,            // (6) another particular hardship
  kTreatmentHouse,      // 施術所
  kPaperClaims,         // a facility that claims on paper
  kCheckUpBody,         // 健診実施機関
  kMidwife,             // 助産所
};
inline constexpr int kRestrictedGrounds = 10;

// GroundEnd is what ends the right that a ground gives.
enum class GroundEnd {
  kFixedDay = 1,         // the row's own last day, whatever happens
  kMonthsAfterLine,      // six months after an optical line is available
  kWorksOrPremisesEnd,   // the works are done, the temporary premises given up
  kHardshipEnds,         // the hardship is over
  kConfiguredOrNotTold,  // the configured last day; without one, none
};

// GroundRow is one row of the dated table. It holds on the days [from, to), JST; `to` is the day
// after the latest day that the source names, or the end of time.
struct GroundRow {
  RestrictedGround ground;
  std::string_view key;   // for files and options: "measure-2"
  std::string_view name;  // ja-JP
  absl::CivilDay from;
  absl::CivilDay to;
  bool gives_right;  // to the restricted type
  bool by_configuration;
  GroundEnd ends_by;
  std::string_view ends_when;  // ja-JP, as the source says it
  std::string_view source;
};

// RestrictedGroundTable is the whole table, in the order of the enumeration.
std::span<const GroundRow> RestrictedGroundTable();
const GroundRow& RowOf(RestrictedGround ground);

// kRestrictedTypeFrom is the first day on which (2), (4) and (6) give the right. Seed 004 is of
// November 2024 and tells no day: the first of that month is ours.
inline constexpr absl::CivilDay kRestrictedTypeFrom(2024, 11, 1);

// kMonthsAfterLine: seed 004 (光回線のネットワークが整備されてから6ヶ月後まで).
inline constexpr int kMonthsAfterLine = 6;

// OpenedGround is when a ground by configuration gives the right: from `from` through `last_day`,
// JST; without `last_day` it does not end.
struct OpenedGround {
  absl::CivilDay from;
  std::optional<absl::CivilDay> last_day;
};

// RestrictedGroundRules is the configured part of the table. Empty: not opened. No source document
// states these days; domain.md 4 (S22) says only that they came later.
struct RestrictedGroundRules {
  std::optional<OpenedGround> treatment_houses;
  std::optional<OpenedGround> paper_claims;
  std::optional<OpenedGround> check_up_bodies;
  std::optional<OpenedGround> midwives;
};

// RestrictedFacts is what a facility reported. `ending_day`: (2) the day from which an optical line
// is available, (4) the last day of the works or of the temporary premises, (6) the last day of the
// hardship. It may lie ahead. Empty: nothing was reported.
struct RestrictedFacts {
  std::optional<absl::CivilDay> ending_day;
};

// LastDayOf is the last day of the right. (2): the day of the same number six months after the
// reported day, or that month's last (民法第140条, 第143条: the first day does not count); (4),
// (6): the reported day itself. Empty: no end is known yet.
std::optional<absl::CivilDay> LastDayOf(RestrictedGround ground, const RestrictedFacts& facts,
                                        const RestrictedGroundRules& rules);

// RestrictedFinding is why the restricted type may be used, or not.
enum class RestrictedFinding {
  kMayUse = 1,
  kGivesNoRight,  // (1), (3) and (5), before their own end
  kMeasureOver,   // (1), (3) and (5), after it
  kNotBegun,      // before the first day
  kNotOpened,     // by configuration, and not configured
  kEnded,         // after the last day
};

// RestrictedVerdict is the answer for one day.
struct RestrictedVerdict {
  RestrictedFinding finding = RestrictedFinding::kGivesNoRight;
  std::optional<absl::CivilDay> first_day;  // of the right; empty: gives none
  std::optional<absl::CivilDay> last_day;   // of the right, and the terminals'; empty: not known
  bool MayUse() const { return finding == RestrictedFinding::kMayUse; }
};

// MayUseRestrictedType answers for `day`, JST. On the day after the last one it is kEnded, and the
// facility's restricted terminals are to be refused.
RestrictedVerdict MayUseRestrictedType(RestrictedGround ground, const RestrictedFacts& facts,
                                       const RestrictedGroundRules& rules, absl::CivilDay day);

// NameOf is the finding's stable name for machines, UPPER_SNAKE.
std::string_view NameOf(RestrictedFinding finding);

// SentenceOf tells a verdict in Japanese, with the next step.
std::string SentenceOf(RestrictedGround ground, const RestrictedVerdict& verdict);

// kReminderDaysBefore is how many days before the last one the facility is reminded. Ours: no
// source tells any.
inline constexpr int kReminderDaysBefore[] = {90, 60, 30, 15, 7, 1};

// ReminderDays are the days of reminding about `last_day`, in order; those before `reported` (the
// day on which the end was told) are left out, and the first is then `reported` itself.
std::vector<absl::CivilDay> ReminderDays(absl::CivilDay last_day, absl::CivilDay reported);

// RestrictedGroundNamed finds the ground with this key; empty: none has it.
std::optional<RestrictedGround> RestrictedGroundNamed(std::string_view key);

}  // namespace kakunin
