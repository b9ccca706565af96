#include "domain/feed_risk.h"

#include <algorithm>

namespace kakunin {
namespace {

using Figures = FeedFigures;

// The thresholds are ours: no figures are published. They stand between what the field shows in
// normal times (1.5 to 2.5 % of the insured change in a month, more on 1 April, when about as many
// begin as end: domain.md 6) and how feeds went wrong in real life (hazards.md, last part).
constexpr RiskRule kRules[] = {
    // In April as many come as go; what counts is who is left with nothing.
    {"MASS_LOSS", [](const Figures& f) { return std::max<int64_t>(f.ended - f.begun, 0); },
     [](const Figures& f) { return f.members; }, 20, 200, 60,
     "加入者の多くが資格を喪失します。抽出の条件と喪失日を確かめてください。"},
    // Whoever registers everybody anew under other references ends as many as begin.
    {"MASS_LOSS", [](const Figures& f) { return f.ended; },
     [](const Figures& f) { return f.members; }, 20, 500, 60,
     "加入者の半数以上が資格を喪失します。抽出の条件と喪失日を確かめてください。"},
    // One wrong setting at one city hid copay ratios.
    {"BANDS_GONE", [](const Figures& f) { return f.bands_gone; },
     [](const Figures& f) { return f.with_bands; }, 20, 500, 60,
     "登録済みの負担割合または限度額区分がなくなる行が多数あります。出力の設定を確かめてください"
     "。"},
    {"BANDS_GONE", [](const Figures& f) { return f.bands_gone; },
     [](const Figures& f) { return f.with_bands; }, 20, 100, 20,
     "登録済みの負担割合または限度額区分がなくなる行があります。出力の設定を確かめてください。"},
    {"COPAY_MISSING", [](const Figures& f) { return f.elderly_bare; },
     [](const Figures& f) { return f.elderly; }, 20, 500, 60,
     "70歳以上で負担割合のない行が多数あります。出力の設定を確かめてください。"},
    {"COLUMNS_SHIFTED", [](const Figures& f) { return f.implausible; },
     [](const Figures& f) { return f.rows; }, 20, 50, 60,
     "項目の位置がずれている可能性があります。氏名・カナ・住所の列、"
     "カードは新旧のシリアル番号の列を確かめてください。"},
    {"ROWS_REFUSED", [](const Figures& f) { return f.refused_at_push; },
     [](const Figures& f) { return f.rows; }, 20, 200, 60,
     "受け付けられない行が多数あります。ファイルの形式を確かめてください。"},
    // Thousands were linked to somebody else's record: here few are many. A slip of the birth date
    // alone is a correction and does not count.
    {"PERSONS_SWAPPED", [](const Figures& f) { return f.swapped; },
     [](const Figures& f) { return f.rows; }, 2, 1, 60,
     "別の方の記録に結び付く行があります。個人番号と氏名・生年月日の対応を確かめてください。"},
    {"PERSONS_SWAPPED", [](const Figures& f) { return f.swapped; },
     [](const Figures& f) { return f.rows; }, 1, 0, 20,
     "別の方の記録に結び付く行があります。個人番号と氏名・生年月日の対応を確かめてください。"},
    // Each opens a case, and the records of whoever has the number are withheld. Of rightful rows
    // under 0.1 % do not agree, and 5 % of planted mislinks are the gate's own work.
    {"IDENTITIES_MISMATCHED", [](const Figures& f) { return f.mismatched; },
     [](const Figures& f) { return f.named; }, 20, 100, 60,
     "住民情報と一致しない行が多数あります。個人番号と氏名・生年月日の対応を確かめてください。"},
    {"DUPLICATES", [](const Figures& f) { return f.duplicates; },
     [](const Figures& f) { return f.rows; }, 20, 10, 50,
     "同じ管理番号の行が重複しています。抽出の条件を確かめてください。"},
    // Certificates last five years, so that 1 to 2 % of the nation's are renewed in a month: this
    // is about whoever ends everybody's. A month read with the columns of old and new exchanged is
    // less, and told by COLUMNS_SHIFTED.
    {"CARDS_MASS_SUPERSEDED", [](const Figures& f) { return f.superseding; },
     [](const Figures& f) { return f.links_in_force; }, kLeastSupersedingToAsk, 50, 60,
     "有効なカードの多くが置き換えられます。新旧のシリアル番号の列を確かめてください。"},
    {"CARD_LINKS_PILED_UP", [](const Figures& f) { return f.piled_up; },
     [](const Figures& f) { return f.rows; }, 1, 0, 60,
     "一人の方に多数のカードが結び付きます。個人番号の列を確かめてください。"},
    // A first delivery has no members to be measured by.
    {"SUDDEN_VOLUME",
     [](const Figures& f) { return f.members >= 100 && !f.accumulates ? f.begun : 0; },
     [](const Figures& f) { return f.members; }, 100, 500, 50,
     "加入者が急に増えます。他の保険者の行や過去の行が混ざっていないか確かめてください。"},
};

bool Speaks(const RiskRule& rule, int64_t observed, int64_t of) {
  return observed >= rule.at_least && observed * 1000 >= of * rule.per_mille;
}

}  // namespace

std::span<const RiskRule> AllRiskRules() { return kRules; }

FeedRisk AssessFeed(const FeedFigures& figures) {
  FeedRisk risk;
  for (const RiskRule& rule : kRules) {
    const bool told =
        std::any_of(risk.findings.begin(), risk.findings.end(),
                    [&](const RiskFinding& known) { return known.reason == rule.reason; });
    const int64_t observed = rule.observed(figures);
    const int64_t of = rule.of(figures);
    if (told || !Speaks(rule, observed, of)) continue;
    risk.findings.push_back({std::string(rule.reason), rule.points, observed, of});
    risk.score += rule.points;
  }
  risk.score = std::min(risk.score, 100);
  return risk;
}

std::string_view RiskMessage(std::string_view reason) {
  const auto* const rule = std::find_if(std::begin(kRules), std::end(kRules),
                                        [&](const RiskRule& one) { return one.reason == reason; });
  return rule == std::end(kRules) ? "内容を確かめてください。" : rule->message;
}

}  // namespace kakunin
