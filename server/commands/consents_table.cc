#include "server/commands/consents_table.h"

#include <fmt/format.h>

#include <string_view>

#include "domain/civil_day.h"
#include "domain/record_kind.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

std::string InstantText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

std::string_view KindText(v1::ConsentKind kind) {
  return FactsOf(static_cast<RecordKind>(kind)).name;
}

std::string_view FormText(v1::FormOfCare form) {
  switch (form) {
    case v1::FORM_OF_CARE_OUTPATIENT:
      return "外来";
    case v1::FORM_OF_CARE_HOME_VISIT:
      return "訪問診療等";
    case v1::FORM_OF_CARE_ONLINE_CARE:
      return "オンライン診療等";
    case v1::FORM_OF_CARE_EMERGENCY:
      return "救急時";
    default:
      return "不明";
  }
}

std::string_view StandingText(v1::ConsentStanding standing) {
  switch (standing) {
    case v1::CONSENT_STANDING_RUNNING:
      return "有効";
    case v1::CONSENT_STANDING_DECLINED:
      return "不同意";
    case v1::CONSENT_STANDING_EXPIRED:
      return "期限終了";
    case v1::CONSENT_STANDING_REVOKED_BY_FACILITY:
      return "医療機関等による取消";
    case v1::CONSENT_STANDING_REVOKED_BY_PATIENT:
      return "患者による取消";
    case v1::CONSENT_STANDING_CHANGE_OF_USE:
      return "利用の変更";
    default:
      return "不明";
  }
}

std::string_view MethodText(v1::ConsentMethod method) {
  switch (method) {
    case v1::CONSENT_METHOD_ORAL:
      return "口頭";
    case v1::CONSENT_METHOD_CARD_IN_GRACE:
      return "期限切れのカード";
    default:
      return "カード";
  }
}

std::string ConsentText(const v1::Consent& one) {
  std::string text(FormText(one.form_of_care()));
  if (one.has_appointment_date()) {
    const google::type::Date& day = one.appointment_date();
    text += fmt::format("（予約日 {:04}-{:02}-{:02}）", day.year(), day.month(), day.day());
  }
  text += fmt::format("  {}  {}（{}から）", MethodText(one.method()), StandingText(one.standing()),
                      InstantText(one.since_time()));
  if (one.has_window_end_time()) {
    text += fmt::format("  期限 {}", InstantText(one.window_end_time()));
  }
  if (!one.not_counting_reason().empty()) {
    text += fmt::format("  閲覧不可: {}", one.not_counting_reason());
  }
  if (one.has_end_code()) text += fmt::format("  取消理由区分 {}", one.end_code());
  return text;
}

std::string Table(std::string_view heading,
                  const google::protobuf::RepeatedPtrField<v1::Consent>& consents,
                  const std::string& audit_id) {
  TextTable table;
  table.Heading(std::string(heading));
  for (const v1::Consent& one : consents) {
    table.Row(std::string(KindText(one.kind())), ConsentText(one));
  }
  if (consents.empty()) table.Row("-", "該当する同意はありません");
  table.Row("監査番号", audit_id);
  return table.Draw();
}

}  // namespace

std::string ConsentsTable(const v1::ListConsentsResponse& answer) {
  return Table("この医療機関等での同意", answer.consents(), answer.audit_id());
}

std::string ConsentsTable(const v1::RevokeConsentResponse& answer) {
  return Table("終了した同意", answer.ended(), answer.audit_id());
}

std::string ConsentsTable(const v1::ExplainDecisionResponse& answer) {
  TextTable table;
  for (const v1::DecisionExplanation& one : answer.explanations()) {
    table.Heading(fmt::format("{}  {}", KindText(one.kind()),
                              one.allowed() ? "閲覧可" : "閲覧不可: " + one.reason()));
    table.Row("時点", InstantText(one.decide_time()));
    const auto row = [&](const char* name, const std::string& text) {
      if (!text.empty()) table.Row(name, text);
    };
    row("規則", one.rule());
    row("出典", one.source());
    row("同意", one.consent());
    row("残り", one.time_left());
    row("条件", one.remedy());
  }
  table.Row("監査番号", answer.audit_id());
  return table.Draw();
}

}  // namespace kakunin
