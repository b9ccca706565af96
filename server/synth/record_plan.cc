#include "server/synth/record_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "domain/receipt.h"
#include "domain/record_kind.h"
#include "server/synth/certificate_plan.h"
#include "server/synth/draw.h"
#include "server/synth/record_table.h"

namespace kakunin::synth {
namespace {

constexpr std::string_view kHeightCode = "9N001000000000001";
constexpr std::string_view kWeightCode = "9N006000000000001";
constexpr std::string_view kBodyMassIndexCode = "9N011000000000001";

constexpr std::array<Reviewer, 2> kReviewers = {
    {{"113", "社会保険診療報酬支払基金"}, {"213", "東京都国民健康保険団体連合会"}}};
constexpr size_t kEmployees = 0;
constexpr size_t kNationalHealth = 1;

constexpr int kPrescriptionDays = 100;  // domain.md 3: kept 100 days
constexpr int kArrivalDay = 11;         // of the next month (domain.md 3, S18)
constexpr int kChecksFrom = 40;         // age (高齢者の医療の確保に関する法律)
constexpr int kLateElderlyFrom = 75;

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

// The facilities of a kind: the test facilities of it, or all others.
std::vector<const Facility*> FacilitiesOf(v1::FacilityType type, bool test) {
  constexpr std::array kTest = {test_facility::kClinic, test_facility::kOtherClinic,
                                test_facility::kDental, test_facility::kPharmacy};
  std::vector<const Facility*> found;
  for (const Facility& facility : Facilities()) {
    const bool is_test = std::find(kTest.begin(), kTest.end(), facility.code) != kTest.end();
    if (facility.type == type && is_test == test) found.push_back(&facility);
  }
  return found;
}

const Facility& PickFacility(v1::FacilityType type, bool test, Draw& draw) {
  static const auto clinics = FacilitiesOf(v1::FACILITY_TYPE_CLINIC, false);
  static const auto dental = FacilitiesOf(v1::FACILITY_TYPE_DENTAL, false);
  static const auto pharmacies = FacilitiesOf(v1::FACILITY_TYPE_PHARMACY, false);
  static const auto hospitals = FacilitiesOf(v1::FACILITY_TYPE_HOSPITAL, false);
  if (test && type != v1::FACILITY_TYPE_HOSPITAL) return *FacilitiesOf(type, true).front();
  const auto& all = type == v1::FACILITY_TYPE_CLINIC     ? clinics
                    : type == v1::FACILITY_TYPE_DENTAL   ? dental
                    : type == v1::FACILITY_TYPE_PHARMACY ? pharmacies
                                                         : hospitals;
  return *all[static_cast<size_t>(draw.Below(static_cast<int>(all.size())))];
}

// The coverage that pays for a day's care and whose records are shown; null: none.
const InsurerRow* CoverageOn(std::span<const InsurerRow> rows, absl::CivilDay day) {
  for (const InsurerRow& row : rows) {
    switch (Insurers()[row.insurer].kind) {
      case InsurerKind::kMedicalAid:
      case InsurerKind::kSelfDefenceForces:
      case InsurerKind::kDayLabourer:
      case InsurerKind::kDayLabourerSpecial:
        continue;
      default:
        break;
    }
    if (day < DayOf(row.row.qualification_date())) continue;
    if (row.row.has_disqualification_date() && day >= DayOf(row.row.disqualification_date())) {
      continue;
    }
    return &row;
  }
  return nullptr;
}

size_t ReviewerOf(InsurerKind kind) {
  return kind == InsurerKind::kNationalHealthMunicipality ||
                 kind == InsurerKind::kNationalHealthSociety || kind == InsurerKind::kLateElderly ||
                 kind == InsurerKind::kRetiredNationalHealth
             ? kNationalHealth
             : kEmployees;
}

void SetFacility(const Facility& facility, v1::RecordFacility& out) {
  out.set_code(facility.code);
  out.set_name(facility.name);
}

void AddDrug(const SynthDrug& drug, v1::DrugDay& day) {
  v1::Drug& out = *day.add_drugs();
  out.set_code(std::string(drug.code));
  out.set_name(std::string(drug.name));
  out.set_ingredient_name(std::string(drug.ingredient_name));
  out.set_drug_class(drug.drug_class);
  out.set_dose(std::string(drug.dose));
  out.set_unit(std::string(drug.unit));
  out.set_usage_name(std::string(drug.usage_name));
  out.set_special_instruction(std::string(drug.special_instruction));
  out.set_times(drug.times);
}

void AddTreatment(const SynthTreatment& treatment, absl::CivilDay day, bool surgery,
                  v1::ReceiptRow& row) {
  v1::Treatment& out = *row.add_treatments();
  out.set_code(std::string(treatment.code));
  out.set_name(std::string(treatment.name));
  out.set_treatment_class(std::string(treatment.treatment_class));
  out.set_amount("1");
  out.set_unit(std::string(treatment.unit));
  out.set_times(1);
  out.set_surgery(surgery);
  SetDate(out.add_dates(), day);
}

// Life is one subject's records, month by month.
class Life {
 public:
  Life(uint64_t seed, absl::CivilDay today, const RecordSubject& subject, const RecordSinks& sinks)
      : today_(today),
        subject_(subject),
        sinks_(sinks),
        birth_(DayOf(subject.rows.front().row.birth_date())),
        draw_(seed, DrawStream::kRecords, subject.number),
        checks_(seed, DrawStream::kHealthChecks, subject.number),
        clinic_(PickFacility(v1::FACILITY_TYPE_CLINIC, subject.at_test_facilities, draw_)),
        pharmacy_(PickFacility(v1::FACILITY_TYPE_PHARMACY, subject.at_test_facilities, draw_)),
        years_(draw_.Between(3, 5)),
        prescribes_electronically_(subject.source_drugs || draw_.PerMille(300)) {
    const int age = AgeOn(birth_, today);
    for (const SynthDrug& drug : ChronicDrugs()) {
      const int share = drug.per_mille * std::clamp(age - 30, 0, 45) / 45;
      if (draw_.PerMille(share)) chronic_.push_back(&drug);
    }
    for (const SynthDrug& drug : SourceDrugs()) {
      if (subject.source_drugs && drug.drug_class != v1::DRUG_CLASS_INJECTION) {
        chronic_.push_back(&drug);
      }
    }
  }

