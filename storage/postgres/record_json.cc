#include "storage/postgres/record_json.h"

#include <utility>

#include "storage/postgres/json_array.h"

namespace kakunin {
namespace {

// A drug with its day, as it is stored.
struct DrugLine {
  std::optional<absl::CivilDay> dispensing_day;
  std::optional<absl::CivilDay> prescribing_day;
  Drug drug;
};

struct TreatmentLine {
  Treatment treatment;
  std::vector<int> days;
};

bool Assign(std::string& text, const std::string& value) {
  text = value;
  return true;
}

bool AssignDrug(DrugLine& line, std::string_view name, const std::string& value) {
  Drug& drug = line.drug;
  if (name == "dispensing_date") return AssignJson(value, line.dispensing_day);
  if (name == "prescribing_date") return AssignJson(value, line.prescribing_day);
  if (name == "code") return Assign(drug.code, value);
  if (name == "name") return Assign(drug.name, value);
  if (name == "ingredient_name") return Assign(drug.ingredient_name, value);
  if (name == "class") return AssignJson(value, drug.drug_class);
  if (name == "class_received") return Assign(drug.drug_class_received, value);
  if (name == "dose") return Assign(drug.dose, value);
  if (name == "unit") return Assign(drug.unit, value);
  if (name == "usage_name") return Assign(drug.usage_name, value);
  if (name == "special_instruction") return Assign(drug.special_instruction, value);
  return name == "times" && AssignJson(value, drug.times);
}

bool AssignTreatment(TreatmentLine& line, std::string_view name, const std::string& value) {
  Treatment& treatment = line.treatment;
  if (name == "code") return Assign(treatment.code, value);
  if (name == "name") return Assign(treatment.name, value);
  if (name == "class") return Assign(treatment.treatment_class, value);
  if (name == "amount") return Assign(treatment.amount, value);
  if (name == "unit") return Assign(treatment.unit, value);
  if (name == "times") return AssignJson(value, treatment.times);
  if (name == "days") return AssignJson(value, line.days);
  if (name != "surgery") return false;
  treatment.surgery = value == "1";
  return true;
}

bool AssignItem(HealthCheckItem& item, std::string_view name, const std::string& value) {
  if (name == "code") return Assign(item.code, value);
  if (name == "name") return Assign(item.name, value);
  if (name == "data_type") return Assign(item.data_type, value);
  if (name == "value") return Assign(item.value, value);
  if (name == "unit") return Assign(item.unit, value);
  if (name == "code_list") return Assign(item.code_list, value);
  return name == "value_name" && Assign(item.value_name, value);
}

}  // namespace

std::string JsonOf(const std::vector<DrugDay>& days) {
  JsonArrayWriter writer;
  for (const DrugDay& day : days) {
    for (const Drug& drug : day.drugs) {
      writer.BeginObject();
      writer.Day("dispensing_date", day.dispensing_day);
      writer.Day("prescribing_date", day.prescribing_day);
      writer.Text("code", drug.code);
      writer.TextIfAny("name", drug.name);
      writer.TextIfAny("ingredient_name", drug.ingredient_name);
      if (drug.drug_class != 0) writer.Number("class", drug.drug_class);
      writer.TextIfAny("class_received", drug.drug_class_received);
      writer.TextIfAny("dose", drug.dose);
      writer.TextIfAny("unit", drug.unit);
      writer.TextIfAny("usage_name", drug.usage_name);
      writer.TextIfAny("special_instruction", drug.special_instruction);
      writer.Number("times", drug.times);
      writer.EndObject();
    }
  }
  return writer.Finish();
}

std::string JsonOf(const std::vector<Treatment>& treatments) {
  JsonArrayWriter writer;
  std::vector<int> days;
  for (const Treatment& treatment : treatments) {
    days.clear();
    for (const absl::CivilDay day : treatment.days) days.push_back(day.day());
    writer.BeginObject();
    writer.Text("code", treatment.code);
    writer.TextIfAny("name", treatment.name);
    writer.TextIfAny("class", treatment.treatment_class);
    writer.TextIfAny("amount", treatment.amount);
    writer.TextIfAny("unit", treatment.unit);
    writer.Number("times", treatment.times);
    if (!days.empty()) writer.Numbers("days", days);
    if (treatment.surgery) writer.Number("surgery", 1);
    writer.EndObject();
  }
  return writer.Finish();
}

std::string JsonOf(const std::vector<HealthCheckItem>& items) {
  JsonArrayWriter writer;
  for (const HealthCheckItem& item : items) {
    writer.BeginObject();
    writer.Text("code", item.code);
    writer.TextIfAny("name", item.name);
    writer.TextIfAny("data_type", item.data_type);
    writer.TextIfAny("value", item.value);
    writer.TextIfAny("unit", item.unit);
    writer.TextIfAny("code_list", item.code_list);
    writer.TextIfAny("value_name", item.value_name);
    writer.EndObject();
  }
  return writer.Finish();
}

std::optional<std::vector<DrugDay>> DrugDaysFrom(std::string_view json) {
  auto lines = JsonParts<DrugLine>(json, &AssignDrug);
  if (!lines) return std::nullopt;
  std::vector<DrugDay> days;
  for (DrugLine& line : *lines) {
    if (days.empty() || days.back().dispensing_day != line.dispensing_day ||
        days.back().prescribing_day != line.prescribing_day) {
      days.push_back({line.dispensing_day, line.prescribing_day, {}});
    }
    days.back().drugs.push_back(std::move(line.drug));
  }
  return days;
}

std::optional<std::vector<Treatment>> TreatmentsFrom(std::string_view json,
                                                     absl::CivilMonth month) {
  auto lines = JsonParts<TreatmentLine>(json, &AssignTreatment);
  if (!lines) return std::nullopt;
  std::vector<Treatment> treatments;
  treatments.reserve(lines->size());
  for (TreatmentLine& line : *lines) {
    for (const int day : line.days) {
      line.treatment.days.emplace_back(month.year(), month.month(), day);
    }
    treatments.push_back(std::move(line.treatment));
  }
  return treatments;
}

std::optional<std::vector<HealthCheckItem>> HealthCheckItemsFrom(std::string_view json) {
  return JsonParts<HealthCheckItem>(json, &AssignItem);
}

}  // namespace kakunin
