#include "server/commands/subsidy_table.h"

#include <fmt/format.h>

#include <vector>

#include "domain/required_documents.h"
#include "domain/subsidy_sentence.h"
#include "server/commands/command_output.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

std::string_view KindName(SubsidyGapKind kind) {
  switch (kind) {
    case SubsidyGapKind::kFactMissing:
      return "FACT_MISSING";
    case SubsidyGapKind::kRuleMissing:
      return "RULE_MISSING";
    case SubsidyGapKind::kNotPayable:
      return "NOT_PAYABLE";
  }
  return "";
}

std::string_view KindLabel(SubsidyGapKind kind) {
  switch (kind) {
    case SubsidyGapKind::kFactMissing:
      return "足りない事項";
    case SubsidyGapKind::kRuleMissing:
      return "定めのない事項";
    case SubsidyGapKind::kNotPayable:
      return "対象にならない理由";
  }
  return "";
}

std::string NumberJson(const std::optional<int64_t>& number) {
  return number ? fmt::format("{}", *number) : "null";
}

std::string DayJson(absl::CivilDay day) {
  const bool open = day == absl::CivilDay::min() || day == absl::CivilDay::max();
  return open ? "null" : fmt::format("\"{}\"", absl::FormatCivilTime(day));
}

// PeriodText is the days of a row as its last day in Japanese reckoning: windows are half-open.
std::string PeriodText(const SubsidyRow& row) {
  const std::string from = row.from == absl::CivilDay::min() ? "" : absl::FormatCivilTime(row.from);
  const std::string to = row.to == absl::CivilDay::max() ? "" : absl::FormatCivilTime(row.to - 1);
  switch (row.governed_by) {
    case GoverningDay::kReaderApplication:
      return fmt::format("カードリーダーの申込日 {}～{}", from, to);
    case GoverningDay::kSubsidyApplication:
      return fmt::format("補助金の申請日 {}～{}", from, to);
    case GoverningDay::kNotStated:
      return fmt::format("基準日の定めなし {}～{}", from, to);
  }
  return "";
}

std::string StepJson(const SubsidyStep& step, const SubsidyAnswer& answer) {
  return JsonObject()
      .Text("step", NameOf(step.kind))
      .Raw("before_yen", NumberJson(step.before_yen))
      .Raw("limit_yen", NumberJson(step.limit_yen))
      .Raw("rate", step.rate
                       ? fmt::format("\"{}/{}\"", step.rate->numerator, step.rate->denominator)
                       : "null")
      .Raw("after_yen", NumberJson(step.after_yen))
      .Flag("fraction_dropped", step.fraction_dropped)
      .Text("source", step.source)
      .Text("sentence", SentenceOf(step, answer))
      .ToString();
}

std::string AmountText(const SubsidyRow& row) {
  std::string text;
  if (row.ceiling_yen) text += fmt::format("事業額{}まで", YenText(*row.ceiling_yen));
  text += fmt::format("{}{}", text.empty() ? "" : "の",
                      row.rate ? RateText(*row.rate) : "補助率の記載なし");
  if (row.stated_cap_yen) text += fmt::format("、上限{}", YenText(*row.stated_cap_yen));
  return text;
}

}  // namespace

std::string SubsidyAnswerTable(const SubsidyFacts& facts, const SubsidyAnswer& answer) {
  TextTable table;
  table.Heading(fmt::format("補助額の計算: {}", NameOf(facts.measure)));
  for (const SubsidyStep& step : answer.working) {
    table.Row(LabelOf(step.kind), fmt::format("{}  [{}]", SentenceOf(step, answer), step.source));
  }
  for (const SubsidyGap gap : answer.gaps) table.Row(KindLabel(KindOf(gap)), SentenceOf(gap));
  for (const SubsidyAssumption assumption : answer.assumptions) {
    table.Row("注意", SentenceOf(assumption));
  }
  const JoiningPaper paper = PaperOf(facts.measure);
  for (const RequiredDocument& document : RequiredDocuments(paper)) {
    table.Row("申請に必要な書類", fmt::format("□ {}", document.name));
  }
  if (!IsChecklistStated(paper)) table.Row("申請に必要な書類", "資料に定めがありません");
  table.Row("申請できる時", "導入完了後");
  table.Heading(ResultSentence(answer));
  return table.Draw();
}

