#include "storage/postgres/record_row.h"

#include <charconv>

#include "domain/civil_day.h"
#include "storage/postgres/array_parameters.h"
#include "storage/postgres/record_json.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

using enum ElementType;

constexpr std::array<ElementType, kReceiptColumnCount> kReceiptTypes = {
    kText, kText, kDay, kInt2, kInt2, kText, kText, kText, kText, kJson, kJson};
constexpr std::array<ElementType, kHealthCheckColumnCount> kHealthCheckTypes = {
    kText, kText, kDay, kDay, kInt2, kText, kText, kText, kJson};

// Reads cells and remembers whether one was not as expected.
class CellReader {
 public:
  explicit CellReader(RecordCells cells) : cells_(cells) {}

  bool IsNull(size_t column) const { return !cells_[column]; }
  std::string_view Text(size_t column) {
    ok_ = ok_ && cells_[column];
    return cells_[column].value_or(std::string_view());
  }
  int Int(size_t column) {
    const std::string_view cell = Text(column);
    int value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    ok_ = ok_ && error == std::errc() && end == cell.data() + cell.size();
    return value;
  }
  absl::CivilDay Day(size_t column) { return DayFromNumber(Int(column)); }
  bool ok() const { return ok_; }

 private:
  const RecordCells cells_;
  bool ok_ = true;
};

}  // namespace

std::string ReceiptParameters(int first) { return UnnestParameters(kReceiptTypes, first); }
std::string HealthCheckParameters(int first) { return UnnestParameters(kHealthCheckTypes, first); }

absl::StatusOr<Receipt> ReceiptFrom(RecordCells cells) {
  CellReader in(cells);
  Receipt receipt;
  receipt.reviewer_number = in.Text(0);
  receipt.reference = in.Text(1);
  receipt.treatment_month = absl::CivilMonth(in.Day(2));
  receipt.source = static_cast<DrugSource>(in.Int(3));
  receipt.kind = static_cast<ReceiptKind>(in.Int(4));
  receipt.facility = {std::string(in.Text(5)), std::string(in.Text(6))};
  if (!in.IsNull(7)) {
    receipt.prescribing_facility = {std::string(in.Text(7)), std::string(in.Text(8))};
  }
  auto drugs = DrugDaysFrom(in.Text(9));
  auto treatments = TreatmentsFrom(in.Text(10), receipt.treatment_month);
  if (!in.ok() || !drugs || !treatments) return StoreError(StoreFailure::kBroken);
  receipt.drug_days = *std::move(drugs);
  receipt.treatments = *std::move(treatments);
  return receipt;
}

absl::StatusOr<HealthCheck> HealthCheckFrom(RecordCells cells) {
  CellReader in(cells);
  HealthCheck check;
  check.registrar_number = in.Text(0);
  check.reference = in.Text(1);
  check.examination_day = in.Day(3);
  check.programme = static_cast<HealthCheckProgramme>(in.Int(4));
  check.registrar_name = in.Text(5);
  check.facility = {std::string(in.Text(6)), std::string(in.Text(7))};
  auto items = HealthCheckItemsFrom(in.Text(8));
  if (!in.ok() || !items) return StoreError(StoreFailure::kBroken);
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
