#include "domain/subsidy.h"

#include <algorithm>

namespace kakunin {
namespace {

using enum SubsidyGap;

// The unit to which every stated cap is cut (subsidies.md 7).
constexpr int64_t kCutUnitYen = 1'000;
constexpr std::string_view kTaxSource = "seed 003 (3)";
constexpr std::string_view kNoSource = "not stated";

// Calculation goes through the steps and writes each down.
class Calculation {
 public:
  explicit Calculation(const SubsidyFacts& facts) : facts_(facts) {}

  SubsidyAnswer Run() {
    LookAtFacts();
    ChooseRow();
    if (Unpayable()) return answer_;
    Reckon();
    return answer_;
  }

 private:
  void Gap(SubsidyGap gap) {
    if (std::ranges::find(answer_.gaps, gap) == answer_.gaps.end()) answer_.gaps.push_back(gap);
  }
  void Assume(SubsidyAssumption assumption) { answer_.assumptions.push_back(assumption); }
  bool Unpayable() const { return !answer_.gaps.empty(); }

  void LookAtFacts() {
    if (!facts_.cost_yen || *facts_.cost_yen < 0 || *facts_.cost_yen > kMostCostYen) {
      Gap(kCostNotTold);
    }
    switch (facts_.measure) {
      case SubsidyMeasure::kOutpatientSystem:
        FindClass();
        LookAtReaders();
        break;
      case SubsidyMeasure::kOnlineCare:
      case SubsidyMeasure::kHomeVisits:
        FindClass();
        break;
      case SubsidyMeasure::kRestrictedType:
        LookAtGround();
        break;
    }
  }

  void FindClass() {
    answer_.subsidy_class = SubsidyClassOf(facts_.facility_type, facts_.group_prescriptions);
    if (!answer_.subsidy_class) {
      Gap(facts_.facility_type == FacilityType::kPharmacy ? kGroupSizeNotTold
                                                          : kNoClassForFacility);
      return;
    }
    if (facts_.facility_type == FacilityType::kDental) Assume(SubsidyAssumption::kDentalIsClinic);
    answer_.working.push_back({.kind = SubsidyStepKind::kClass, .source = "seeds 000, 001, 003"});
  }

  void LookAtReaders() {
    if (!facts_.reader_applied && facts_.readers != 0) Gap(kReaderDayNotTold);
    if (!facts_.readers) {
      Gap(kReadersNotTold);
    } else if (*facts_.readers <= 0) {
      Gap(kNoRuleWithoutReader);
    } else if (answer_.subsidy_class) {
      const int most = *answer_.subsidy_class == SubsidyClass::kHospital ? 3 : 1;
      if (*facts_.readers > most) Gap(kNoRuleForSoManyReaders);
    }
  }

  void LookAtGround() {
    if (!facts_.ground) {
      Gap(kGroundNotTold);
      return;
    }
    const GroundRow& ground = RowOf(*facts_.ground);
    if (ground.by_configuration) {
      Gap(kNoRuleForGround);
    } else if (!ground.gives_right) {
      Gap(kGroundNotCovered);
    }
  }

  std::optional<absl::CivilDay> Governing(const SubsidyRow& row) const {
    return row.governed_by == GoverningDay::kReaderApplication ? facts_.reader_applied
                                                               : facts_.subsidy_applied;
  }

  // Holds tells whether the governing day lies within the row. Where no source says which day
  // governs, only an application before the row's beginning is known to be outside.
  bool Holds(const SubsidyRow& row) const {
    const std::optional<absl::CivilDay> day = Governing(row);
    if (row.governed_by == GoverningDay::kNotStated) return !day || *day >= row.from;
    return day && *day >= row.from && *day < row.to;
  }

  bool IsForFacility(const SubsidyRow& row) const {
    return (!row.subsidy_class || row.subsidy_class == answer_.subsidy_class) &&
           (!row.readers || row.readers == facts_.readers);
  }

  void ChooseRow() {
    const SubsidyRow* document = nullptr;
    const SubsidyRow* page = nullptr;
    bool measure_known = false;
    bool in_time = false;
    for (const SubsidyRow& row : SubsidyTable()) {
      if (row.measure != facts_.measure) continue;
      const bool from_page = row.basis == SubsidyBasis::kPublicPage;
      if (!from_page || facts_.with_public_pages) measure_known = true;
      if (!Holds(row)) continue;
      if (!from_page || facts_.with_public_pages) in_time = true;
      if (IsForFacility(row)) (from_page ? page : document) = &row;
    }
    if (page != nullptr && facts_.with_public_pages) {
      answer_.row = page;
      Assume(SubsidyAssumption::kPublicPage);
    } else {
      answer_.row = document;
      if (page != nullptr) Assume(SubsidyAssumption::kLaterPageExists);
    }
    if (answer_.row == nullptr) {
      TellWhyNoRow(measure_known, in_time);
      return;
    }
    if (answer_.row->governed_by == GoverningDay::kNotStated) {
      Assume(SubsidyAssumption::kGoverningDayNotStated);
    }
    answer_.working.push_back({.kind = SubsidyStepKind::kSchedule, .source = answer_.row->source});
  }

