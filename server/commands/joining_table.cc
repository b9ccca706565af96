#include "server/commands/joining_table.h"

#include <fmt/format.h>

#include <string_view>

#include "domain/account_registration_state.h"
#include "domain/application.h"
#include "domain/civil_day.h"
#include "server/application_input/application_fields.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

std::string InstantText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

// A server that is newer than this command may tell what it does not know.
template <class Domain, class Api>
std::string NamedText(Api value, int most) {
  const int number = static_cast<int>(value);
  if (number < 1 || number > most) return fmt::format("{}", number);
  return std::string(NameOf(static_cast<Domain>(number)));
}

std::string KindText(v1::ApplicationKind kind) {
  const int number = static_cast<int>(kind);
  if (number < 1 || number > kApplicationKinds) return fmt::format("{}", number);
  return std::string(JapaneseNameOf(static_cast<ApplicationKind>(number)));
}

}  // namespace

std::string StateText(v1::ApplicationState state) {
  const int number = static_cast<int>(state);
  if (number < 1 || number > kApplicationStates) return fmt::format("{}", number);
  const auto known = static_cast<ApplicationState>(number);
  return fmt::format("{} {}", NameOf(known), JapaneseNameOf(known));
}

std::string ApplicantTable(const v1::Applicant& applicant) {
  TextTable table;
  table.Row("アカウント", applicant.account());
  table.Row("施設", fmt::format("{} {}", applicant.facility_code(), applicant.facility_name()));
  table.Row("メール", applicant.mail());
  table.Row("状態",
            NamedText<AccountRegistrationState>(applicant.state(), kAccountRegistrationStates));
  table.Row("登録", InstantText(applicant.register_time()));
  if (applicant.has_confirm_time()) {
    table.Row("確認", fmt::format("{} {}", InstantText(applicant.confirm_time()),
                                  applicant.confirmed_by()));
  }
  return table.Draw();
}

std::string GroundEndTable(
    const google::type::Date& last_day,
    const google::protobuf::RepeatedPtrField<google::type::Date>& reminder_days,
    const std::string& sentence) {
  const auto text = [](const google::type::Date& day) {
    return fmt::format("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
  };
  std::string reminders;
  for (const google::type::Date& day : reminder_days) {
    reminders += (reminders.empty() ? "" : "、") + text(day);
  }
  TextTable table;
  table.Row("端末の最終日", text(last_day));
  table.Row("お知らせの日", reminders);
  table.Row("説明", sentence);
  return table.Draw();
}

std::string ApplicationLine(const v1::Application& application) {
  return fmt::format("{}  {}  {}  {}  {}\n", application.application_id(),
                     application.facility_code(), KindText(application.kind()),
                     StateText(application.state()), InstantText(application.change_time()));
}

std::string ApplicationTable(const v1::Application& application) {
  TextTable table;
  table.Heading(
      fmt::format("{}: {}", KindText(application.kind()), StateText(application.state())));
  table.Row("申請の番号", application.application_id());
  table.Row("施設", fmt::format("{} {}", application.facility_code(), application.facility_name()));
  if (!application.group_name().empty()) table.Row("一括申込", application.group_name());
  table.Row("版", fmt::format("{}", application.version()));
  table.Row("申請日時", InstantText(application.first_submit_time()));
  if (application.has_start_request_time()) {
    table.Row("運用開始の依頼", InstantText(application.start_request_time()));
  }
  for (const v1::FormField& field : application.form().fields()) {
    table.Row(std::string(LabelOf(field.field())), field.value());
  }
  if (!application.working().empty()) table.Heading("計算");
  for (const std::string& line : application.working()) {
    const size_t colon = line.find(": ");
    table.Row(colon == std::string::npos ? "" : line.substr(0, colon),
              colon == std::string::npos ? line : line.substr(colon + 2));
  }
  if (!application.operation_test().empty()) table.Heading("運用テスト");
  for (const v1::OperationTestItem& item : application.operation_test()) {
    const std::string_view done = item.ticked() ? "済み" : item.needed() ? "まだ" : "不要";
    table.Row(item.name(), std::string(done));
  }
  if (!application.steps().empty()) table.Heading("経過");
  for (const v1::ApplicationStep& step : application.steps()) {
    table.Row(
        InstantText(step.time()),
        fmt::format("{} {} {} {}", NamedText<ApplicationEvent>(step.event(), kApplicationEvents),
                    StateText(step.state()), step.actor(), step.note()));
  }
  return table.Draw();
}

}  // namespace kakunin
