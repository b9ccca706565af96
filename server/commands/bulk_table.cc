#include "server/commands/bulk_table.h"

#include <fmt/format.h>

#include "domain/civil_day.h"
#include "domain/error.h"
#include "server/commands/answer_table.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

std::string_view StateText(v1::BulkState state) {
  switch (state) {
    case v1::BULK_STATE_RECEIVING:
      return "受付中";
    case v1::BULK_STATE_RUNNING:
      return "照会中";
    case v1::BULK_STATE_DONE:
      return "完了";
    case v1::BULK_STATE_CANCELLED:
      return "取消";
    case v1::BULK_STATE_STOPPED:
      return "中止";
    default:
      return "不明";
  }
}

std::string_view ChangeText(v1::BulkChange change) {
  switch (change) {
    case v1::BULK_CHANGE_FIRST_TIME:
      return "初めて";
    case v1::BULK_CHANGE_SAME:
      return "前回と同じ";
    case v1::BULK_CHANGE_CHANGED:
      return "前回から変更あり";
    default:
      return "";
  }
}

// What a list was stopped for, in the sentence of the table of reasons.
std::string ReasonText(const std::string& name) {
  const std::optional<Reason> reason = ReasonNamed(name);
  return reason ? fmt::format("{}（{}）", FactsOf(*reason).sentence, name) : name;
}

std::string InstantText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

}  // namespace

std::string BulkTable(const v1::BulkInquiry& inquiry) {
  TextTable table;
  table.Heading("一括照会");
  table.Row("受付番号", inquiry.reception_number());
  table.Row("状況", StateText(inquiry.state()));
  table.Row("理由", ReasonText(inquiry.reason()));
  table.Row("対象日", fmt::format("{:04}-{:02}-{:02}", inquiry.day().year(), inquiry.day().month(),
                                  inquiry.day().day()));
  table.Row("件数", std::to_string(inquiry.row_count()));
  table.Row("回答済", std::to_string(inquiry.answered_rows()));
  table.Row("うちエラー", std::to_string(inquiry.error_rows()));
  if (inquiry.next_chunk_number() > 0) {
    table.Row("次の分割", std::to_string(inquiry.next_chunk_number()));
  }
  table.Row("開始", InstantText(inquiry.begin_time()));
  if (inquiry.has_end_time()) table.Row("終了", InstantText(inquiry.end_time()));
  if (inquiry.has_expire_time()) table.Row("保存の期限", InstantText(inquiry.expire_time()));
  return table.Draw();
}

std::string BulkTable(const google::protobuf::RepeatedPtrField<v1::BulkResult>& results) {
  TextTable table;
  for (const v1::BulkResult& result : results) {
    table.Heading(fmt::format("{} {}", result.row_number(), result.row_id()));
    table.Row("氏名", result.name());
    if (result.has_error()) {
      table.Row("エラー", result.error().message());
      for (const v1::BulkFieldViolation& violation : result.error().violations()) {
        table.Row(violation.field(), violation.description());
      }
      continue;
    }
    const v1::BulkAnswer& answer = result.answer();
    table.Row("資格", ValidityText(answer.validity()));
    table.Row("前回との違い", ChangeText(answer.change()));
    for (const v1::Coverage& coverage : answer.coverages()) {
      table.Row("保険者", coverage.insurer_name());
      table.Row("記号・番号・枝番", fmt::format("{}・{}・{}", coverage.symbol(), coverage.number(),
                                                coverage.branch_number()));
    }
    for (const std::string& number : answer.reference_numbers()) table.Row("照会番号", number);
    table.Row("次の手順", answer.next_step());
  }
  return table.Draw();
}

}  // namespace kakunin
