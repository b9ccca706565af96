#include "server/usecases/receipt_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "domain/retention.h"

namespace kakunin {
namespace {

// レセプト電算処理システム用コード and 診療行為コード (domain.md 1.7).
constexpr size_t kCodeDigits = 9;

void CheckCode(IncomingReceipt& row, std::string_view code, std::string field) {
  const bool digits =
      std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (code.empty()) {
    row.AddFault(RowFault::kFieldMissing, std::move(field));
  } else if (code.size() != kCodeDigits || !digits) {
    row.AddFault(RowFault::kFieldMalformed, std::move(field));
  }
}

void CheckInMonth(IncomingReceipt& row, absl::CivilDay day, absl::CivilDay today,
                  std::string field) {
  if (absl::CivilMonth(day) != row.record.treatment_month) {
    row.AddFault(RowFault::kDayOutsideMonth, std::move(field));
  } else if (day > today) {
    row.AddFault(RowFault::kDateInFuture, std::move(field));
  }
}

// A drug is dispensed in the month of treatment; it may have been prescribed before. What was only
// prescribed was so in the month.
void CheckDrugDay(IncomingReceipt& row, size_t index, absl::CivilDay today) {
  const DrugDay& day = row.record.drug_days[index];
  const auto at = [&](std::string_view field) {
    return fmt::format("drug_days[{}].{}", index, field);
  };
  if (day.dispensing_day) {
    CheckInMonth(row, *day.dispensing_day, today, at("dispensing_date"));
    if (day.prescribing_day && *day.prescribing_day > *day.dispensing_day) {
      row.AddFault(RowFault::kDateOrderImpossible, at("prescribing_date"));
    }
  } else if (row.record.source == DrugSource::kPrescription && day.prescribing_day) {
    CheckInMonth(row, *day.prescribing_day, today, at("prescribing_date"));
  } else {
    row.AddFault(RowFault::kFieldMissing, at("dispensing_date"));
  }
  if (day.drugs.empty()) row.AddFault(RowFault::kFieldMissing, at("drugs"));
  for (size_t i = 0; i < day.drugs.size(); ++i) {
    CheckCode(row, day.drugs[i].code, at(fmt::format("drugs[{}].code", i)));
  }
}

void CheckTreatment(IncomingReceipt& row, size_t index, absl::CivilDay today) {
  const Treatment& treatment = row.record.treatments[index];
  CheckCode(row, treatment.code, fmt::format("treatments[{}].code", index));
  for (size_t i = 0; i < treatment.days.size(); ++i) {
    CheckInMonth(row, treatment.days[i], today, fmt::format("treatments[{}].dates[{}]", index, i));
  }
}

void CheckContent(IncomingReceipt& row, absl::CivilDay today) {
  const Receipt& receipt = row.record;
  const absl::CivilMonth present(today);
  if (receipt.treatment_month > present) {
    row.AddFault(RowFault::kDateInFuture, "treatment_month");
  } else if (receipt.treatment_month < FirstReceiptMonthKept(today, RetentionRules{})) {
    row.AddFault(RowFault::kMonthNotKept, "treatment_month");
  }
  if (receipt.drug_days.empty() && receipt.treatments.empty()) {
    row.AddFault(RowFault::kFieldMissing, "drug_days");
  }
  // The e-prescription service knows drugs only (domain.md 1.7, the twins' column).
  if (receipt.source != DrugSource::kReceipt && !receipt.treatments.empty()) {
    row.AddFault(RowFault::kFieldMalformed, "treatments");
  }
  for (size_t i = 0; i < receipt.drug_days.size(); ++i) CheckDrugDay(row, i, today);
  for (size_t i = 0; i < receipt.treatments.size(); ++i) CheckTreatment(row, i, today);
}

}  // namespace

Judged<Receipt> JudgeReceipts(std::vector<IncomingReceipt> rows, int64_t chunk,
                              const std::string& reviewer_number, const FeedKeys& keys,
                              absl::CivilDay today) {
  return JudgeEach(std::move(rows), chunk, keys, &Receipt::reference, [&](IncomingReceipt& row) {
    row.record.reviewer_number = reviewer_number;
    // What could not be read is told already; judging its stand-ins would mislead.
    if (row.action != RowAction::kLost && !row.IsRefused()) CheckContent(row, today);
  });
}

}  // namespace kakunin