std::string SubsidyAnswerJson(const SubsidyFacts& facts, const SubsidyAnswer& answer) {
  std::vector<std::string> steps;
  steps.reserve(answer.working.size());
  for (const SubsidyStep& step : answer.working) steps.push_back(StepJson(step, answer));
  std::vector<std::string> gaps;
  gaps.reserve(answer.gaps.size());
  for (const SubsidyGap gap : answer.gaps) {
    gaps.push_back(JsonObject()
                       .Text("name", NameOf(gap))
                       .Text("kind", KindName(KindOf(gap)))
                       .Text("sentence", SentenceOf(gap))
                       .ToString());
  }
  std::vector<std::string> assumptions;
  assumptions.reserve(answer.assumptions.size());
  for (const SubsidyAssumption one : answer.assumptions) {
    assumptions.push_back(
        JsonObject().Text("name", NameOf(one)).Text("sentence", SentenceOf(one)).ToString());
  }
  std::vector<std::string> documents;
  for (const RequiredDocument& one : RequiredDocuments(PaperOf(facts.measure))) {
    documents.emplace_back(one.name);
  }
  return JsonObject()
      .Text("result", ResultSentence(answer))
      .Raw("subsidy_yen", NumberJson(answer.subsidy_yen))
      .Raw("least_yen", NumberJson(answer.least_yen))
      .Raw("most_yen", NumberJson(answer.most_yen))
      .Raw("facility_pays_yen", NumberJson(answer.facility_pays_yen))
      .Text("schedule", answer.row == nullptr ? "" : NameOf(answer.row->schedule))
      .Text("subsidy_class", answer.subsidy_class ? NameOf(*answer.subsidy_class) : "")
      .Raw("working", JsonArray(steps))
      .Raw("gaps", JsonArray(gaps))
      .Raw("assumptions", JsonArray(assumptions))
      .Texts("documents", documents)
      .ToString();
}

std::string SubsidySchedulesTable() {
  TextTable table;
  std::optional<SubsidySchedule> shown;
  for (const SubsidyRow& row : SubsidyTable()) {
    if (row.schedule != shown) {
      table.Heading(
          fmt::format("{} {}: {}{}", NameOf(row.schedule), NameOf(row.measure), PeriodText(row),
                      row.basis == SubsidyBasis::kPublicPage ? "（公開ページ・未検証）" : ""));
      shown = row.schedule;
    }
    const std::string who(row.subsidy_class ? NameOf(*row.subsidy_class) : "区分によらない");
    table.Row(row.readers ? fmt::format("{} {}台", who, *row.readers) : who, AmountText(row));
  }
  return table.Draw();
}

std::string SubsidySchedulesJson() {
  std::vector<std::string> rows;
  rows.reserve(SubsidyTable().size());
  for (const SubsidyRow& row : SubsidyTable()) {
    rows.push_back(
        JsonObject()
            .Text("schedule", NameOf(row.schedule))
            .Text("measure", NameOf(row.measure))
            .Text("subsidy_class", row.subsidy_class ? NameOf(*row.subsidy_class) : "")
            .Raw("readers", row.readers ? fmt::format("{}", *row.readers) : "null")
            .Raw("ceiling_yen", NumberJson(row.ceiling_yen))
            .Raw("rate", row.rate
                             ? fmt::format("\"{}/{}\"", row.rate->numerator, row.rate->denominator)
                             : "null")
            .Raw("stated_cap_yen", NumberJson(row.stated_cap_yen))
            .Raw("from", DayJson(row.from))
            .Raw("to", DayJson(row.to))
            .Raw("includes_tax", row.includes_tax ? (*row.includes_tax ? "true" : "false") : "null")
            .Flag("from_source_document", row.basis == SubsidyBasis::kSourceDocument)
            .Text("condition", row.condition)
            .Text("source", row.source)
            .ToString());
  }
  return JsonObject().Raw("rows", JsonArray(rows)).ToString();
}

}  // namespace kakunin
