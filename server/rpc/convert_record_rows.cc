#include "server/rpc/convert_record_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "domain/civil_day.h"
#include "domain/text/facility_code.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/fields.h"

namespace kakunin {
namespace {

constexpr size_t kMostNameCharacters = 200;
constexpr size_t kMostUsageCharacters = 300;
constexpr size_t kMostUnitCharacters = 40;
constexpr size_t kMostClassCharacters = 20;
constexpr size_t kMostDecimalCharacters = 20;
constexpr size_t kMostCodeCharacters = 40;
constexpr size_t kMostValueCharacters = 64;  // domain.md 1.8, DataValue
constexpr int kMostLines = 500;              // of a kind, and of a day
constexpr int kMostDays = 31;

// More lines than anybody can have would only fill the report.
bool CheckCount(FieldErrors& errors, std::string_view field, int count, int most) {
  if (count <= most) return true;
  errors.Add(std::string(field), kFieldMalformed);
  return false;
}

// A decimal as it is printed: digits with at most one point; may be empty.
void OptionalDecimal(FieldErrors& errors, std::string_view field, const std::string& text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool right =
      text.size() <= kMostDecimalCharacters &&
      std::all_of(text.begin(), text.end(), [&](char c) { return digit(c) || c == '.'; }) &&
      std::count(text.begin(), text.end(), '.') <= 1 &&
      (text.empty() || (digit(text.front()) && digit(text.back())));
  if (!right) errors.Add(std::string(field), kFieldMalformed);
}

void CheckTimes(FieldErrors& errors, std::string field, int times) {
  if (times < 0) errors.Add(std::move(field), kFieldMalformed);
}

// The check digit is not enforced: codes that fail it occur in the field (domain.md 3).
RecordFacility ReadFacility(FieldErrors& errors, std::string_view field,
                            const v1::RecordFacility& in) {
  RequiredDigits(errors, fmt::format("{}.code", field), in.code(), FacilityCode::kLength);
  RequiredText(errors, fmt::format("{}.name", field), in.name(), kMostNameCharacters);
  return {in.code(), in.name()};
}

Drug ReadDrug(FieldErrors& errors, const std::string& path, const v1::Drug& in) {
  const auto at = [&](std::string_view field) { return fmt::format("{}.{}", path, field); };
  Drug out;
  out.code = in.code();
  OptionalText(errors, at("code"), in.code(), kMostCodeCharacters);
  RequiredText(errors, at("name"), in.name(), kMostNameCharacters);
  out.name = in.name();
  OptionalText(errors, at("ingredient_name"), in.ingredient_name(), kMostNameCharacters);
  out.ingredient_name = in.ingredient_name();
  OptionalText(errors, at("drug_class_received"), in.drug_class_received(), kMostClassCharacters);
  if (v1::DrugClass_IsValid(in.drug_class()) && in.drug_class() != v1::DRUG_CLASS_UNSPECIFIED) {
    out.drug_class = in.drug_class();
  } else if (!in.drug_class_received().empty()) {
    out.drug_class_received = in.drug_class_received();
  } else if (in.drug_class() != v1::DRUG_CLASS_UNSPECIFIED) {
    out.drug_class_received = std::to_string(static_cast<int>(in.drug_class()));
  } else {
    errors.Add(at("drug_class"), kFieldMissing);
  }
  OptionalDecimal(errors, at("dose"), in.dose());
  out.dose = in.dose();
  OptionalText(errors, at("unit"), in.unit(), kMostUnitCharacters);
  out.unit = in.unit();
  OptionalText(errors, at("usage_name"), in.usage_name(), kMostUsageCharacters);
  out.usage_name = in.usage_name();
  OptionalText(errors, at("special_instruction"), in.special_instruction(), kMostUsageCharacters);
  out.special_instruction = in.special_instruction();
  CheckTimes(errors, at("times"), in.times());
  out.times = in.times();
  return out;
}

DrugDay ReadDrugDay(FieldErrors& errors, int index, const v1::DrugDay& in) {
  const auto at = [&](std::string_view field) { return FieldAt("drug_days", index, field); };
  DrugDay out;
  out.dispensing_day = OptionalDay(errors, at("dispensing_date"), in.dispensing_date());
  out.prescribing_day = OptionalDay(errors, at("prescribing_date"), in.prescribing_date());
  if (!CheckCount(errors, at("drugs"), in.drugs_size(), kMostLines)) return out;
  out.drugs.reserve(static_cast<size_t>(in.drugs_size()));
  for (int i = 0; i < in.drugs_size(); ++i) {
    out.drugs.push_back(ReadDrug(errors, at(FieldAt("drugs", i)), in.drugs(i)));
  }
  return out;
}

Treatment ReadTreatment(FieldErrors& errors, int index, const v1::Treatment& in) {
  const auto at = [&](std::string_view field) { return FieldAt("treatments", index, field); };
  Treatment out;
  out.code = in.code();
  OptionalText(errors, at("code"), in.code(), kMostCodeCharacters);
  RequiredText(errors, at("name"), in.name(), kMostNameCharacters);
  out.name = in.name();
  OptionalText(errors, at("treatment_class"), in.treatment_class(), kMostClassCharacters);
  out.treatment_class = in.treatment_class();
  OptionalDecimal(errors, at("amount"), in.amount());
  out.amount = in.amount();
  OptionalText(errors, at("unit"), in.unit(), kMostUnitCharacters);
  out.unit = in.unit();
  CheckTimes(errors, at("times"), in.times());
  out.times = in.times();
  out.surgery = in.surgery();
  if (!CheckCount(errors, at("dates"), in.dates_size(), kMostDays)) return out;
  for (int i = 0; i < in.dates_size(); ++i) {
    if (const auto day = RequiredDay(errors, at(FieldAt("dates", i)), in.dates(i))) {
      out.days.push_back(*day);
    }
  }
  return out;
}

void ReadReceipt(FieldErrors& errors, const v1::ReceiptRow& row, Receipt& out) {
  if (const auto month = ReadMonth(row.treatment_month())) {
    out.treatment_month = *month;
  } else {
    errors.Add("treatment_month", row.treatment_month().empty() ? kFieldMissing : kFieldMalformed);
  }
  out.source =
      RequiredEnum<DrugSource>(errors, "source", row.source()).value_or(DrugSource::kReceipt);
  out.kind = RequiredEnum<ReceiptKind>(errors, "receipt_kind", row.receipt_kind())
                 .value_or(ReceiptKind::kOutpatient);
  out.facility = ReadFacility(errors, "facility", row.facility());
  if (row.has_prescribing_facility()) {
    out.prescribing_facility =
        ReadFacility(errors, "prescribing_facility", row.prescribing_facility());
  }
  if (CheckCount(errors, "drug_days", row.drug_days_size(), kMostDays)) {
    for (int i = 0; i < row.drug_days_size(); ++i) {
      out.drug_days.push_back(ReadDrugDay(errors, i, row.drug_days(i)));
    }
  }
  if (CheckCount(errors, "treatments", row.treatments_size(), kMostLines)) {
    for (int i = 0; i < row.treatments_size(); ++i) {
      out.treatments.push_back(ReadTreatment(errors, i, row.treatments(i)));
    }
  }
}

HealthCheckItem ReadItem(FieldErrors& errors, int index, const v1::HealthCheckItem& in) {
  const auto at = [&](std::string_view field) { return FieldAt("items", index, field); };
  const std::pair<std::string_view, const std::string&> texts[] = {
      {"code", in.code()}, {"unit", in.unit()}, {"code_list", in.code_list()}};
  for (const auto& [field, text] : texts)
    OptionalText(errors, at(field), text, kMostCodeCharacters);
  OptionalText(errors, at("name"), in.name(), kMostNameCharacters);
  OptionalText(errors, at("value"), in.value(), kMostValueCharacters);
  OptionalText(errors, at("value_name"), in.value_name(), kMostNameCharacters);
  return {.code = in.code(),
          .name = in.name(),
          .data_type = in.data_type(),
          .value = in.value(),
          .unit = in.unit(),
          .code_list = in.code_list(),
          .value_name = in.value_name()};
}

void ReadHealthCheck(FieldErrors& errors, const v1::HealthCheckRow& row, HealthCheck& out) {
  out.examination_day =
      RequiredDay(errors, "examination_date", row.examination_date()).value_or(absl::CivilDay());
  out.programme = RequiredEnum<HealthCheckProgramme>(errors, "programme", row.programme())
                      .value_or(HealthCheckProgramme::kSpecific);
  out.facility = ReadFacility(errors, "facility", row.facility());
  if (!CheckCount(errors, "items", row.items_size(), kMostLines)) return;
  for (int i = 0; i < row.items_size(); ++i) {
    out.items.push_back(ReadItem(errors, i, row.items(i)));
  }
}

}  // namespace

std::optional<absl::CivilMonth> ReadMonth(std::string_view text) {
  int year = 0;
  int month = 0;
  const auto number = [](std::string_view digits, int& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  if (text.size() != 7 || text[4] != '-' || !number(text.substr(0, 4), year) ||
      !number(text.substr(5), month) || !IsRealDay(year, month, 1)) {
    return std::nullopt;
  }
  return absl::CivilMonth(year, month);
}

std::string MonthText(absl::CivilMonth month) {
  return fmt::format("{:04}-{:02}", month.year(), month.month());
}

IncomingReceipt ReadReceiptRow(v1::ReceiptRow& row) {
  IncomingReceipt incoming;
  ReadIndividualNumber(*row.mutable_individual_number(), incoming);
  FieldErrors errors;
  incoming.action =
      RequiredEnum<RowAction>(errors, "action", row.action()).value_or(RowAction::kNew);
  if (RequiredLine(errors, "receipt_reference", row.receipt_reference(),
                   kMostReferenceCharacters)) {
    incoming.record.reference = row.receipt_reference();
  }
  if (incoming.action != RowAction::kLost) ReadReceipt(errors, row, incoming.record);
  AddFaults(errors, incoming);
  CheckTexts(row, "receipt_reference", incoming.record.reference, incoming);
  return incoming;
}

IncomingHealthCheck ReadHealthCheckRow(v1::HealthCheckRow& row) {
  IncomingHealthCheck incoming;
  ReadIndividualNumber(*row.mutable_individual_number(), incoming);
  FieldErrors errors;
  incoming.action =
      RequiredEnum<RowAction>(errors, "action", row.action()).value_or(RowAction::kNew);
  if (RequiredLine(errors, "examination_reference", row.examination_reference(),
                   kMostReferenceCharacters)) {
    incoming.record.reference = row.examination_reference();
  }
  if (incoming.action != RowAction::kLost) ReadHealthCheck(errors, row, incoming.record);
  AddFaults(errors, incoming);
  CheckTexts(row, "examination_reference", incoming.record.reference, incoming);
  return incoming;
}

}  // namespace kakunin
