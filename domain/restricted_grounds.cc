#include "domain/restricted_grounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "domain/japanese_calendar.h"

namespace kakunin {
namespace {

using enum RestrictedGround;

constexpr absl::CivilDay kOpen = absl::CivilDay::max();
// The duty to introduce the system, from which there are measures (seed 004: 令和5年4月より).
constexpr absl::CivilDay kDutyFrom(2023, 4, 1);
constexpr absl::CivilDay kEver = absl::CivilDay::min();
constexpr std::string_view kLeaflet = "seed 004";
constexpr std::string_view kLater = "domain.md 4 (S22); days by configuration";
constexpr std::string_view kAsConfigured = "設定された日まで";

constexpr std::array kRows = {
    GroundRow{kSystemUnderWay, "measure-1", "経過措置(1) システム整備中", kDutyFrom,
              absl::CivilDay(2023, 10, 1), false, false, GroundEnd::kFixedDay,
              "システム整備が完了する日まで（遅くとも令和5年9月末まで）", kLeaflet},
    GroundRow{kNoOpticalLine, "measure-2", "経過措置(2) ネットワーク環境事情", kRestrictedTypeFrom,
              kOpen, true, false, GroundEnd::kMonthsAfterLine,
              "オンライン資格確認に接続可能な光回線のネットワークが整備されてから6ヶ月後まで",
              kLeaflet},
    GroundRow{kHomeVisitsOnly, "measure-3", "経過措置(3) 訪問診療のみを提供", kDutyFrom,
              absl::CivilDay(2024, 12, 2), false, false, GroundEnd::kFixedDay, "令和6年12月1日まで",
              kLeaflet},
    GroundRow{kRebuilding, "measure-4", "経過措置(4) 改築工事中、臨時施設", kRestrictedTypeFrom,
              kOpen, true, false, GroundEnd::kWorksOrPremisesEnd,
              "改築工事が完了するまで、臨時施設が終了するまで", kLeaflet},
    GroundRow{kClosing, "measure-5", "経過措置(5) 廃止・休止に関する計画", kDutyFrom,
              absl::CivilDay(2024, 12, 2), false, false, GroundEnd::kFixedDay,
              "廃止・休止の間まで（遅くとも令和6年12月1日まで）", kLeaflet},
    GroundRow{kHardship, "measure-6", "経過措置(6) その他特に困難な事情", kRestrictedTypeFrom,
              kOpen, true, false, GroundEnd::kHardshipEnds, "特に困難な事情が解消されるまで",
              kLeaflet},
    GroundRow{kTreatmentHouse, "treatment-house", "施術所", kEver, kOpen, true, true,
              GroundEnd::kConfiguredOrNotTold, kAsConfigured, kLater},
    GroundRow{kPaperClaims, "paper-claims", "紙レセプト請求の医療機関等", kEver, kOpen, true, true,
              GroundEnd::kConfiguredOrNotTold, kAsConfigured, kLater},
    GroundRow{kCheckUpBody, "check-up-body", "健診実施機関", kEver, kOpen, true, true,
              GroundEnd::kConfiguredOrNotTold, kAsConfigured, kLater},
    GroundRow{kMidwife, "midwife", "助産所", kEver, kOpen, true, true,
              GroundEnd::kConfiguredOrNotTold, kAsConfigured, kLater},
};
static_assert(kRows.size() == kRestrictedGrounds);

const std::optional<OpenedGround>& OpenedOf(RestrictedGround ground,
                                            const RestrictedGroundRules& rules) {
  switch (ground) {
    case kTreatmentHouse:
      return rules.treatment_houses;
    case kPaperClaims:
      return rules.paper_claims;
    case kCheckUpBody:
      return rules.check_up_bodies;
    case kMidwife:
      return rules.midwives;
    default:
      break;
  }
  static const std::optional<OpenedGround> none;
  return none;
}

std::string DayText(absl::CivilDay day) {
  return fmt::format("{}年{}月{}日", day.year(), day.month(), day.day());
}

constexpr std::string_view kFullType =
    "顔認証付きカードリーダーによるオンライン資格確認（外来型）の利用申請をしてください。";

}  // namespace

std::span<const GroundRow> RestrictedGroundTable() { return kRows; }

const GroundRow& RowOf(RestrictedGround ground) { return kRows[static_cast<size_t>(ground) - 1]; }

std::optional<absl::CivilDay> LastDayOf(RestrictedGround ground, const RestrictedFacts& facts,
                                        const RestrictedGroundRules& rules) {
  const GroundRow& row = RowOf(ground);
  switch (row.ends_by) {
    case GroundEnd::kFixedDay:
      return row.to - 1;
    case GroundEnd::kMonthsAfterLine:
      if (!facts.ending_day) return std::nullopt;
      return SameDayMonthsAfter(*facts.ending_day, kMonthsAfterLine);
    case GroundEnd::kWorksOrPremisesEnd:
    case GroundEnd::kHardshipEnds:
      return facts.ending_day;
    case GroundEnd::kConfiguredOrNotTold: {
      const std::optional<OpenedGround>& opened = OpenedOf(ground, rules);
      return opened ? opened->last_day : std::nullopt;
    }
  }
  return std::nullopt;
}

RestrictedVerdict MayUseRestrictedType(RestrictedGround ground, const RestrictedFacts& facts,
                                       const RestrictedGroundRules& rules, absl::CivilDay day) {
  const GroundRow& row = RowOf(ground);
  RestrictedVerdict verdict;
  verdict.last_day = LastDayOf(ground, facts, rules);
  if (!row.gives_right) {
    verdict.finding =
        day < row.to ? RestrictedFinding::kGivesNoRight : RestrictedFinding::kMeasureOver;
    return verdict;
  }
  if (row.by_configuration) {
    const std::optional<OpenedGround>& opened = OpenedOf(ground, rules);
    if (!opened) {
      verdict.finding = RestrictedFinding::kNotOpened;
      return verdict;
    }
    verdict.first_day = opened->from;
  } else {
    verdict.first_day = row.from;
  }
  if (day < *verdict.first_day) {
    verdict.finding = RestrictedFinding::kNotBegun;
  } else if (verdict.last_day && day > *verdict.last_day) {
    verdict.finding = RestrictedFinding::kEnded;
  } else {
    verdict.finding = RestrictedFinding::kMayUse;
  }
  return verdict;
}

std::string_view NameOf(RestrictedFinding finding) {
  switch (finding) {
    case RestrictedFinding::kMayUse:
      return "MAY_USE";
    case RestrictedFinding::kGivesNoRight:
      return "GIVES_NO_RIGHT";
    case RestrictedFinding::kMeasureOver:
      return "MEASURE_OVER";
    case RestrictedFinding::kNotBegun:
      return "NOT_BEGUN";
    case RestrictedFinding::kNotOpened:
      return "NOT_OPENED";
    case RestrictedFinding::kEnded:
      return "ENDED";
  }
  return "";
}

std::string SentenceOf(RestrictedGround ground, const RestrictedVerdict& verdict) {
  const GroundRow& row = RowOf(ground);
  switch (verdict.finding) {
    case RestrictedFinding::kMayUse:
      if (verdict.last_day) {
        return fmt::format("{}により、{}まで資格確認限定型を利用できます。終わる前に{}", row.name,
                           DayText(*verdict.last_day), kFullType);
      }
      if (row.by_configuration) {
        return fmt::format("{}として、資格確認限定型を利用できます。", row.name);
      }
      return fmt::format(
          "{}により、資格確認限定型を利用できます（{}）。事情が終わる日が決まったら届け出てください"
          "。",
          row.name, row.ends_when);
    case RestrictedFinding::kGivesNoRight:
      return fmt::format("{}では資格確認限定型を利用できません（対象は(2)・(4)・(6)です）。{}",
                         row.name, kFullType);
    case RestrictedFinding::kMeasureOver:
      return fmt::format("{}は{}で終わっており、資格確認限定型の対象でもありません。{}", row.name,
                         DayText(row.to - 1), kFullType);
    case RestrictedFinding::kNotBegun:
      return fmt::format("{}による資格確認限定型の利用は{}からです。その日以降に利用してください。",
                         row.name, DayText(*verdict.first_day));
    case RestrictedFinding::kNotOpened:
      return fmt::format(
          "{}の資格確認限定型はまだ始まっていません。開始日が知らされるまでお待ちください。",
          row.name);
    case RestrictedFinding::kEnded:
      return fmt::format("{}による資格確認限定型の利用は{}で終わりました。{}", row.name,
                         DayText(*verdict.last_day), kFullType);
  }
  return "";
}

std::vector<absl::CivilDay> ReminderDays(absl::CivilDay last_day, absl::CivilDay reported) {
  std::vector<absl::CivilDay> days;
  bool told_late = false;
  for (const int before : kReminderDaysBefore) {
    const absl::CivilDay day = last_day - before;
    if (day > reported) {
      days.push_back(day);
    } else {
      told_late = true;
    }
  }
  if (told_late && reported <= last_day) days.insert(days.begin(), reported);
  return days;
}

std::optional<RestrictedGround> RestrictedGroundNamed(std::string_view key) {
  const auto* const row = std::ranges::find(kRows, key, &GroundRow::key);
  if (row == kRows.end()) return std::nullopt;
  return row->ground;
}

}  // namespace kakunin
