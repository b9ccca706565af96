#include "storage/postgres/abnormal_times_row.h"

#include <pqxx/array>

#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

std::vector<std::string> TextsFrom(const pqxx::field& field) {
  std::vector<std::string> texts;
  pqxx::array_parser parser = field.as_array();
  for (auto item = parser.get_next(); item.first != pqxx::array_parser::juncture::done;
       item = parser.get_next()) {
    if (item.first == pqxx::array_parser::juncture::string_value) texts.push_back(item.second);
  }
  return texts;
}

std::string TextOr(const pqxx::field& field) { return field.is_null() ? "" : field.c_str(); }

std::optional<absl::Time> InstantOr(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return InstantFromText(field.c_str());
}

}  // namespace

SignedPolicy PolicyFrom(const pqxx::row& row) {
  SignedPolicy stored;
  AbnormalTimesPolicy& policy = stored.policy;
  policy.id = UuidFromText<PolicyId>(row[0].c_str());
  policy.situation = static_cast<Situation>(row[1].as<int>());
  policy.order_number = row[2].c_str();
  if (!row[3].is_null()) policy.order_day = DayFromText(row[3].c_str());
  policy.municipalities = TextsFrom(row[4]);
  policy.facilities = TextsFrom(row[5]);
  policy.from = InstantFromText(row[6].c_str());
  policy.to = InstantFromText(row[7].c_str());
  policy.kinds = static_cast<uint32_t>(row[8].as<int>());
  policy.rehearsal = row[9].as<bool>();
  if (!row[10].is_null()) policy.extends = UuidFromText<PolicyId>(row[10].c_str());
  policy.note = row[11].c_str();
  policy.proposed_by = row[12].c_str();
  policy.proposed_body = row[13].c_str();
  policy.proposed_at = InstantFromText(row[14].c_str());
  policy.approved_by = TextOr(row[15]);
  policy.approved_body = TextOr(row[16]);
  policy.approved_at = InstantOr(row[17]);
  policy.ended_by = TextOr(row[18]);
  policy.ended_at = InstantOr(row[19]);
  stored.signature = DigestFromText<32>(row[20].c_str());
  return stored;
}

}  // namespace kakunin