  void TellWhyNoRow(bool measure_known, bool in_time) {
    if (!measure_known) {
      Gap(kNoScheduleForMeasure);
    } else if (facts_.measure == SubsidyMeasure::kRestrictedType) {
      Gap(facts_.subsidy_applied ? kDeadlinePassed : kSubsidyDayNotTold);
    } else if (facts_.measure == SubsidyMeasure::kOutpatientSystem) {
      if (!Unpayable()) Gap(kNoRowForClass);
    } else if (!in_time) {
      Gap(kNoRuleBeforeSchedule);
    } else if (!Unpayable()) {
      Gap(kNoRowForClass);
    }
  }

  // CountedCost is the cost that counts: with the tax where the documents say so.
  std::optional<int64_t> CountedCost() {
    const int64_t cost = *facts_.cost_yen;
    const SubsidyRow& row = *answer_.row;
    if (!row.includes_tax && row.schedule != SubsidySchedule::kS2) {
      if (!facts_.cost_includes_tax) {
        Gap(kTaxNotStated);
        return std::nullopt;
      }
      Assume(SubsidyAssumption::kCostTakenAsItIs);
      return cost;
    }
    if (row.schedule == SubsidySchedule::kS2) Assume(SubsidyAssumption::kTaxAsInS1);
    if (facts_.cost_includes_tax) return cost;
    const SubsidyRate with_tax{100 + kConsumptionTaxPercent, 100};
    const int64_t taxed =
        Multiply(SubsidyStepKind::kTax, cost, with_tax, row.includes_tax ? kTaxSource : kNoSource);
    if (answer_.working.back().fraction_dropped) Assume(SubsidyAssumption::kYenFractionDropped);
    return taxed;
  }

  int64_t Multiply(SubsidyStepKind kind, int64_t yen, const SubsidyRate& rate,
                   std::string_view source) {
    const int64_t product = yen * rate.numerator;
    const bool fraction = product % rate.denominator != 0;
    answer_.working.push_back({.kind = kind,
                               .before_yen = yen,
                               .rate = rate,
                               .after_yen = product / rate.denominator,
                               .fraction_dropped = fraction,
                               .source = source});
    return product / rate.denominator;
  }

  int64_t Limit(SubsidyStepKind kind, int64_t yen, int64_t limit) {
    const int64_t after = std::min(yen, limit);
    answer_.working.push_back({.kind = kind,
                               .before_yen = yen,
                               .limit_yen = limit,
                               .after_yen = after,
                               .source = answer_.row->source});
    return after;
  }

  void Reckon() {
    const SubsidyRow& row = *answer_.row;
    if (!row.rate) return Gap(kRateNotStated);
    const std::optional<int64_t> cost = CountedCost();
    if (!cost) return;
    int64_t amount = *cost;
    if (row.ceiling_yen) amount = Limit(SubsidyStepKind::kCeiling, amount, *row.ceiling_yen);
    const bool whole = *row.rate == SubsidyRate{1, 1};
    amount = Multiply(SubsidyStepKind::kRate, amount, *row.rate, row.source);
    const bool exact = !answer_.working.back().fraction_dropped;
    bool at_cap = false;
    if (row.stated_cap_yen) {
      // The cap is a whole yen, so an amount of which a fraction was dropped reaches it exactly
      // when its whole yen do.
      at_cap = amount >= *row.stated_cap_yen;
      amount = Limit(SubsidyStepKind::kCap, amount, *row.stated_cap_yen);
    }
    answer_.least_yen = answer_.most_yen = amount;
    if (!at_cap && !whole && (!exact || amount % kCutUnitYen != 0)) {
      answer_.least_yen = amount - amount % kCutUnitYen;
      if (!exact) Assume(SubsidyAssumption::kYenFractionDropped);
      return Gap(kCutBelowCapNotStated);
    }
    answer_.subsidy_yen = amount;
    answer_.facility_pays_yen = *cost - amount;
    answer_.working.push_back({.kind = SubsidyStepKind::kShare,
                               .before_yen = cost,
                               .after_yen = *cost - amount,
                               .source = row.source});
  }

  const SubsidyFacts& facts_;
  SubsidyAnswer answer_;
};

}  // namespace

SubsidyGapKind KindOf(SubsidyGap gap) {
  switch (gap) {
    case kCostNotTold:
    case kGroupSizeNotTold:
    case kReadersNotTold:
    case kReaderDayNotTold:
    case kSubsidyDayNotTold:
    case kGroundNotTold:
      return SubsidyGapKind::kFactMissing;
    case kNoClassForFacility:
    case kNoRuleWithoutReader:
    case kNoRuleForSoManyReaders:
    case kNoScheduleForMeasure:
    case kNoRuleBeforeSchedule:
    case kNoRowForClass:
    case kRateNotStated:
    case kTaxNotStated:
    case kNoRuleForGround:
    case kCutBelowCapNotStated:
      return SubsidyGapKind::kRuleMissing;
    case kDeadlinePassed:
    case kGroundNotCovered:
      return SubsidyGapKind::kNotPayable;
  }
  return SubsidyGapKind::kRuleMissing;
}

SubsidyAnswer CalculateSubsidy(const SubsidyFacts& facts) { return Calculation(facts).Run(); }

}  // namespace kakunin
