#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/actor.h"
#include "domain/restricted_grounds.h"
#include "domain/subsidy_class.h"
#include "domain/subsidy_schedule.h"

namespace kakunin {

// SubsidyFacts is what an application tells. What is not known is empty; nothing is guessed.
struct SubsidyFacts {
  SubsidyMeasure measure = SubsidyMeasure::kOutpatientSystem;
  FacilityType facility_type = FacilityType::kClinic;
  std::optional<int64_t> group_prescriptions;    // a month; of a pharmacy's whole group
  std::optional<int> readers;                    // free card readers from the fund; 0: none
  std::optional<absl::CivilDay> reader_applied;  // the day they were applied for, JST
  std::optional<absl::CivilDay> subsidy_applied;
  std::optional<RestrictedGround> ground;  // restricted type
  std::optional<int64_t> cost_yen;         // of the project, without the card readers
  bool cost_includes_tax = true;
  bool with_public_pages = false;  // rows that no source document states count too
};

// kMostCostYen bounds a cost: ten thousand million yen.
inline constexpr int64_t kMostCostYen = 10'000'000'000;

// kConsumptionTaxPercent: seed 003 (消費税分（10％）も補助対象).
inline constexpr int kConsumptionTaxPercent = 10;

// SubsidyStepKind is one step of the working.
enum class SubsidyStepKind { kClass = 1, kSchedule, kTax, kCeiling, kRate, kCap, kShare };

// SubsidyStep is one step: what came in, the rule's figure, what came out. Yen.
struct SubsidyStep {
  SubsidyStepKind kind;
  std::optional<int64_t> before_yen;
  std::optional<int64_t> limit_yen;  // kCeiling, kCap
  std::optional<SubsidyRate> rate;   // kRate, kTax
  std::optional<int64_t> after_yen;  // a fraction of a yen dropped
  bool fraction_dropped = false;
  std::string_view source;
};

// SubsidyGap is why there is no one amount. The table in subsidy.cc says of which kind.
enum class SubsidyGap {
  // What the application did not tell.
  kCostNotTold = 1,
  kGroupSizeNotTold,
  kReadersNotTold,
  kReaderDayNotTold,
  kSubsidyDayNotTold,
  kGroundNotTold,
  // Rules that no source document states.
  kNoClassForFacility,  // a home-nursing station
  kNoRuleWithoutReader,
  kNoRuleForSoManyReaders,
  kNoScheduleForMeasure,  // home visits
  kNoRuleBeforeSchedule,  // online care before November 2023
  kNoRowForClass,
  kRateNotStated,
  kTaxNotStated,  // whether a cost without tax counts with it
  kNoRuleForGround,
  kCutBelowCapNotStated,  // whether amounts under the cap are cut to 1,000 yen as caps are
  // Rules under which nothing is paid.
  kDeadlinePassed,
  kGroundNotCovered,
};

enum class SubsidyGapKind { kFactMissing = 1, kRuleMissing, kNotPayable };
SubsidyGapKind KindOf(SubsidyGap gap);

// SubsidyAssumption is a reading of ours on which an amount rests.
enum class SubsidyAssumption {
  kTaxAsInS1 = 1,          // S2 says nothing of the tax; its ceilings are those of S1
  kCostTakenAsItIs,        // S3, S4 and later: nothing of the tax
  kYenFractionDropped,     // a part of a yen is not paid
  kDentalIsClinic,         // 医療法 第1条の5第2項
  kGoverningDayNotStated,  // which day decides
  kPublicPage,             // the row is of a public page
  kLaterPageExists,        // a public page tells another rule for the day, which was not used
};

// SubsidyAnswer is the amount with its working. Everything that stands against an amount is told at
// once. `least_yen` and `most_yen` are equal when the amount is certain, and both are empty when
// there is none; only kCutBelowCapNotStated leaves a range.
struct SubsidyAnswer {
  std::optional<int64_t> subsidy_yen;
  std::optional<int64_t> least_yen;
  std::optional<int64_t> most_yen;
  std::optional<int64_t> facility_pays_yen;  // the rest of the cost, when the amount is certain
  std::optional<SubsidyClass> subsidy_class;
  const SubsidyRow* row = nullptr;  // of SubsidyTable
  std::vector<SubsidyStep> working;
  std::vector<SubsidyGap> gaps;
  std::vector<SubsidyAssumption> assumptions;
};

// CalculateSubsidy is min(min(cost, ceiling) x rate, stated cap) by the row of the schedule that
// the governing day selects. The full refund depends on the day of the card reader's application,
// not of the subsidy's. What it does not look at: whether the introduction is complete
// (SubmitSubsidyApplication does) and whether the fund accepts the work.
SubsidyAnswer CalculateSubsidy(const SubsidyFacts& facts);

}  // namespace kakunin
