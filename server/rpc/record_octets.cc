#include "server/rpc/record_octets.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "auth/hash_function.h"
#include "domain/month_record.h"
#include "domain/retention.h"
#include "kakunin/v1/record_service.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/convert_record_rows.h"
#include "server/rpc/coverage_octets.h"

namespace kakunin {
namespace {

// One entry's octets; RecordEntry holds views of them.
struct EntryOctets {
  int source = 0;
  std::string body;
  std::string facilities;
  std::optional<absl::CivilDay> reckoned;
};

std::string Encode(const std::vector<EntryOctets>& octets) {
  std::vector<RecordEntry> entries;
  entries.reserve(octets.size());
  for (const EntryOctets& one : octets) {
    entries.push_back({one.source, one.body, one.facilities, one.reckoned});
  }
  return EncodeMonthRecord(entries, auth::kSha256);
}

// In a fixed order, so that the octets depend on nothing but what is in them.
template <class Record, class Key>
std::vector<const Record*> Sorted(std::span<const Record> records, Key key) {
  std::vector<const Record*> sorted;
  sorted.reserve(records.size());
  for (const Record& record : records) sorted.push_back(&record);
  std::sort(sorted.begin(), sorted.end(),
            [&](const Record* a, const Record* b) { return key(*a) < key(*b); });
  return sorted;
}

void SetFacility(const RecordFacility& facility, v1::RecordFacility& out) {
  out.set_code(facility.code);
  out.set_name(facility.name);
}

void SetDrug(const Drug& drug, v1::Drug& out) {
  out.set_code(drug.code);
  out.set_name(drug.name);
  out.set_ingredient_name(drug.ingredient_name);
  out.set_drug_class(static_cast<v1::DrugClass>(drug.drug_class));
  out.set_drug_class_received(drug.drug_class_received);
  out.set_dose(drug.dose);
  out.set_unit(drug.unit);
  out.set_usage_name(drug.usage_name);
  out.set_special_instruction(drug.special_instruction);
  out.set_times(drug.times);
}

void SetTreatment(const Treatment& treatment, v1::Treatment& out) {
  out.set_code(treatment.code);
  out.set_name(treatment.name);
  out.set_treatment_class(treatment.treatment_class);
  out.set_amount(treatment.amount);
  out.set_unit(treatment.unit);
  out.set_times(treatment.times);
  out.set_surgery(treatment.surgery);
  for (const absl::CivilDay day : treatment.days) *out.add_dates() = DayToProto(day);
}

EntryOctets DrugEntry(const Receipt& receipt) {
  v1::DrugMonth month;
  month.set_month(MonthText(receipt.treatment_month));
  month.set_source(static_cast<v1::DrugSource>(receipt.source));
  month.set_receipt_kind(static_cast<v1::ReceiptKind>(receipt.kind));
  for (const DrugDay& day : receipt.drug_days) {
    v1::DrugDay& out = *month.add_days();
    if (day.dispensing_day) *out.mutable_dispensing_date() = DayToProto(*day.dispensing_day);
    if (day.prescribing_day) *out.mutable_prescribing_date() = DayToProto(*day.prescribing_day);
    for (const Drug& drug : day.drugs) SetDrug(drug, *out.add_drugs());
  }
  v1::DrugMonth facilities;
  SetFacility(receipt.facility, *facilities.mutable_facility());
  if (receipt.prescribing_facility) {
    SetFacility(*receipt.prescribing_facility, *facilities.mutable_prescribing_facility());
  }
  std::optional<absl::CivilDay> reckoned;
  if (receipt.source != DrugSource::kReceipt) reckoned = DayOfIssue(receipt);
  return {static_cast<int>(receipt.source), month.SerializeAsString(),
          facilities.SerializeAsString(), reckoned};
}

EntryOctets TreatmentEntry(const Receipt& receipt, bool surgery) {
  v1::TreatmentMonth month;
  month.set_month(MonthText(receipt.treatment_month));
  month.set_receipt_kind(static_cast<v1::ReceiptKind>(receipt.kind));
  for (const Treatment& treatment : receipt.treatments) {
    if (treatment.surgery == surgery) SetTreatment(treatment, *month.add_treatments());
  }
  v1::TreatmentMonth facilities;
  SetFacility(receipt.facility, *facilities.mutable_facility());
  return {0, month.SerializeAsString(), facilities.SerializeAsString(), {}};
}

bool HasAny(const Receipt& receipt, RecordKind kind) {
  if (kind == RecordKind::kDrug) return !receipt.drug_days.empty();
  const bool surgery = kind == RecordKind::kSurgery;
  return std::any_of(receipt.treatments.begin(), receipt.treatments.end(),
                     [&](const Treatment& treatment) { return treatment.surgery == surgery; });
}

EntryOctets HealthCheckEntry(const HealthCheck& check) {
  v1::HealthCheck out;
  *out.mutable_examination_date() = DayToProto(check.examination_day);
  out.set_programme(static_cast<v1::HealthCheckProgramme>(check.programme));
  out.set_registrar_number(check.registrar_number);
  out.set_registrar_name(check.registrar_name);
  for (const HealthCheckItem& item : check.items) {
    v1::HealthCheckItem& to = *out.add_items();
    to.set_code(item.code);
    to.set_name(item.name);
    to.set_data_type(item.data_type);
    to.set_value(item.value);
    to.set_unit(item.unit);
    to.set_code_list(item.code_list);
    to.set_value_name(item.value_name);
  }
  v1::HealthCheck facilities;
  SetFacility(check.facility, *facilities.mutable_facility());
  return {0, out.SerializeAsString(), facilities.SerializeAsString(), check.examination_day};
}

}  // namespace

std::string BuildReceiptMonth(RecordKind kind, std::span<const Receipt> receipts) {
  std::vector<EntryOctets> entries;
  const auto key = [](const Receipt& receipt) {
    return std::tie(receipt.facility.code, receipt.source, receipt.kind, receipt.reviewer_number,
                    receipt.reference);
  };
  for (const Receipt* receipt : Sorted(receipts, key)) {
    if (!HasAny(*receipt, kind)) continue;
    entries.push_back(kind == RecordKind::kDrug
                          ? DrugEntry(*receipt)
                          : TreatmentEntry(*receipt, kind == RecordKind::kSurgery));
  }
  return Encode(entries);
}

std::string BuildHealthCheckMonth(std::span<const HealthCheck> checks) {
  std::vector<EntryOctets> entries;
  const auto key = [](const HealthCheck& check) {
    return std::tie(check.examination_day, check.registrar_number, check.reference);
  };
  const std::vector<const HealthCheck*> sorted = Sorted(checks, key);
  // As the answer has them: newest first.
  for (auto check = sorted.rbegin(); check != sorted.rend(); ++check) {
    entries.push_back(HealthCheckEntry(**check));
  }
  return Encode(entries);
}

CopyBuilders CopiesOfThisFormat() {
  return {.answer = &BuildAnswerRow,
          .receipt_month = &BuildReceiptMonth,
          .health_check_month = &BuildHealthCheckMonth};
}

std::optional<std::string> CertificateOctets(const AnswerPiece& piece) {
  // The end of a serialised Coverage that holds this certificate alone.
  v1::Coverage coverage;
  if (!coverage.ParseFromArray(piece.octets.data(), static_cast<int>(piece.octets.size()))) {
    return std::nullopt;
  }
  v1::CertificateAnswer answer;
  if (piece.kind == PieceKind::kLimitCertificate && coverage.has_limit_certificate()) {
    *answer.add_limit_certificates() = std::move(*coverage.mutable_limit_certificate());
  } else if (piece.kind == PieceKind::kSpecificDiseaseCertificate &&
             coverage.specific_disease_certificates_size() > 0) {
    answer.mutable_specific_disease_certificates()->Swap(
        coverage.mutable_specific_disease_certificates());
  } else {
    return std::nullopt;
  }
  return answer.SerializeAsString();
}

std::optional<std::string> CheckWithoutRegistrar(std::string_view body) {
  v1::HealthCheck check;
  if (!check.ParseFromArray(body.data(), static_cast<int>(body.size()))) return std::nullopt;
  check.clear_registrar_number();
  check.clear_registrar_name();
  return check.SerializeAsString();
}

AnswerOctets AnswersOfThisFormat() {
  return {.build = CopiesOfThisFormat(),
          .certificate = &CertificateOctets,
          .check_without_registrar = &CheckWithoutRegistrar};
}

}  // namespace kakunin