  void Emit() {
    const absl::CivilMonth present(today_);
    const absl::CivilMonth arrived = present - (today_.day() >= kArrivalDay ? 1 : 2);
    const absl::CivilMonth oldest(*FactsOf(RecordKind::kDrug).data_from);
    absl::CivilMonth month =
        std::max({present - 12 * years_, oldest, absl::CivilMonth(birth_) + 1});
    for (; month <= present; ++month) EmitMonth(month, month <= arrived);
    EmitHealthChecks();
  }

 private:
  void EmitMonth(absl::CivilMonth month, bool arrived);
  void EmitVisit(absl::CivilDay day, bool arrived, bool ill);
  void EmitPrescription(absl::CivilDay day, const std::vector<const SynthDrug*>& drugs);
  void EmitDental(absl::CivilDay day);
  void EmitSurgery(absl::CivilDay day);
  void EmitHealthChecks();
  void EmitHealthCheck(absl::CivilDay day);
  void AddItems(int age, v1::HealthCheckRow& row);
  double Measure(const SynthCheckItem& item, int age,
                 const std::map<std::string_view, double>& measured);

  // The head of a claim about `day`'s month.
  v1::ReceiptRow Begin(absl::CivilDay day, v1::DrugSource source, v1::ReceiptKind kind,
                       const Facility& facility) {
    v1::ReceiptRow row;
    row.set_action(v1::ROW_ACTION_NEW);
    row.set_receipt_reference(
        fmt::format("{:08}-{:04}{:02}-{}", subject_.number, day.year(), day.month(), ++count_));
    row.set_individual_number(subject_.individual_number);
    row.set_treatment_month(fmt::format("{:04}-{:02}", day.year(), day.month()));
    row.set_source(source);
    row.set_receipt_kind(kind);
    SetFacility(facility, *row.mutable_facility());
    return row;
  }
  void Send(absl::CivilDay day, const v1::ReceiptRow& row) {
    const InsurerRow* coverage = CoverageOn(subject_.rows, day);
    if (coverage == nullptr) return;
    if (row.drug_days().empty() && row.treatments().empty()) return;
    sinks_.receipt(ReviewerOf(Insurers()[coverage->insurer].kind), row);
  }
  // Treatments are known from later on than drugs.
  static bool HasTreatments(absl::CivilDay day) {
    return day >= *FactsOf(RecordKind::kTreatment).data_from;
  }

