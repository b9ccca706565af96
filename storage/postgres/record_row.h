#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "domain/health_check.h"
#include "domain/receipt.h"
#include "storage/postgres/binary_array.h"

namespace kakunin {

// The content of a receipt, and that of a health check, stand in the same columns of three tables
// each. They are named here once: for INSERT, and as text for the readers, days as their DayNumber,
// so that a lane and a pooled connection read them alike.
inline constexpr int kReceiptColumnCount = 11;
inline constexpr char kReceiptColumns[] =
    "pushed_by, reference, month, source, receipt_kind, facility_code, facility_name,"
    " prescribing_facility_code, prescribing_facility_name, drugs, treatments";
inline constexpr char kReceiptAsText[] =
    "pushed_by, reference, (month - DATE 'epoch')::text, source::text, receipt_kind::text,"
    " facility_code, facility_name, prescribing_facility_code, prescribing_facility_name,"
    " drugs::text, treatments::text";
inline constexpr int kHealthCheckColumnCount = 9;
inline constexpr char kHealthCheckColumns[] =
    "pushed_by, reference, month, examination_date, programme, registrar_name, facility_code,"
    " facility_name, items";
inline constexpr char kHealthCheckAsText[] =
    "pushed_by, reference, (month - DATE 'epoch')::text, (examination_date - DATE 'epoch')::text,"
    " programme::text, registrar_name, facility_code, facility_name, items::text";

// ReceiptParameters is "$first::text[], ..." for the arrays of ReceiptArrays, to stand in an unnest
// whose columns are named by kReceiptColumns.
std::string ReceiptParameters(int first);
std::string HealthCheckParameters(int first);

// RecordCells are the columns of kReceiptAsText or kHealthCheckAsText of one row; empty is null.
using RecordCells = std::span<const std::optional<std::string_view>>;

// ReceiptFrom reads a row; the caller sets the person. kBroken (StoreError) when a cell is not what
// this binary writes.
absl::StatusOr<Receipt> ReceiptFrom(RecordCells cells);
absl::StatusOr<HealthCheck> HealthCheckFrom(RecordCells cells);

// ReceiptArrays collects receipts as one array a column, to be handed to a statement as parameters.
// Not thread-safe.
class ReceiptArrays {
 public:
  void Begin(size_t count);
  void Add(const Receipt& receipt);
  std::span<const BinaryArray> arrays() const { return arrays_; }

 private:
  std::array<BinaryArray, kReceiptColumnCount> arrays_;
};

// HealthCheckArrays does the same with health checks.
class HealthCheckArrays {
 public:
  void Begin(size_t count);
  void Add(const HealthCheck& check);
  std::span<const BinaryArray> arrays() const { return arrays_; }

 private:
  std::array<BinaryArray, kHealthCheckColumnCount> arrays_;
};

}  // namespace kakunin
