#include "domain/introduction_plan.h"

#include <algorithm>
#include <array>

#include "domain/japanese_calendar.h"

namespace kakunin {
namespace {

using enum IntroductionStep;

constexpr std::string_view kSteps = "seed 001 (準備作業のステップ)";
constexpr std::string_view kBefore = "seed 001 (機器設定前の準備事項)";

constexpr std::array kFacts = {
    IntroductionStepFacts{kAccount, "account", "アカウント登録", "各種申請の前まで",
                          "seeds 000, 001, 004", true},
    IntroductionStepFacts{kReaderOrder, "reader-order", "顔認証付きカードリーダー申込",
                          "運用開始の4か月前まで（目安）", kSteps, true},
    IntroductionStepFacts{kVendorOrder, "vendor-order", "システムベンダーへ発注",
                          "カードリーダー申込後すぐ見積を依頼し、運用開始の1か月前までに発注",
                          kSteps, true},
    IntroductionStepFacts{kDeliveryAnnounced, "delivery-announced", "支払基金から配送予定日の連絡",
                          "配送月の前月上旬", kBefore, false},
    IntroductionStepFacts{kReaderDelivered, "reader-delivered",
                          "顔認証付きカードリーダーの受け取り", "機器設定の前まで", kBefore, false},
    IntroductionStepFacts{kUseApplication, "use-application", "オンライン資格確認利用申請",
                          "機器設定の5営業日前まで", kSteps, true},
    IntroductionStepFacts{kCertificateApplication, "certificate-application", "電子証明書発行申請",
                          "機器設定の5営業日前まで", kBefore, true},
    IntroductionStepFacts{kSetUp, "set-up", "機器設定", "運用テストの前まで", kSteps, true},
    IntroductionStepFacts{kOperationTest, "operation-test", "運用テスト",
                          "全ての導入作業の後、運用開始の前まで", kSteps, true},
    IntroductionStepFacts{kStartOfUse, "start-of-use", "運用開始", "希望する利用開始月", kSteps,
                          true},
    IntroductionStepFacts{kSubsidyApplication, "subsidy-application", "補助金申請", "導入完了後",
                          "seeds 001, 002", true},
};
static_assert(kFacts.size() == kIntroductionSteps);

// Plan reckons the steps of one wish that has no faults.
class Plan {
 public:
  Plan(const IntroductionWish& wish, absl::CivilDay today) : wish_(wish), today_(today) {}

  IntroductionPlan Make() {
    const absl::CivilDay start = wish_.start_day.value_or(absl::CivilDay(wish_.start_month));
    const std::optional<absl::CivilDay> set_up =
        wish_.set_up_day ? wish_.set_up_day : Known(BusinessDaysBefore(start, kSetUpBusinessDays));
    const absl::CivilDay reader_order = SameDayMonthsAfter(start, -kReaderOrderMonths);
    Add(kAccount, std::nullopt, reader_order, true);
    Add(kReaderOrder, std::nullopt, reader_order);
    Add(kVendorOrder, std::nullopt, SameDayMonthsAfter(start, -kVendorOrderMonths));
    AddDelivery(set_up);
    std::optional<absl::CivilDay> applied;
    if (set_up) applied = Known(BusinessDaysBefore(*set_up, kApplicationBusinessDays));
    Add(kUseApplication, std::nullopt, applied);
    Add(kCertificateApplication, std::nullopt, applied);
    Add(kSetUp, set_up, set_up, !wish_.set_up_day);
    Add(kOperationTest, set_up, start - 1, true);
    Add(kStartOfUse, start, start, !wish_.start_day);
    Add(kSubsidyApplication, start, std::nullopt);
    return plan_;
  }

 private:
  // Known notes that a day could not be reckoned.
  std::optional<absl::CivilDay> Known(std::optional<absl::CivilDay> day) {
    if (!day) plan_.outside_calendar = true;
    return day;
  }

  void Add(IntroductionStep step, std::optional<absl::CivilDay> from,
           std::optional<absl::CivilDay> until, bool assumption = false) {
    PlannedStep planned{.step = step, .from = from, .until = until, .assumption = assumption};
    planned.done = std::ranges::find(wish_.done, step) != wish_.done.end();
    if (!planned.done && until && *until < today_ && FactsOf(step).by_facility) {
      planned.days_late = static_cast<int>(today_ - *until);
    }
    plan_.steps.push_back(planned);
  }

  // A reader that comes at any day of the month before the set-up's is in hand in time; that month
  // is ours, the announcement's days are the source's.
  void AddDelivery(std::optional<absl::CivilDay> set_up) {
    std::optional<absl::CivilDay> first;
    std::optional<absl::CivilDay> last;
    std::optional<absl::CivilDay> from;
    std::optional<absl::CivilDay> until;
    if (set_up) {
      const absl::CivilMonth month = absl::CivilMonth(*set_up) - 1;
      first = absl::CivilDay(month - 1);
      last = *first + (kAnnouncedThroughDay - 1);
      from = absl::CivilDay(month);
      until = *set_up - 1;
    }
    Add(kDeliveryAnnounced, first, last, true);
    Add(kReaderDelivered, from, until, true);
  }

  const IntroductionWish& wish_;
  absl::CivilDay today_;
  IntroductionPlan plan_;
};

std::vector<FieldViolation> CheckWish(const IntroductionWish& wish, absl::CivilDay today) {
  std::vector<FieldViolation> violations;
  if (wish.start_month < absl::CivilMonth(today)) {
    violations.push_back({"start_month", "過ぎた月です。今月以降の月を指定してください。"});
  }
  if (wish.start_day && absl::CivilMonth(*wish.start_day) != wish.start_month) {
    violations.push_back({"start_day", "利用開始月のうちの日を指定してください。"});
  }
  const absl::CivilDay start = wish.start_day.value_or(absl::CivilDay(wish.start_month));
  if (wish.set_up_day && *wish.set_up_day >= start) {
    violations.push_back({"set_up_day", "運用開始の日より前の日を指定してください。"});
  }
  return violations;
}

}  // namespace

bool IntroductionPlan::IsLate() const {
  return std::ranges::any_of(steps, [](const PlannedStep& step) { return step.days_late > 0; });
}

IntroductionPlan PlanIntroduction(const IntroductionWish& wish, absl::CivilDay today) {
  IntroductionPlan refused{.violations = CheckWish(wish, today)};
  if (!refused.violations.empty()) return refused;
  return Plan(wish, today).Make();
}

std::optional<absl::CivilMonth> EarliestStartMonth(const std::vector<IntroductionStep>& done,
                                                   absl::CivilDay today) {
  // The months ahead end with the calendar.
  for (absl::CivilMonth month(today);; ++month) {
    const IntroductionPlan plan = PlanIntroduction({.start_month = month, .done = done}, today);
    if (plan.outside_calendar) return std::nullopt;
    if (!plan.IsLate()) return month;
  }
}

const IntroductionStepFacts& FactsOf(IntroductionStep step) {
  return kFacts[static_cast<size_t>(step) - 1];
}

}  // namespace kakunin
