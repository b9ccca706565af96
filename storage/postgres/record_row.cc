#include "storage/postgres/record_row.h"

#include "storage/postgres/array_parameters.h"
#include "storage/postgres/record_json.h"
#include "storage/postgres/text_value.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

using enum ElementType;

constexpr std::array<ElementType, kReceiptColumnCount> kReceiptTypes = {
    kText, kText, kDay, kInt2, kInt2, kText, kText, kText, kText, kJson, kJson};
constexpr std::array<ElementType, kHealthCheckColumnCount> kHealthCheckTypes = {
    kText, kText, kDay, kDay, kInt2, kText, kText, kText, kJson};

std::string_view TextOf(const pqxx::field& cell) { return {cell.c_str(), cell.size()}; }

}  // namespace

std::string ReceiptParameters(int first) { return UnnestParameters(kReceiptTypes, first); }
std::string HealthCheckParameters(int first) { return UnnestParameters(kHealthCheckTypes, first); }

absl::StatusOr<Receipt> ReceiptFrom(const pqxx::row& row) {
  Receipt receipt;
  receipt.reviewer_number = TextOf(row[0]);
  receipt.reference = TextOf(row[1]);
  receipt.treatment_month = absl::CivilMonth(DayFromText(TextOf(row[2])));
  receipt.source = static_cast<DrugSource>(row[3].as<int>());
  receipt.kind = static_cast<ReceiptKind>(row[4].as<int>());
  receipt.facility = {std::string(TextOf(row[5])), std::string(TextOf(row[6]))};
  if (!row[7].is_null()) {
    receipt.prescribing_facility = {std::string(TextOf(row[7])), std::string(TextOf(row[8]))};
  }
  auto drugs = DrugDaysFrom(TextOf(row[9]));
  auto treatments = TreatmentsFrom(TextOf(row[10]), receipt.treatment_month);
  if (!drugs || !treatments) return StoreError(StoreFailure::kBroken);
  receipt.drug_days = *std::move(drugs);
  receipt.treatments = *std::move(treatments);
  return receipt;
}

absl::StatusOr<HealthCheck> HealthCheckFrom(const pqxx::row& row) {
  HealthCheck check;
  check.registrar_number = TextOf(row[0]);
  check.reference = TextOf(row[1]);
  check.examination_day = DayFromText(TextOf(row[3]));
  check.programme = static_cast<HealthCheckProgramme>(row[4].as<int>());
  check.registrar_name = TextOf(row[5]);
  check.facility = {std::string(TextOf(row[6])), std::string(TextOf(row[7]))};
  auto items = HealthCheckItemsFrom(TextOf(row[8]));
  if (!items) return StoreError(StoreFailure::kBroken);
  check.items = *std::move(items);
  return check;
}

void ReceiptArrays::Begin(size_t count) {
  for (size_t i = 0; i < arrays_.size(); ++i) arrays_[i].Begin(kReceiptTypes[i], count);
}

void ReceiptArrays::Add(const Receipt& receipt) {
  BinaryArray* next = arrays_.data();
  next++->Octets(receipt.reviewer_number);
  next++->Octets(receipt.reference);
  next++->Day(absl::CivilDay(receipt.treatment_month));
  next++->Int2(static_cast<int>(receipt.source));
  next++->Int2(static_cast<int>(receipt.kind));
  next++->Octets(receipt.facility.code);
  next++->Octets(receipt.facility.name);
  if (const auto& prescribing = receipt.prescribing_facility) {
    next++->Octets(prescribing->code);
    next++->Octets(prescribing->name);
  } else {
    next++->Null();
    next++->Null();
  }
  next++->Json(JsonOf(receipt.drug_days));
  next++->Json(JsonOf(receipt.treatments));
}

void HealthCheckArrays::Begin(size_t count) {
  for (size_t i = 0; i < arrays_.size(); ++i) arrays_[i].Begin(kHealthCheckTypes[i], count);
}

void HealthCheckArrays::Add(const HealthCheck& check) {
  BinaryArray* next = arrays_.data();
  next++->Octets(check.registrar_number);
  next++->Octets(check.reference);
  next++->Day(absl::CivilDay(absl::CivilMonth(check.examination_day)));
  next++->Day(check.examination_day);
  next++->Int2(static_cast<int>(check.programme));
  next++->Octets(check.registrar_name);
  next++->Octets(check.facility.code);
  next++->Octets(check.facility.name);
  next++->Json(JsonOf(check.items));
}

}  // namespace kakunin
