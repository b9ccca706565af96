#include "server/bench/bench_records.h"

#include <fmt/format.h>

#include "server/synth/facility_table.h"
#include "server/synth/insurer_table.h"
#include "server/synth/record_table.h"

namespace kakunin::bench {
namespace {

// Records are some kilobytes each: a message stays below gRPC's four megabytes.
constexpr int kRecordsAChunk = 500;

constexpr int kDayOfVisit = 12;

void SetDay(google::type::Date* date, absl::CivilDay day) {
  date->set_year(static_cast<int>(day.year()));
  date->set_month(day.month());
  date->set_day(day.day());
}

const synth::Facility& FacilityOf(v1::FacilityType type, size_t number) {
  std::vector<const synth::Facility*> found;
  for (const synth::Facility& facility : synth::Facilities()) {
    if (facility.type == type) found.push_back(&facility);
  }
  return *found[number % found.size()];
}

void SetFacility(const synth::Facility& facility, v1::RecordFacility& out) {
  out.set_code(facility.code);
  out.set_name(facility.name);
}

void AddDrug(const synth::SynthDrug& drug, v1::DrugDay& day) {
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

// The months from the oldest on, and in each the subjects.
class ReceiptRows {
 public:
  ReceiptRows(RecordSubjects subjects, absl::CivilDay today)
      : subjects_(std::move(subjects)), today_(today) {}

  absl::StatusOr<bool> operator()(v1::PushRowsRequest& chunk) {
    if (next_ == subjects_->size()) {
      next_ = 0;
      --months_ago_;
    }
    if (months_ago_ == 0 || subjects_->empty()) return false;
    *chunk.add_receipts() = ReceiptOf((*subjects_)[next_++], months_ago_, today_);
    return true;
  }

 private:
  RecordSubjects subjects_;
  absl::CivilDay today_;
  size_t next_ = 0;
  int months_ago_ = kDrugMonths;
};

class HealthCheckRows {
 public:
  HealthCheckRows(RecordSubjects subjects, size_t insurer, absl::CivilDay today)
      : subjects_(std::move(subjects)), insurer_(insurer), today_(today) {}

  absl::StatusOr<bool> operator()(v1::PushRowsRequest& chunk) {
    while (next_ < subjects_->size() && (*subjects_)[next_].insurer != insurer_) ++next_;
    if (next_ == subjects_->size()) return false;
    *chunk.add_health_checks() = HealthCheckOf((*subjects_)[next_++], today_);
    return true;
  }

 private:
  RecordSubjects subjects_;
  size_t insurer_;
  absl::CivilDay today_;
  size_t next_ = 0;
};

}  // namespace

v1::ReceiptRow ReceiptOf(const RecordSubject& subject, int months_ago, absl::CivilDay today) {
  static const synth::Facility& pharmacy = FacilityOf(v1::FACILITY_TYPE_PHARMACY, 0);
  static const synth::Facility& clinic = FacilityOf(v1::FACILITY_TYPE_CLINIC, 0);
  const absl::CivilMonth month = absl::CivilMonth(today) - months_ago;
  v1::ReceiptRow row;
  row.set_action(v1::ROW_ACTION_NEW);
  row.set_receipt_reference(fmt::format("bench-{}-{}", subject.number, months_ago));
  row.set_individual_number(subject.individual_number);
  row.set_treatment_month(fmt::format("{:04}-{:02}", month.year(), month.month()));
  row.set_source(v1::DRUG_SOURCE_RECEIPT);
  row.set_receipt_kind(v1::RECEIPT_KIND_DISPENSING);
  SetFacility(pharmacy, *row.mutable_facility());
  SetFacility(clinic, *row.mutable_prescribing_facility());
  v1::DrugDay& day = *row.add_drug_days();
  SetDay(day.mutable_dispensing_date(), absl::CivilDay(month) + (kDayOfVisit - 1));
  SetDay(day.mutable_prescribing_date(), absl::CivilDay(month) + (kDayOfVisit - 1));
  const auto drugs = synth::ChronicDrugs();
  for (int i = 0; i < kDrugsAMonth; ++i) {
    AddDrug(drugs[static_cast<size_t>(i + months_ago) % drugs.size()], day);
  }
  return row;
}

v1::HealthCheckRow HealthCheckOf(const RecordSubject& subject, absl::CivilDay today) {
  static const synth::Facility& hospital = FacilityOf(v1::FACILITY_TYPE_HOSPITAL, 0);
  v1::HealthCheckRow row;
  row.set_action(v1::ROW_ACTION_NEW);
  row.set_examination_reference(fmt::format("bench-{}", subject.number));
  row.set_individual_number(subject.individual_number);
  SetDay(row.mutable_examination_date(), absl::CivilDay(absl::CivilMonth(today) - 2));
  row.set_programme(synth::Insurers()[subject.insurer].kind == InsurerKind::kLateElderly
                        ? v1::HEALTH_CHECK_PROGRAMME_LATE_ELDERLY
                        : v1::HEALTH_CHECK_PROGRAMME_SPECIFIC);
  SetFacility(hospital, *row.mutable_facility());
  const auto known = synth::CheckItems();
  for (int i = 0; i < kCheckItems; ++i) {
    const synth::SynthCheckItem& item = known[static_cast<size_t>(i) % known.size()];
    v1::HealthCheckItem& out = *row.add_items();
    // The same items again under other last digits, which name the method of measuring.
    out.set_code(fmt::format("{}{:02}", item.code.substr(0, 15), i));
    out.set_name(std::string(item.name));
    out.set_data_type("PQ");
    out.set_value(fmt::format("{:.{}f}", item.at_40, item.decimals));
    out.set_unit(std::string(item.unit));
  }
  return row;
}

dev::FeedToPush Receipts(const RecordSubjects& subjects, absl::CivilDay today) {
  return {.kind = v1::FEED_KIND_RECEIPTS,
          .number = 2,  // the test persons' were the first
          .source = [subjects, today]() -> absl::StatusOr<dev::AddRow> {
            return dev::AddRow(ReceiptRows(subjects, today));
          },
          .rows_a_chunk = kRecordsAChunk};
}

dev::FeedToPush HealthChecks(const RecordSubjects& subjects, size_t insurer, absl::CivilDay today) {
  return {.kind = v1::FEED_KIND_HEALTH_CHECKS,
          .source = [subjects, insurer, today]() -> absl::StatusOr<dev::AddRow> {
            return dev::AddRow(HealthCheckRows(subjects, insurer, today));
          },
          .rows_a_chunk = kRecordsAChunk};
}

}  // namespace kakunin::bench
