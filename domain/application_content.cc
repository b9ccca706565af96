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

// IsIntroduced tells whether what is subsidised works at the facility on `day`.
bool IsIntroduced(SubsidyMeasure measure, const ApplyingFacility& facility, absl::CivilDay day) {
  if (!facility.in_use) return false;
  const auto works = [&](const std::optional<absl::CivilDay>& from) {
    return !from || AddedServiceWorks(*from, day);
  };
  switch (measure) {
    case SubsidyMeasure::kOutpatientSystem:
      return facility.introduction_type != IntroductionType::kRestricted;
    case SubsidyMeasure::kOnlineCare:
      return works(facility.online_care_from);
    case SubsidyMeasure::kHomeVisits:
      return works(facility.home_visits_from);
    case SubsidyMeasure::kRestrictedType:
      return true;
  }
  return false;
}

constexpr std::string_view kCheckThis = "要確認";

std::string DayText(absl::CivilDay day) {
  return fmt::format("{}年{}月{}日", day.year(), day.month(), day.day());
}

// WarnOfReaders compares what decides the schedule and the ceiling with the orders that are here.
// The applicant sees the line, too: it tells nothing of orders that may be another account's.
void WarnOfReaders(const SubsidyFacts& facts, const ApplyingFacility& facility,
                   ContentFinding& finding) {
  if (facts.measure != SubsidyMeasure::kOutpatientSystem) return;
  int units = 0;
  bool days_agree = true;
  for (const OrderedReaders& order : facility.reader_orders) {
    units += order.units;
    days_agree = days_agree && facts.reader_applied == order.day;
  }
  const int told = facts.readers.value_or(0);
  if (told == units && (units == 0 || days_agree)) return;
  finding.working.push_back(fmt::format(
      "{}: カードリーダーの申込（{}{}台）は、この施設の記録と異なります。控えを確かめてください。",
      kCheckThis, facts.reader_applied ? DayText(*facts.reader_applied) + "に" : "", told));
}

// WarnOfGroup compares the class with that of the group's application for use. As above.
void WarnOfGroup(const SubsidyFacts& facts, const ApplyingFacility& facility,
                 ContentFinding& finding) {
  if (facts.facility_type != FacilityType::kPharmacy || !facts.group_prescriptions) return;
  const auto told = SubsidyClassOf(facts.facility_type, facts.group_prescriptions);
  if (!told || told == facility.group_class) return;
  finding.working.push_back(
      fmt::format("{}: 処方箋の受付（{}回、{}）は、グループの利用申請の記録と異なります。",
                  kCheckThis, *facts.group_prescriptions, NameOf(*told)));
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
  WarnOfReaders(facts, facility, finding);
  WarnOfGroup(facts, facility, finding);
  finding.working.push_back(ResultSentence(answer));
  finding.submission = {
      .introduction_complete = IsIntroduced(facts.measure, facility, day),
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
    if (IsOtherBody(facility.ground)) {
      finding.violations.push_back(
          {"card_reader_order", fmt::format("{}には無償提供がありません。この申込はできません。",
                                            RowOf(*facility.ground).name)});
    }
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
