#include "domain/application_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "domain/required_documents.h"
#include "domain/subsidy_sentence.h"

namespace kakunin {
namespace {

// The field of the form that a missing fact is asked for in; empty: it is not the form's.
std::string_view FieldOf(SubsidyGap gap) {
  switch (gap) {
    case SubsidyGap::kCostNotTold:
      return "cost_yen";
    case SubsidyGap::kGroupSizeNotTold:
      return "group_prescriptions";
    case SubsidyGap::kReadersNotTold:
      return "readers";
    case SubsidyGap::kReaderDayNotTold:
      return "reader_applied";
    case SubsidyGap::kGroundNotTold:
      return "ground";
    default:
      return "";
  }
}

void CheckSubsidy(const SubsidyRequest& request, const ApplyingFacility& facility,
                  absl::CivilDay day, ContentFinding& finding) {
  SubsidyFacts facts = request.facts;
  facts.facility_type = facility.type;
  facts.subsidy_applied = day;
  const SubsidyAnswer answer = CalculateSubsidy(facts);
  for (const SubsidyStep& step : answer.working) {
    finding.working.push_back(
        fmt::format("{}: {}  [{}]", LabelOf(step.kind), SentenceOf(step, answer), step.source));
  }
  for (const SubsidyGap gap : answer.gaps) {
    const std::string_view field = FieldOf(gap);
    if (KindOf(gap) == SubsidyGapKind::kFactMissing && !field.empty()) {
      finding.violations.push_back({std::string(field), std::string(SentenceOf(gap))});
    } else {
      finding.working.push_back(fmt::format("{}: {}", NameOf(gap), SentenceOf(gap)));
    }
  }
  for (const SubsidyAssumption assumption : answer.assumptions) {
    finding.working.push_back(fmt::format("{}: {}", NameOf(assumption), SentenceOf(assumption)));
  }
  finding.working.push_back(ResultSentence(answer));
  finding.submission = {
      .introduction_complete = facility.in_use,
      .documents_complete = MissingDocuments(PaperOf(facts.measure), request.documents).empty(),
      .deadline_passed = std::ranges::count(answer.gaps, SubsidyGap::kDeadlinePassed) > 0};
}

// The free readers are the facility's, however many applications ask for them (seeds 000, 001).
void CheckReadersInAll(const CardReaderOrder& order, FacilityType type, int before,
                       ContentFinding& finding) {
  const int most = FreeReaders(type);
  // An order that is too large by itself has been told.
  if (before == 0 || !order.units || *order.units > most || before + *order.units <= most) return;
  finding.violations.push_back(
      {"card_reader_order.units",
       fmt::format("無償提供はこの施設で合わせて{}台までです。すでに{}台申し込まれています。", most,
                   before)});
}

}  // namespace

ContentFinding CheckContent(const ApplicationContent& content, const ApplyingFacility& facility,
                            const JoiningRules& rules, absl::CivilDay day) {
  ContentFinding finding;
  if (const auto* use = std::get_if<JoiningApplication>(&content.value)) {
    finding.violations = CheckJoiningApplication(*use, rules, day);
    if (use->reader_order) {
      CheckReadersInAll(*use->reader_order, use->use.facility_type.value_or(facility.type),
                        facility.readers_before, finding);
    }
  } else if (const auto* order = std::get_if<CardReaderOrder>(&content.value)) {
    finding.violations = CheckCardReaderOrder(*order, facility.type, rules.reader_offer, day);
    CheckReadersInAll(*order, facility.type, facility.readers_before, finding);
  } else if (const auto* addition = std::get_if<ServiceAddition>(&content.value)) {
    finding.violations = CheckServiceAddition(
        *addition,
        {.introduction_type = facility.introduction_type.value_or(IntroductionType::kFull),
         .in_use = facility.in_use,
         .has_already = facility.has_service_already},
        day);
  } else if (const auto* subsidy = std::get_if<SubsidyRequest>(&content.value)) {
    CheckSubsidy(*subsidy, facility, day, finding);
    if (facility.has_subsidy_already) {
      finding.violations.push_back(
          {"measure", "この施設のこの補助金はすでに申請されています。その申請を直してください。"});
    }
  } else {
    finding.violations = CheckFacilityClosure(std::get<FacilityClosure>(content.value), day);
  }
  return finding;
}

}  // namespace kakunin