  const absl::CivilDay today_;
  const RecordSubject& subject_;
  const RecordSinks& sinks_;
  const absl::CivilDay birth_;
  Draw draw_;
  Draw checks_;
  const Facility& clinic_;
  const Facility& pharmacy_;
  const int years_;
  const bool prescribes_electronically_;
  std::vector<const SynthDrug*> chronic_;
  int count_ = 0;
};

void Life::EmitMonth(absl::CivilMonth month, bool arrived) {
  // Always the same draws, so that a month more or less changes no other.
  const absl::CivilDay day(month.year(), month.month(), draw_.Between(1, 26));
  const bool ill = draw_.PerMille(AgeOn(birth_, today_) < 15 ? 220 : 90);
  const bool comes = (!chronic_.empty() && (subject_.source_drugs || draw_.PerMille(700))) || ill;
  const bool dental = draw_.PerMille(50);
  const bool operated = draw_.PerMille(AgeOn(birth_, today_) >= 50 ? 6 : 2);
  const bool operated_as_told = subject_.surgery && month == absl::CivilMonth(today_) - 12;
  if (day > today_) return;
  if (comes) EmitVisit(day, arrived, ill);
  if (!arrived || !HasTreatments(day)) return;
  if (dental) EmitDental(day);
  if (operated || operated_as_told) EmitSurgery(day);
}

void Life::EmitVisit(absl::CivilDay day, bool arrived, bool ill) {
  std::vector<const SynthDrug*> drugs = chronic_;
  if (ill || drugs.empty()) {
    drugs.push_back(&draw_.Pick(AcuteDrugs()));
    if (draw_.PerMille(500)) drugs.push_back(&draw_.Pick(AcuteDrugs().first(2)));
  }
  if (prescribes_electronically_ && today_ - day < kPrescriptionDays) EmitPrescription(day, drugs);
  if (!arrived) return;

  v1::ReceiptRow clinic = Begin(day, v1::DRUG_SOURCE_RECEIPT, v1::RECEIPT_KIND_OUTPATIENT, clinic_);
  if (HasTreatments(day)) {
    AddTreatment(Consultations()[ill && chronic_.empty() ? 0 : 1], day, false, clinic);
    AddTreatment(Consultations()[2], day, false, clinic);
    if (draw_.PerMille(350)) AddTreatment(draw_.Pick(Examinations()), day, false, clinic);
  }
  if (subject_.source_drugs) {
    v1::DrugDay& injected = *clinic.add_drug_days();
    SetDate(injected.mutable_dispensing_date(), day);
    SetDate(injected.mutable_prescribing_date(), day);
    for (const SynthDrug& drug : SourceDrugs()) {
      if (drug.drug_class == v1::DRUG_CLASS_INJECTION) AddDrug(drug, injected);
    }
  }
  Send(day, clinic);

  v1::ReceiptRow dispensed =
      Begin(day, v1::DRUG_SOURCE_RECEIPT, v1::RECEIPT_KIND_DISPENSING, pharmacy_);
  SetFacility(clinic_, *dispensed.mutable_prescribing_facility());
  v1::DrugDay& given = *dispensed.add_drug_days();
  SetDate(given.mutable_dispensing_date(), day);
  SetDate(given.mutable_prescribing_date(), day);
  for (const SynthDrug* drug : drugs) AddDrug(*drug, given);
  Send(day, dispensed);
}

// What the e-prescription service knows of it at once: 処方情報 and 調剤情報.
void Life::EmitPrescription(absl::CivilDay day, const std::vector<const SynthDrug*>& drugs) {
  v1::ReceiptRow prescribed =
      Begin(day, v1::DRUG_SOURCE_PRESCRIPTION, v1::RECEIPT_KIND_OUTPATIENT, clinic_);
  v1::DrugDay& wanted = *prescribed.add_drug_days();
  SetDate(wanted.mutable_prescribing_date(), day);
  for (const SynthDrug* drug : drugs) AddDrug(*drug, wanted);
  Send(day, prescribed);

  v1::ReceiptRow dispensed =
      Begin(day, v1::DRUG_SOURCE_DISPENSING, v1::RECEIPT_KIND_DISPENSING, pharmacy_);
  SetFacility(clinic_, *dispensed.mutable_prescribing_facility());
  *dispensed.add_drug_days() = wanted;
  SetDate(dispensed.mutable_drug_days(0)->mutable_dispensing_date(), day);
  Send(day, dispensed);
}

void Life::EmitDental(absl::CivilDay day) {
  const Facility& dentist =
      PickFacility(v1::FACILITY_TYPE_DENTAL, subject_.at_test_facilities, draw_);
  v1::ReceiptRow row = Begin(day, v1::DRUG_SOURCE_RECEIPT, v1::RECEIPT_KIND_DENTAL, dentist);
  for (const SynthTreatment& treatment : DentalTreatments()) {
    AddTreatment(treatment, day, false, row);
  }
  Send(day, row);
}

void Life::EmitSurgery(absl::CivilDay day) {
  const Facility& hospital = PickFacility(v1::FACILITY_TYPE_HOSPITAL, false, draw_);
  v1::ReceiptRow row = Begin(day, v1::DRUG_SOURCE_RECEIPT, v1::RECEIPT_KIND_INPATIENT, hospital);
  AddTreatment(Consultations()[0], day, false, row);
  AddTreatment(draw_.Pick(Surgeries()), day, true, row);
  AddTreatment(Examinations()[0], day, false, row);
  v1::DrugDay& given = *row.add_drug_days();
  SetDate(given.mutable_dispensing_date(), day);
  SetDate(given.mutable_prescribing_date(), day);
  AddDrug(AcuteDrugs()[0], given);
  Send(day, row);
}

void Life::EmitHealthChecks() {
  for (int years_ago = years_; years_ago >= 0; --years_ago) {
    const int year = static_cast<int>(today_.year()) - years_ago;
    const absl::CivilDay day(year, checks_.Between(6, 11), checks_.Between(1, 28));
    const bool comes = checks_.PerMille(620);
    if (day > today_ || day < *FactsOf(RecordKind::kHealthCheck).data_from) continue;
    if (comes || subject_.at_test_facilities) EmitHealthCheck(day);
  }
}

void Life::AddItems(int age, v1::HealthCheckRow& row) {
  std::map<std::string_view, double> measured;
  bool found = false;
  for (const SynthCheckItem& item : CheckItems()) {
    v1::HealthCheckItem out;
    out.set_code(std::string(item.code));
    out.set_name(std::string(item.name));
    out.set_unit(std::string(item.unit));
    const auto code = [&](std::span<const std::string_view> names, size_t value) {
      out.set_value(std::to_string(value + 1));
      out.set_value_name(std::string(names[value]));
    };
    switch (item.value) {
      case CheckValue::kMeasured:
        measured[item.code] = Measure(item, age, measured);
        out.set_data_type("PQ");
        out.set_value(fmt::format("{:.{}f}", measured[item.code], item.decimals));
        break;
      case CheckValue::kSign:
        code(CodedNames(), checks_.PerMille(900) ? 0 : static_cast<size_t>(checks_.Between(1, 3)));
        out.set_data_type("CO");
        out.set_code_list("1.2.392.200119.6.2100");
        break;
      case CheckValue::kFinding:
        found = checks_.PerMille(150);
        code(FindingNames(), found ? 0 : 1);
        out.set_data_type("CD");
        break;
      case CheckValue::kText: {
        const std::string_view text = checks_.Pick(FindingTexts());
        if (!found) continue;
        out.set_data_type("ST");
        out.set_value(std::string(text));
        break;
      }
    }
    *row.add_items() = std::move(out);
  }
}

double Life::Measure(const SynthCheckItem& item, int age,
                     const std::map<std::string_view, double>& measured) {
  // The mean of two draws: values far off are rarer.
  const double off = (checks_.Between(-1000, 1000) + checks_.Between(-1000, 1000)) / 1000.0;
  if (!item.near.empty()) return measured.at(item.near) + item.at_40 + item.spread * off;
  double value = item.at_40 + item.a_decade * (age - 40) / 10.0 + item.spread * off;
  // A body mass index follows from the two before it.
  if (item.code == kBodyMassIndexCode) {
    const double height_m = measured.at(kHeightCode) / 100;
    value = measured.at(kWeightCode) / (height_m * height_m);
  }
  return std::max(value, 0.1);
}

void Life::EmitHealthCheck(absl::CivilDay day) {
  const int age = AgeOn(birth_, day);
  const InsurerRow* coverage = CoverageOn(subject_.rows, day);
  if (age < kChecksFrom || coverage == nullptr) return;
  const bool late_elderly = Insurers()[coverage->insurer].kind == InsurerKind::kLateElderly;
  if (late_elderly != (age >= kLateElderlyFrom)) return;
  v1::HealthCheckRow row;
  row.set_action(v1::ROW_ACTION_NEW);
  row.set_examination_reference(fmt::format("{:08}-{}", subject_.number, day.year()));
  row.set_individual_number(subject_.individual_number);
  SetDate(row.mutable_examination_date(), day);
  row.set_programme(late_elderly ? v1::HEALTH_CHECK_PROGRAMME_LATE_ELDERLY
                                 : v1::HEALTH_CHECK_PROGRAMME_SPECIFIC);
  SetFacility(clinic_, *row.mutable_facility());
  AddItems(age, row);
  sinks_.health_check(coverage->insurer, row);
}

}  // namespace

std::span<const Reviewer> Reviewers() { return kReviewers; }

void EmitRecords(uint64_t seed, absl::CivilDay today, const RecordSubject& subject,
                 const RecordSinks& sinks) {
  Life(seed, today, subject, sinks).Emit();
}

}  // namespace kakunin::synth
