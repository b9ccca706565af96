#include "server/commands/notice_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "domain/civil_day.h"
#include "server/commands/answer_table.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

std::string_view PartText(int part) {
  switch (part) {
    case v1::NOTICE_PART_VALIDITY:
      return "資格の有効性";
    case v1::NOTICE_PART_INSURER:
      return "保険者";
    case v1::NOTICE_PART_SYMBOL_AND_NUMBER:
      return "記号・番号";
    case v1::NOTICE_PART_PERIOD:
      return "資格の期間";
    case v1::NOTICE_PART_CLASSIFICATION:
      return "区分";
    case v1::NOTICE_PART_COPAY_RATIO:
      return "負担割合";
    case v1::NOTICE_PART_LIMIT_CLASS:
      return "限度額適用区分";
    case v1::NOTICE_PART_SPECIFIC_DISEASE:
      return "特定疾病";
    case v1::NOTICE_PART_ELIGIBILITY_SHOWN:
      return "表示した資格情報";
    case v1::NOTICE_PART_RECORDS_SHOWN:
      return "表示した診療・薬剤・健診情報";
    default:
      return "その他";
  }
}

std::string InstantText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

void AddNotice(const v1::Notice& notice, TextTable& table) {
  table.Row("通知番号", std::to_string(notice.number()));
  table.Row("対象日", fmt::format("{:04}-{:02}-{:02}", notice.day().year(), notice.day().month(),
                                  notice.day().day()));
  if (notice.validity_before() != v1::VALIDITY_UNSPECIFIED) {
    table.Row("回答", fmt::format("{} → {}", ValidityText(notice.validity_before()),
                                  ValidityText(notice.validity_after())));
  }
  std::vector<std::string_view> parts;
  for (const int part : notice.parts()) parts.push_back(PartText(part));
  table.Row("変わった項目", fmt::format("{}", fmt::join(parts, "、")));
  table.Row("確認した日時", InstantText(notice.confirmed_time()));
  table.Row("確認の監査番号", notice.confirmation_audit_id());
  table.Row("対応", notice.message());
  if (notice.has_acknowledgement()) {
    const v1::NoticeAcknowledgement& by = notice.acknowledgement();
    table.Row("確認済み", fmt::format("{}  端末 {}  利用者 {}", InstantText(by.time()),
                                      by.terminal_id(), by.user().empty() ? "-" : by.user()));
  }
}

}  // namespace

std::string NoticeTable(const google::protobuf::RepeatedPtrField<v1::Notice>& notices) {
  TextTable table;
  if (notices.empty()) {
    table.Heading("遡及通知");
    table.Row("-", "通知はありません");
  }
  for (const v1::Notice& notice : notices) {
    table.Heading("遡及通知");
    AddNotice(notice, table);
  }
  return table.Draw();
}

std::string NoticeTable(const v1::AcknowledgeNoticesResponse& answer) {
  TextTable table;
  table.Heading("遡及通知の確認済み登録");
  table.Row("登録した件数", std::to_string(answer.acknowledged()));
  table.Row("すでに確認済みの件数", std::to_string(answer.acknowledged_before()));
  if (!answer.unknown_numbers().empty()) {
    table.Row("該当のない番号", fmt::format("{}", fmt::join(answer.unknown_numbers(), "、")));
  }
  table.Row("この登録の監査番号", answer.audit_id());
  return table.Draw();
}

}  // namespace kakunin
