#include "server/commands/plan_table.h"

#include <fmt/format.h>

#include <vector>

#include "domain/japanese_calendar.h"
#include "server/commands/command_output.h"
#include "server/commands/joining_options.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

std::string WhenText(const PlannedStep& step) {
  if (step.from && step.until) {
    if (*step.from == *step.until) return DayWithWeekday(*step.from);
    return fmt::format("{}～{}", DayWithWeekday(*step.from), DayWithWeekday(*step.until));
  }
  if (step.until) return fmt::format("{}まで", DayWithWeekday(*step.until));
  if (step.from) return fmt::format("{}から", DayWithWeekday(*step.from));
  return "祝日のデータの範囲外です";
}

std::string StepText(const PlannedStep& step) {
  std::string text = WhenText(step);
  if (step.done) text += "  済み";
  if (step.days_late > 0) text += fmt::format("  {}日遅れています", step.days_late);
  text += fmt::format("  {}{}", FactsOf(step.step).rule, step.assumption ? "（日付は目安）" : "");
  return text;
}

std::string DayJson(const std::optional<absl::CivilDay>& day) {
  return day ? fmt::format("\"{}\"", absl::FormatCivilTime(*day)) : "null";
}

std::string StepJson(const PlannedStep& step) {
  const IntroductionStepFacts& facts = FactsOf(step.step);
  return JsonObject()
      .Text("step", facts.key)
      .Text("name", facts.name)
      .Raw("from", DayJson(step.from))
      .Raw("until", DayJson(step.until))
      .Flag("done", step.done)
      .Number("days_late", step.days_late)
      .Flag("assumption", step.assumption)
      .Flag("by_facility", facts.by_facility)
      .Text("rule", facts.rule)
      .Text("source", facts.source)
      .ToString();
}

}  // namespace

std::string PlanTable(const PlanOutcome& outcome) {
  TextTable table;
  table.Heading(fmt::format("導入の予定: 利用開始予定 {}（{}現在）",
                            absl::FormatCivilTime(outcome.wish.start_month),
                            absl::FormatCivilTime(outcome.today)));
  for (const FieldViolation& violation : outcome.plan.violations) {
    table.Row(violation.field, violation.description);
  }
  for (const PlannedStep& step : outcome.plan.steps) {
    table.Row(FactsOf(step.step).name, StepText(step));
  }
  if (outcome.plan.outside_calendar) {
    table.Row("祝日のデータ", fmt::format("{}から{}までです。その外の営業日は計算できません。",
                                          absl::FormatCivilTime(kHolidaysFrom),
                                          absl::FormatCivilTime(kHolidaysThrough)));
  }
  if (outcome.plan.IsLate() || !outcome.plan.violations.empty()) {
    table.Row("間に合う最も早い月", outcome.earliest ? absl::FormatCivilTime(*outcome.earliest)
                                                     : "祝日のデータの範囲にはありません");
  }
  return table.Draw();
}

std::string PlanJson(const PlanOutcome& outcome) {
  std::vector<std::string> steps;
  steps.reserve(outcome.plan.steps.size());
  for (const PlannedStep& step : outcome.plan.steps) steps.push_back(StepJson(step));
  std::vector<std::string> violations;
  violations.reserve(outcome.plan.violations.size());
  for (const FieldViolation& violation : outcome.plan.violations) {
    violations.push_back(JsonObject()
                             .Text("field", violation.field)
                             .Text("description", violation.description)
                             .ToString());
  }
  return JsonObject()
      .Text("start_month", absl::FormatCivilTime(outcome.wish.start_month))
      .Text("today", absl::FormatCivilTime(outcome.today))
      .Flag("late", outcome.plan.IsLate())
      .Flag("outside_calendar", outcome.plan.outside_calendar)
      .Text("calendar_through", absl::FormatCivilTime(kHolidaysThrough))
      .Raw("earliest_start_month",
           outcome.earliest ? fmt::format("\"{}\"", absl::FormatCivilTime(*outcome.earliest))
                            : "null")
      .Raw("steps", JsonArray(steps))
      .Raw("violations", JsonArray(violations))
      .ToString();
}

}  // namespace kakunin
