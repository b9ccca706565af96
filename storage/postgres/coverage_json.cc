#include "storage/postgres/coverage_json.h"

#include "absl/strings/escaping.h"
#include "storage/postgres/json_array.h"

namespace kakunin {
namespace {

bool AssignLimit(LimitCertificate& part, std::string_view name, const std::string& value) {
  if (name == "classification") return AssignJson(value, part.classification);
  if (name == "issue_date") return AssignJson(value, part.issue_date);
  if (name == "valid_from") return AssignJson(value, part.valid_from);
  if (name == "valid_through") return AssignJson(value, part.valid_through);
  if (name == "long_term_date") return AssignJson(value, part.long_term_date);
  if (name != "classification_flag") return false;
  part.classification_flag = value;
  return true;
}

bool AssignDisease(SpecificDiseaseCertificate& part, std::string_view name,
                   const std::string& value) {
  if (name == "disease") return AssignJson(value, part.disease);
  if (name == "issue_date") return AssignJson(value, part.issue_date);
  if (name == "valid_from") return AssignJson(value, part.valid_from);
  if (name == "valid_through") return AssignJson(value, part.valid_through);
  return name == "self_pay_yen" && AssignJson(value, part.self_pay_yen);
}

bool AssignTicket(MedicalTicket& part, std::string_view name, const std::string& value) {
  if (name == "valid_from") return AssignJson(value, part.valid_from);
  if (name == "valid_through") return AssignJson(value, part.valid_through);
  return name == "serialised" && absl::Base64Unescape(value, &part.serialised);
}

}  // namespace

void WriteCertificate(JsonArrayWriter& writer, const ElderlyRecipientCertificate& part) {
  writer.Day("issue_date", part.issue_date);
  writer.Day("valid_from", part.valid_from);
  writer.Day("valid_through", part.valid_through);
  writer.Number("contribution_percent", part.contribution_percent);
}

void WriteCertificate(JsonArrayWriter& writer, const LimitCertificate& part) {
  writer.Number("classification", part.classification);
  writer.Text("classification_flag", part.classification_flag);
  writer.Day("issue_date", part.issue_date);
  writer.Day("valid_from", part.valid_from);
  writer.Day("valid_through", part.valid_through);
  writer.Day("long_term_date", part.long_term_date);
}

void WriteCertificate(JsonArrayWriter& writer, const SpecificDiseaseCertificate& part) {
  writer.Number("disease", part.disease);
  writer.Day("issue_date", part.issue_date);
  writer.Day("valid_from", part.valid_from);
  writer.Day("valid_through", part.valid_through);
  writer.Number("self_pay_yen", part.self_pay_yen);
}

std::string JsonOf(const std::vector<LimitCertificate>& certificates) {
  JsonArrayWriter writer;
  for (const LimitCertificate& part : certificates) {
    writer.BeginObject();
    WriteCertificate(writer, part);
    writer.EndObject();
  }
  return writer.Finish();
}

std::string JsonOf(const std::vector<SpecificDiseaseCertificate>& certificates) {
  JsonArrayWriter writer;
  for (const SpecificDiseaseCertificate& part : certificates) {
    writer.BeginObject();
    WriteCertificate(writer, part);
    writer.EndObject();
  }
  return writer.Finish();
}

std::string JsonOf(const std::vector<MedicalTicket>& tickets) {
  JsonArrayWriter writer;
  for (const MedicalTicket& part : tickets) {
    writer.BeginObject();
    writer.Day("valid_from", part.valid_from);
    writer.Day("valid_through", part.valid_through);
    writer.Text("serialised", absl::Base64Escape(part.serialised));
    writer.EndObject();
  }
  return writer.Finish();
}

std::optional<std::vector<LimitCertificate>> LimitCertificatesFrom(std::string_view json) {
  return JsonParts<LimitCertificate>(json, &AssignLimit);
}

std::optional<std::vector<SpecificDiseaseCertificate>> SpecificDiseaseCertificatesFrom(
    std::string_view json) {
  return JsonParts<SpecificDiseaseCertificate>(json, &AssignDisease);
}

std::optional<std::vector<MedicalTicket>> MedicalTicketsFrom(std::string_view json) {
  return JsonParts<MedicalTicket>(json, &AssignTicket);
}

}  // namespace kakunin
