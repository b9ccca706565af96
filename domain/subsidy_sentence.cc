#include "domain/subsidy_sentence.h"

#include <fmt/format.h>

#include <algorithm>

namespace kakunin {
namespace {

using enum SubsidyGap;

// GapFacts is one row of the table of gaps, in the order of the enumeration.
struct GapFacts {
  SubsidyGap gap;
  std::string_view name;
  std::string_view sentence;
};

constexpr GapFacts kGaps[] = {
    {kCostNotTold, "COST_NOT_TOLD",
     "事業費が分かりません。0円から100億円までの円単位で示してください。"},
    {kGroupSizeNotTold, "GROUP_SIZE_NOT_TOLD",
     "グループ全体の1か月の処方箋受付回数が分かりません（4万回以上は大型チェーン薬局）。回数を示し"
     "て"
     "ください。"},
    {kReadersNotTold, "READERS_NOT_TOLD",
     "顔認証付きカードリーダーの台数が分かりません。無償提供を受ける台数を示してください。"},
    {kReaderDayNotTold, "READER_DAY_NOT_TOLD",
     "顔認証付きカードリーダーを申し込んだ日が分かりません。その日で補助の内容が決まります。"},
    {kSubsidyDayNotTold, "SUBSIDY_DAY_NOT_TOLD",
     "補助金を申請する日が分かりません。申請期限があるため、その日を示してください。"},
    {kGroundNotTold, "GROUND_NOT_TOLD",
     "資格確認限定型を利用する根拠（経過措置）が分かりません。(2)・(4)・(6)のどれかを示してください"
     "。"},
    {kNoClassForFacility, "NO_CLASS_FOR_FACILITY",
     "訪問看護ステーションの補助の区分を定めた資料がありません。支払基金に確かめてください。"},
    {kNoRuleWithoutReader, "NO_RULE_WITHOUT_READER",
     "無償提供の顔認証付きカードリーダーを受けない場合の補助を定めた資料がありません。支払基金に確"
     "か"
     "めてください。"},
    {kNoRuleForSoManyReaders, "NO_RULE_FOR_SO_MANY_READERS",
     "無償提供は病院が3台まで、それ以外は1台です。それを超える台数の補助を定めた資料がありません"
     "。"},
    {kNoScheduleForMeasure, "NO_SCHEDULE_FOR_MEASURE",
     "訪問診療等の補助額を定めた資料がありません。支払基金に確かめてください。"},
    {kNoRuleBeforeSchedule, "NO_RULE_BEFORE_SCHEDULE",
     "資料は令和5年11月からの見積・作業を対象としています。それより前の定めはありません。"},
    {kNoRowForClass, "NO_ROW_FOR_CLASS", "この区分と日付の補助を定めた資料がありません。"},
    {kRateNotStated, "RATE_NOT_STATED",
     "公開ページは上限額だけを示し、補助率を示していません。支払基金に確かめてください。"},
    {kTaxNotStated, "TAX_NOT_STATED",
     "この補助が消費税を含むかを資料は定めていません。税込みの事業費を示してください。"},
    {kNoRuleForGround, "NO_RULE_FOR_GROUND",
     "資料は経過措置(2)・(4)・(6)の施設だけを補助の対象として挙げています。この施設の定めはありませ"
     "ん。"},
    {kCutBelowCapNotStated, "CUT_BELOW_CAP_NOT_STATED",
     "補助の上限額は1,000円単位です。上限に達しない額も1,"
     "000円未満を切り捨てるかを資料は定めていませ"
     "ん。"},
    {kDeadlinePassed, "DEADLINE_PASSED", "申請期限（令和7年2月1日）を過ぎています。"},
    {kGroundNotCovered, "GROUND_NOT_COVERED",
     "経過措置(1)・(3)・(5)の施設は資格確認限定型の対象ではありません。"},
};

const GapFacts& FactsOf(SubsidyGap gap) { return kGaps[static_cast<size_t>(gap) - 1]; }

}  // namespace

std::string YenText(int64_t yen) {
  std::string digits = fmt::format("{}", yen < 0 ? -yen : yen);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return (yen < 0 ? "-" : "") + digits + "円";
}

std::string RateText(const SubsidyRate& rate) {
  if (rate == SubsidyRate{1, 1}) return "全額";
  return fmt::format("{}/{}", rate.numerator, rate.denominator);
}

std::string_view LabelOf(SubsidyStepKind kind) {
  switch (kind) {
    case SubsidyStepKind::kClass:
      return "区分";
    case SubsidyStepKind::kSchedule:
      return "補助の表";
    case SubsidyStepKind::kTax:
      return "消費税";
    case SubsidyStepKind::kCeiling:
      return "事業額の上限";
    case SubsidyStepKind::kRate:
      return "補助率";
    case SubsidyStepKind::kCap:
      return "補助の上限額";
    case SubsidyStepKind::kShare:
      return "自己負担";
  }
  return "";
}

std::string SentenceOf(const SubsidyStep& step, const SubsidyAnswer& answer) {
  switch (step.kind) {
    case SubsidyStepKind::kClass:
      return std::string(answer.subsidy_class ? NameOf(*answer.subsidy_class) : "");
    case SubsidyStepKind::kSchedule:
      return fmt::format("{}: {}", NameOf(answer.row->schedule), answer.row->condition);
    case SubsidyStepKind::kTax:
      return fmt::format("{} + 10% = {}", YenText(*step.before_yen), YenText(*step.after_yen));
    case SubsidyStepKind::kCeiling:
      return fmt::format("{}と{}の小さい方 = {}", YenText(*step.before_yen),
                         YenText(*step.limit_yen), YenText(*step.after_yen));
    case SubsidyStepKind::kRate:
      if (*step.rate == SubsidyRate{1, 1}) {
        return fmt::format("実費全額 = {}", YenText(*step.after_yen));
      }
      return fmt::format("{} × {} = {}{}", YenText(*step.before_yen), RateText(*step.rate),
                         YenText(*step.after_yen), step.fraction_dropped ? "（円未満切捨て）" : "");
    case SubsidyStepKind::kCap:
      return fmt::format("{}と{}の小さい方 = {}", YenText(*step.before_yen),
                         YenText(*step.limit_yen), YenText(*step.after_yen));
    case SubsidyStepKind::kShare:
      return fmt::format("{} − {} = {}", YenText(*step.before_yen),
                         YenText(*step.before_yen - *step.after_yen), YenText(*step.after_yen));
  }
  return "";
}

std::string_view SentenceOf(SubsidyGap gap) { return FactsOf(gap).sentence; }
std::string_view NameOf(SubsidyGap gap) { return FactsOf(gap).name; }

std::string_view SentenceOf(SubsidyAssumption assumption) {
  switch (assumption) {
    case SubsidyAssumption::kTaxAsInS1:
      return "資料（令和2年12月）は消費税に触れていません。上限が同じS1と同じく税込みとしました。";
    case SubsidyAssumption::kCostTakenAsItIs:
      return "資料は消費税に触れていません。示された事業費をそのまま用いました。";
    case SubsidyAssumption::kYenFractionDropped:
      return "1円未満は切り捨てました。";
    case SubsidyAssumption::kDentalIsClinic:
      return "歯科診療所を診療所としました（医療法第1条の5第2項）。";
    case SubsidyAssumption::kGoverningDayNotStated:
      return "どの日で判断するかを資料は定めていません。";
    case SubsidyAssumption::kPublicPage:
      return "元の資料ではなく公開ページによります。使う前に確かめてください。";
    case SubsidyAssumption::kLaterPageExists:
      return "この場合について別の定めを示す公開ページがあります（--with-public-pages）。";
  }
  return "";
}

std::string_view NameOf(SubsidyAssumption assumption) {
  constexpr std::string_view kNames[] = {
      "TAX_AS_IN_S1",     "COST_TAKEN_AS_IT_IS",      "YEN_FRACTION_DROPPED",
      "DENTAL_IS_CLINIC", "GOVERNING_DAY_NOT_STATED", "PUBLIC_PAGE",
      "LATER_PAGE_EXISTS"};
  return kNames[static_cast<size_t>(assumption) - 1];
}

std::string_view NameOf(SubsidyStepKind kind) {
  constexpr std::string_view kNames[] = {"CLASS", "SCHEDULE", "TAX",  "CEILING",
                                         "RATE",  "CAP",      "SHARE"};
  return kNames[static_cast<size_t>(kind) - 1];
}

std::string ResultSentence(const SubsidyAnswer& answer) {
  if (answer.subsidy_yen) return fmt::format("補助額は{}です。", YenText(*answer.subsidy_yen));
  if (answer.least_yen) {
    return fmt::format("補助額は{}から{}までのどれかで、資料からは決まりません。",
                       YenText(*answer.least_yen), YenText(*answer.most_yen));
  }
  const auto has = [&](SubsidyGapKind kind) {
    return std::ranges::any_of(answer.gaps, [kind](SubsidyGap gap) { return KindOf(gap) == kind; });
  };
  if (has(SubsidyGapKind::kNotPayable)) return "補助の対象になりません。";
  if (has(SubsidyGapKind::kFactMissing)) return "示された内容だけでは計算できません。";
  return "定めがないため計算できません。";
}

}  // namespace kakunin
