#include "server/commands/access_table.h"

#include <fmt/format.h>

#include "domain/civil_day.h"
#include "domain/record_kind.h"
#include "server/commands/answer_table.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

std::string InstantText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

std::string_view OperationText(v1::AccessOperation operation) {
  switch (operation) {
    case v1::ACCESS_OPERATION_CONFIRM:
      return "資格確認";
    case v1::ACCESS_OPERATION_BEGIN_CARD_AUTHENTICATION:
      return "カード認証の開始";
    case v1::ACCESS_OPERATION_CONFIRM_BY_CARD:
      return "資格確認（カード）";
    case v1::ACCESS_OPERATION_CONFIRM_BY_INSURED_NUMBER:
      return "資格確認（記号・番号）";
    case v1::ACCESS_OPERATION_GET_DRUG_HISTORY:
      return "薬剤情報の閲覧";
    case v1::ACCESS_OPERATION_GET_TREATMENT_HISTORY:
      return "診療・手術情報の閲覧";
    case v1::ACCESS_OPERATION_GET_HEALTH_CHECKS:
      return "特定健診等情報の閲覧";
    case v1::ACCESS_OPERATION_GET_CERTIFICATES:
      return "認定証・受療証の照会";
    case v1::ACCESS_OPERATION_LIST_CONSENTS:
      return "同意の一覧";
    case v1::ACCESS_OPERATION_REVOKE_CONSENT:
      return "同意の取消";
    case v1::ACCESS_OPERATION_CHECK_CONSENT_END:
      return "同意終了の確認";
    case v1::ACCESS_OPERATION_EXPLAIN_DECISION:
      return "判定の説明";
    case v1::ACCESS_OPERATION_LIST_FACILITY_ACCESS:
      return "閲覧履歴（医療機関等）";
    case v1::ACCESS_OPERATION_LIST_PATIENT_ACCESS:
      return "閲覧履歴（本人）";
    case v1::ACCESS_OPERATION_LIST_NOTICES:
      return "遡及通知の一覧";
    case v1::ACCESS_OPERATION_ACKNOWLEDGE_NOTICES:
      return "遡及通知の確認済み登録";
    case v1::ACCESS_OPERATION_WATCH_NOTICES:
      return "遡及通知の受信";
    case v1::ACCESS_OPERATION_SUBMIT_BULK_INQUIRY:
      return "一括照会の送信";
    case v1::ACCESS_OPERATION_GET_BULK_INQUIRY:
      return "一括照会の状況";
    case v1::ACCESS_OPERATION_STREAM_BULK_RESULTS:
      return "一括照会の結果の取得";
    case v1::ACCESS_OPERATION_CANCEL_BULK_INQUIRY:
      return "一括照会の取消";
    case v1::ACCESS_OPERATION_DELETE_BULK_INQUIRY:
      return "一括照会の削除";
    case v1::ACCESS_OPERATION_CONFIRM_IN_BULK:
      return "一括照会による資格確認";
    case v1::ACCESS_OPERATION_LIST_CONSENTED_PATIENTS:
      return "同意済資格情報の一覧";
    case v1::ACCESS_OPERATION_CONFIRM_CONSENTED:
      return "同意済資格情報による資格確認";
    case v1::ACCESS_OPERATION_LIST_CONFIRMATIONS:
      return "資格確認の記録の一覧";
    case v1::ACCESS_OPERATION_CREATE_RECEPTION_LINK:
      return "受付用URLの作成";
    case v1::ACCESS_OPERATION_LIST_RECEPTION_LINKS:
      return "受付用URLの一覧";
    case v1::ACCESS_OPERATION_RENEW_RECEPTION_LINK:
      return "受付用URLの更新";
    case v1::ACCESS_OPERATION_REVOKE_RECEPTION_LINK:
      return "受付用URLの失効";
    case v1::ACCESS_OPERATION_CHANGE_REFERENCE_NUMBERS:
      return "照会番号の登録";
    case v1::ACCESS_OPERATION_BATCH_CHANGE_REFERENCE_NUMBERS:
      return "照会番号の一括登録";
    case v1::ACCESS_OPERATION_LIST_REFERENCE_NUMBERS:
      return "照会番号の一覧";
    case v1::ACCESS_OPERATION_NAME_RECEPTION_APP:
      return "受付アプリの指定・取消";
    case v1::ACCESS_OPERATION_LIST_NAMED_RECEPTION_APPS:
      return "受付アプリの一覧";
    case v1::ACCESS_OPERATION_LIST_ABNORMAL_TIMES:
      return "災害時等の取扱いの一覧";
    case v1::ACCESS_OPERATION_SEARCH_PATIENT:
      return "災害時等の患者の検索";
    case v1::ACCESS_OPERATION_OPEN_EMERGENCY_VIEW:
      return "救急時の閲覧の開始";
    case v1::ACCESS_OPERATION_CONFIRM_IN_ABNORMAL_TIMES:
      return "災害時等の資格確認";
    default:
      return "その他";
  }
}

