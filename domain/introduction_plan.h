#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/error.h"

namespace kakunin {

// IntroductionStep is one step of joining, in the order of seed 001 (準備作業のステップ).
enum class IntroductionStep {
  kAccount = 1,             // アカウント登録
  kReaderOrder,             // 顔認証付きカードリーダー申込
  kVendorOrder,             // システムベンダーへ発注
  kDeliveryAnnounced,       // 配送予定日の連絡: the fund does it
  kReaderDelivered,         // the reader is in hand
  kUseApplication,          // オンライン資格確認利用申請
  kCertificateApplication,  // 電子証明書発行申請
  kSetUp,                   // 機器設定
  kOperationTest,           // 運用テスト
  kStartOfUse,              // 運用開始
  kSubsidyApplication,      // 補助金申請: after the introduction
};
inline constexpr int kIntroductionSteps = 11;

// Seed 001 (準備作業のステップ; 機器設定前の準備事項). The months count from the start of use, the
// business days from the set-up.
inline constexpr int kReaderOrderMonths = 4;
inline constexpr int kVendorOrderMonths = 1;
inline constexpr int kApplicationBusinessDays = 5;
// 配送月の前月上旬: the first ten days of the month before the month of delivery.
inline constexpr int kAnnouncedThroughDay = 10;

// kSetUpBusinessDays is ours: unless a day is wished, the set-up lies so many business days before
// the start of use, which leaves them to the operation test. No source tells.
inline constexpr int kSetUpBusinessDays = 5;

// IntroductionWish is what a facility wants. Days are JST.
struct IntroductionWish {
  absl::CivilMonth start_month;             // 利用開始予定年月
  std::optional<absl::CivilDay> start_day;  // empty: the month's first day
  std::optional<absl::CivilDay> set_up_day;
  std::vector<IntroductionStep> done;  // steps that lie behind it
};

// PlannedStep is one row of the plan.
struct PlannedStep {
  IntroductionStep step;
  std::optional<absl::CivilDay> from;   // empty: as early as one likes
  std::optional<absl::CivilDay> until;  // the last day in time; empty: not known, or none
  bool done = false;
  int days_late = 0;        // how many days `until` lies in the past; 0: in time, or done
  bool assumption = false;  // the day is ours, not a source's
};

// IntroductionPlan is the whole, every date reckoned backwards.
struct IntroductionPlan {
  std::vector<PlannedStep> steps;          // in the order of IntroductionStep
  bool outside_calendar = false;           // a day needs holidays that are not known
  std::vector<FieldViolation> violations;  // of the wish; then there are no steps
  bool IsLate() const;
};

// PlanIntroduction reckons every date as of `today`.
IntroductionPlan PlanIntroduction(const IntroductionWish& wish, absl::CivilDay today);

// EarliestStartMonth is the first month, from that of `today` on, whose plan has nothing late.
// Empty: none within the calendar.
std::optional<absl::CivilMonth> EarliestStartMonth(const std::vector<IntroductionStep>& done,
                                                   absl::CivilDay today);

// IntroductionStepFacts is one row of the table of steps.
struct IntroductionStepFacts {
  IntroductionStep step;
  std::string_view key;   // for options and machines: "reader-order"
  std::string_view name;  // ja-JP
  std::string_view rule;  // ja-JP
  std::string_view source;
  bool by_facility;  // else the fund does it, and it cannot be late on the facility's side
};
const IntroductionStepFacts& FactsOf(IntroductionStep step);

}  // namespace kakunin
