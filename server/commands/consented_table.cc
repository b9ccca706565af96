#include "server/commands/consented_table.h"

#include <fmt/format.h>

#include "domain/civil_day.h"
#include "server/commands/answer_table.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

std::string InstantText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

std::string DateText(const google::type::Date& day) {
  return fmt::format("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
}

std::string_view HowText(v1::ConfirmedHow how) {
  switch (how) {
    case v1::CONFIRMED_HOW_CARD:
      return "カード";
    case v1::CONFIRMED_HOW_INSURED_NUMBER:
      return "記号・番号";
    case v1::CONFIRMED_HOW_BULK:
      return "一括照会";
    case v1::CONFIRMED_HOW_CONSENTED:
      return "同意済資格情報";
    default:
      return "不明";
  }
}

std::string_view KindText(v1::ConsentKind kind) {
  switch (kind) {
    case v1::CONSENT_KIND_DRUG:
      return "薬剤情報";
    case v1::CONSENT_KIND_TREATMENT:
      return "診療情報";
    case v1::CONSENT_KIND_SURGERY:
      return "手術情報";
    case v1::CONSENT_KIND_HEALTH_CHECK:
      return "特定健診情報";
    case v1::CONSENT_KIND_LIMIT_CERTIFICATE:
      return "限度額適用認定証";
    case v1::CONSENT_KIND_SPECIFIC_DISEASE_CERTIFICATE:
      return "特定疾病療養受療証";
    default:
      return "不明";
  }
}

std::string KindsText(const v1::ConsentedPatient& patient) {
  if (patient.consented_kinds().empty()) return "なし（資格だけを確認できます）";
  std::string kinds;
  for (const int kind : patient.consented_kinds()) {
    if (!kinds.empty()) kinds += "、";
    kinds += KindText(static_cast<v1::ConsentKind>(kind));
  }
  return kinds;
}

void AddEligibility(const v1::ConsentedEligibility& eligibility, TextTable& table) {
  table.Row("対象日", DateText(eligibility.day()));
  table.Row("資格", ValidityText(eligibility.validity()));
  for (const std::string& number : eligibility.reference_numbers()) table.Row("照会番号", number);
  for (const v1::Coverage& coverage : eligibility.coverages()) {
    table.Row("氏名", coverage.name().original());
    table.Row("保険者", coverage.insurer_name());
    table.Row("記号・番号・枝番", fmt::format("{}・{}・{}", coverage.symbol(), coverage.number(),
                                              coverage.branch_number()));
  }
  table.Row("次の手順", eligibility.next_step());
}

}  // namespace

std::string ConsentedTable(const google::protobuf::RepeatedPtrField<v1::ConsentedPatient>& list) {
  TextTable table;
  for (const v1::ConsentedPatient& patient : list) {
    const bool online = patient.form_of_care() == v1::FORM_OF_CARE_ONLINE_CARE;
    table.Heading(online ? "オンライン診療等" : "訪問診療等");
    if (patient.has_appointment_date()) table.Row("予約日", DateText(patient.appointment_date()));
    table.Row("予約の名称", patient.booking_name());
    table.Row("同意", InstantText(patient.consent_time()));
    table.Row("同意した情報", KindsText(patient));
    if (patient.has_end_time()) table.Row("期限", InstantText(patient.end_time()));
    table.Row("回答なし", patient.refused_message());
    if (patient.has_eligibility()) AddEligibility(patient.eligibility(), table);
  }
  if (list.empty()) {
    table.Heading("同意済資格情報");
    table.Row("-", "同意した患者はいません");
  }
  return table.Draw();
}

std::string ConfirmedTable(const v1::ListConfirmationsResponse& told) {
  TextTable table;
  for (const v1::ToldConfirmation& one : told.confirmations()) {
    table.Heading(InstantText(one.time()));
    table.Row("方法", HowText(one.how()));
    table.Row("資格", ValidityText(one.validity()));
    if (one.has_day()) table.Row("対象日", DateText(one.day()));
    table.Row("端末", one.terminal_id());
    table.Row("監査番号", one.audit_id());
  }
  if (told.confirmations().empty()) {
    table.Heading("資格確認の記録");
    table.Row("-", "資格確認の記録はありません");
  }
  if (told.has_complete_until_time()) {
    table.Heading("一覧の範囲");
    table.Row("ここまで完全", InstantText(told.complete_until_time()));
  }
  return table.Draw();
}

}  // namespace kakunin