std::string_view RoleText(v1::UserRole role) {
  switch (role) {
    case v1::USER_ROLE_GENERAL:
      return "一般";
    case v1::USER_ROLE_ADMINISTRATOR:
      return "管理者";
    case v1::USER_ROLE_DOCTOR:
      return "医師";
    case v1::USER_ROLE_DENTIST:
      return "歯科医師";
    case v1::USER_ROLE_PHARMACIST:
      return "薬剤師";
    case v1::USER_ROLE_OTHER_QUALIFIED:
      return "その他の有資格者";
    default:
      return "役割不明";
  }
}

std::string ResultText(const v1::AccessResult& result) {
  std::string text = result.shown() ? "回答済み" : "拒否: " + result.refused_message();
  if (result.validity() != v1::VALIDITY_UNSPECIFIED) {
    text += fmt::format("（{}）", ValidityText(result.validity()));
  }
  // One kind alone says what the whole says.
  if (result.kinds_size() < 2) return text;
  for (const v1::AccessedKind& kind : result.kinds()) {
    text += fmt::format("  {}: {}", FactsOf(static_cast<RecordKind>(kind.kind())).name,
                        kind.refused_reason().empty() ? "表示" : kind.refused_reason());
  }
  return text;
}

template <class Answer>
void Foot(const Answer& answer, TextTable& table) {
  if (answer.accesses().empty()) table.Row("-", "該当する記録はありません");
  if (!answer.next_page_token().empty()) table.Row("続き", "さらに古い記録があります");
  table.Row("この照会の監査番号", answer.audit_id());
}

// Who looked, and in what times, where they were not normal.
std::string UserText(const v1::PatientAccess& access) {
  std::string text(RoleText(access.role()));
  switch (access.situation()) {
    case v1::SITUATION_DISASTER:
      text += "、災害時";
      break;
    case v1::SITUATION_SYSTEM_FAILURE:
      text += "、システム障害時";
      break;
    case v1::SITUATION_EMERGENCY:
      text += "、救急時";
      break;
    default:
      break;
  }
  if (access.rehearsal()) text += "（訓練）";
  return text;
}

}  // namespace

std::string AccessTable(const v1::ListFacilityAccessResponse& answer) {
  TextTable table;
  table.Heading("この医療機関等からの照会の記録");
  for (const v1::FacilityAccess& access : answer.accesses()) {
    table.Row(InstantText(access.time()),
              fmt::format("{}  {}  端末 {}  利用者 {}（{}）  監査番号 {}",
                          OperationText(access.operation()), ResultText(access.result()),
                          access.terminal_id(), access.user().empty() ? "-" : access.user(),
                          RoleText(access.role()), access.audit_id()));
  }
  if (answer.has_complete_until_time()) {
    table.Row("記録がそろっている時点", InstantText(answer.complete_until_time()) + " より前");
  }
  Foot(answer, table);
  return table.Draw();
}

std::string AccessTable(const v1::ListPatientAccessResponse& answer) {
  TextTable table;
  table.Heading("ご本人の情報の閲覧履歴");
  if (!answer.registered()) {
    table.Row("-", "カードの利用登録がないため、閲覧の有無を確認できません");
    table.Row("この照会の監査番号", answer.audit_id());
    return table.Draw();
  }
  for (const v1::PatientAccess& access : answer.accesses()) {
    table.Row(
        InstantText(access.time()),
        fmt::format("{}  {}  {} {}（{}）  監査番号 {}", OperationText(access.operation()),
                    ResultText(access.result()), access.facility_code(), access.facility_name(),
                    access.own_act() ? "ご本人の操作" : UserText(access), access.audit_id()));
  }
  Foot(answer, table);
  return table.Draw();
}

}  // namespace kakunin
