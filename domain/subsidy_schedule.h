#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/time/civil_time.h"
#include "domain/subsidy_class.h"

namespace kakunin {

// SubsidyMeasure is what is subsidised.
enum class SubsidyMeasure {
  kOutpatientSystem = 1,  // the system beside the card reader
  kOnlineCare,            // オンライン診療等: changes of the receipt computer
  kHomeVisits,            // 訪問診療等
  kRestrictedType,        // 資格確認限定型: a general-purpose reader or a mobile device
};

// SubsidySchedule is a schedule of subsidies.md, by its number there; kS5 and kS6 are its section
// 11, from public pages and not from the source documents.
enum class SubsidySchedule {
  kS1 = 1,  // the system subsidy of 2020
  kS2,      // full cost for early orders
  kS3,      // online care
  kS4,      // restricted type
  kS5,      // orders of 2022-06-07 to 2022-12-31
  kS6,      // home visits
};

// GoverningDay is which day decides whether a row holds.
enum class GoverningDay { kNotStated = 1, kReaderApplication, kSubsidyApplication };

// SubsidyBasis is what a row rests on. A row of a public page is to be verified before anybody
// relies on it.
enum class SubsidyBasis { kSourceDocument = 1, kPublicPage };

// SubsidyRate is the share that is paid.
struct SubsidyRate {
  int numerator = 1;
  int denominator = 1;
  bool operator==(const SubsidyRate&) const = default;
};

// SubsidyRow is one row of the dated table; it holds when the governing day lies in [from, to),
// JST. What no source states is empty. Amounts are yen.
struct SubsidyRow {
  SubsidySchedule schedule;
  SubsidyMeasure measure;
  std::optional<SubsidyClass> subsidy_class;  // empty: no difference between classes is stated
  std::optional<int> readers;                 // empty: does not matter
  std::optional<int64_t> ceiling_yen;         // of the project's cost
  std::optional<SubsidyRate> rate;
  std::optional<int64_t> stated_cap_yen;  // wins over ceiling x rate
  GoverningDay governed_by;
  absl::CivilDay from;
  absl::CivilDay to;
  std::optional<bool> includes_tax;  // the ceiling and the cost that counts
  SubsidyBasis basis;
  std::string_view condition;  // ja-JP
  std::string_view source;
};

// kLastFullCostDay is the last day on which a card reader applied for brings the full cost: seed
// 001 (令和3年3月末までに顔認証付きカードリーダーを申し込んだ医療機関・薬局に限り).
inline constexpr absl::CivilDay kLastFullCostDay(2021, 3, 31);

// kRestrictedSubsidyDeadline is the last day of application: seed 004 (申請期限は令和7年2月1日).
inline constexpr absl::CivilDay kRestrictedSubsidyDeadline(2025, 2, 1);

// SubsidyTable is the whole table, by schedule and class.
std::span<const SubsidyRow> SubsidyTable();

// NameOf is "S1" and so on.
std::string_view NameOf(SubsidySchedule schedule);
// NameOf is what is subsidised, in Japanese.
std::string_view NameOf(SubsidyMeasure measure);

}  // namespace kakunin
