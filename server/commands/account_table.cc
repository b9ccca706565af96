#include "server/commands/account_table.h"

#include <fmt/format.h>

#include "absl/time/time.h"
#include "domain/civil_day.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

std::string TimeText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

std::string_view RoleText(const v1::Account& account) {
  switch (account.role()) {
    case v1::USER_ROLE_ADMINISTRATOR:
      return "管理者";
    case v1::USER_ROLE_DOCTOR:
      return "医療情報閲覧者（医師）";
    case v1::USER_ROLE_DENTIST:
      return "医療情報閲覧者（歯科医師）";
    case v1::USER_ROLE_PHARMACIST:
      return "医療情報閲覧者（薬剤師）";
    case v1::USER_ROLE_OTHER_QUALIFIED:
      return "医療情報閲覧者（その他の有資格者）";
    default:
      return "一般利用者";
  }
}

std::string_view StateText(const v1::Account& account) {
  switch (account.state()) {
    case v1::ACCOUNT_STATE_LOCKED_BY_TRIES:
      return "停止中（パスワードの誤り。管理者が解除してください）";
    case v1::ACCOUNT_STATE_LOCKED:
      return "停止中（管理者による停止）";
    case v1::ACCOUNT_STATE_DISABLED:
      return "廃止";
    default:
      return account.password_change_needed() ? "利用可（パスワードの変更待ち）" : "利用可";
  }
}

}  // namespace

void AddAccount(TextTable& table, const v1::Account& account) {
  table.Heading(account.user_name());
  table.Row("氏名", account.display_name());
  table.Row("権限", RoleText(account));
  table.Row("状態", StateText(account));
  table.Row("登録", TimeText(account.create_time()));
  table.Row("最終ログイン",
            account.has_last_log_in_time() ? TimeText(account.last_log_in_time()) : "なし");
}

std::string OneTimePasswordText(const std::string& password) {
  if (password.empty()) return {};
  return fmt::format(
      "一回限りのパスワード (one-time password): {}\n"
      "  もう一度は表示されません。7日以内にログインして変更するよう、本人だけに伝えてください。\n",
      password);
}

}  // namespace kakunin
