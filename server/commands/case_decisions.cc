#include "server/commands/case_decisions.h"

#include <fmt/format.h>

#include <memory>
#include <string>

#include "google/protobuf/util/time_util.h"
#include "kakunin/v1/identity_case_service.grpc.pb.h"
#include "kakunin/v1/operations_service.grpc.pb.h"
#include "server/commands/service_call.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

using Stub = v1::IdentityCaseService::Stub;

// What an operator asks for.
struct SurveyOptions {
  ClientOptions client;
  std::string insurer;
  std::string case_id;
  bool include_ended = false;
  int least_days = 0;
};

struct CaseOptions {
  ClientOptions client;
  std::string case_id;
  std::string released_by;
  bool include_ended = false;
};

std::string FieldsText(const v1::IdentityCase& told) {
  constexpr const char* kNames[] = {"", "氏名", "カナ", "生年月日", "性別", "住所"};
  std::string text;
  for (const int field : told.fields()) {
    if (field < 1 || field > 5) continue;
    text += fmt::format("{}{}", text.empty() ? "" : "、", kNames[field]);
  }
  return text;
}

std::string StateText(const v1::IdentityCase& told) {
  return v1::IdentityCaseState_Name(told.state()).substr(sizeof("IDENTITY_CASE_STATE_") - 1);
}

void AddCase(const v1::IdentityCase& told, TextTable& table) {
  table.Row("案件", told.case_id());
  table.Row("状態", StateText(told));
  table.Row("資格管理番号", told.coverage_reference());
  table.Row("送信", fmt::format("{} チャンク {} 行 {}", told.feed_id(), told.chunk_number(),
                                told.row_index()));
  table.Row("理由", fmt::format("{} {}", told.reason(), FieldsText(told)));
  table.Row("", told.message());
  table.Row("開始", google::protobuf::util::TimeUtil::ToString(told.open_time()));
  if (told.has_end_time()) {
    table.Row("終了",
              fmt::format("{} {} {}", google::protobuf::util::TimeUtil::ToString(told.end_time()),
                          told.ended_by(), told.decided_by()));
  }
}

void List(const CaseOptions& options) {
  v1::ListIdentityCasesRequest request;
  request.set_include_ended(options.include_ended);
  TextTable table;
  bool any = false;
  do {
    const auto response = CallService<v1::IdentityCaseService>("person case list", options.client,
                                                               request, &Stub::ListIdentityCases);
    for (const v1::IdentityCase& told : response.cases()) {
      any = true;
      table.Row(told.case_id(), fmt::format("{} {} {} {}", StateText(told), told.reason(),
                                            told.coverage_reference(), FieldsText(told)));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (options.client.json) return;
  fmt::print("{}", any ? table.Draw() : "該当する案件はありません。(no cases)\n");
}

void Show(const CaseOptions& options) {
  v1::ListIdentityCasesRequest request;
  request.set_case_id(options.case_id);
  const auto response = CallService<v1::IdentityCaseService>("person case show", options.client,
                                                             request, &Stub::ListIdentityCases);
  if (options.client.json) return;
  TextTable table;
  for (const v1::IdentityCase& told : response.cases()) AddCase(told, table);
  fmt::print("{}", table.Draw());
}

void Release(const CaseOptions& options) {
  v1::ReleaseIdentityCaseRequest request;
  request.set_case_id(options.case_id);
  request.set_released_by(options.released_by);
  const auto response = CallService<v1::IdentityCaseService>("person case release", options.client,
                                                             request, &Stub::ReleaseIdentityCase);
  if (options.client.json) return;
  TextTable table;
  AddCase(response.identity_case(), table);
  table.Row("終了した案件", fmt::format("{}", response.released_cases()));
  fmt::print("{}", table.Draw());
}

void Survey(const SurveyOptions& options) {
  v1::OperationsServiceListIdentityCasesRequest request;
  request.set_insurer_number(options.insurer);
  request.set_case_id(options.case_id);
  request.set_include_ended(options.include_ended);
  request.set_least_days_old(options.least_days);
  TextTable table;
  bool any = false;
  do {
    const auto response =
        CallService<v1::OperationsService>("person case survey", options.client, request,
                                           &v1::OperationsService::Stub::ListIdentityCases);
    for (const v1::CaseOfInsurer& told : response.cases()) {
      any = true;
      const v1::IdentityCase& one = told.identity_case();
      table.Row(one.case_id(),
                fmt::format("{} {} {} {} {} 名 {} {}",
                            google::protobuf::util::TimeUtil::ToString(one.open_time()),
                            StateText(one), told.insurer_number(), one.reason(), told.persons(),
                            one.coverage_reference(), FieldsText(one)));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (options.client.json) return;
  fmt::print("{}", any ? table.Draw() : "該当する案件はありません。(no cases)\n");
}

void AddSurvey(CLI::App& cases) {
  const auto options = std::make_shared<SurveyOptions>();
  CLI::App* command = cases.add_subcommand(
      "survey", "List those of every insurer, the first opened first (operators)");
  AddClientOptions(*command, options->client);
  command->add_option("--insurer", options->insurer, "Of this insurer alone, eight digits");
  command->add_option("--case-id", options->case_id, "Of this case alone");
  command->add_flag("--ended", options->include_ended, "Ended ones, too");
  command->add_option("--least-days", options->least_days, "Opened at least so many days ago")
      ->check(CLI::NonNegativeNumber);
  command->footer(std::string(kConnectionFooter) +
                  "Example:\n  kakunin person case survey --least-days 10 --server localhost:7445 "
                  "\\\n    --certificate operator.pem --key operator.key --ca server-ca.pem\n");
  command->callback([options] { Survey(*options); });
}

CLI::App* AddCaseCommand(CLI::App& cases, const std::string& name, const std::string& what,
                         const std::string& more, const std::shared_ptr<CaseOptions>& options,
                         void (*run)(const CaseOptions&)) {
  CLI::App* command = cases.add_subcommand(name, what);
  AddClientOptions(*command, options->client);
  command->footer(
      std::string(kConnectionFooter) +
      fmt::format("Example:\n  kakunin person case {}{} --server localhost:7444 \\\n"
                  "    --certificate insurer.pem --key insurer.key --ca server-ca.pem\n",
                  name, more));
  command->callback([options, run] { run(*options); });
  return command;
}

}  // namespace

void AddCaseDecisions(CLI::App& person) {
  CLI::App* cases =
      person.add_subcommand("case", "Coverages that may be about somebody else than they say");
  cases->require_subcommand(1);
  cases->footer(
      "Examples:\n"
      "  kakunin person case list\n"
      "  kakunin person case show --case-id \"$CASE\"\n");
  auto options = std::make_shared<CaseOptions>();
  AddCaseCommand(*cases, "list", "List our own, the first opened first (insurers)", "", options,
                 &List)
      ->add_flag("--ended", options->include_ended, "Ended ones, too");
  options = std::make_shared<CaseOptions>();
  AddCaseCommand(*cases, "show", "Tell of one of our own (insurers)", " --case-id \"$CASE\"",
                 options, &Show)
      ->add_option("--case-id", options->case_id, "The case")
      ->required();
  options = std::make_shared<CaseOptions>();
  CLI::App* release = AddCaseCommand(
      *cases, "release", "Confirm that a row is right as it is: it becomes visible (insurers)",
      " --case-id \"$CASE\" --released-by 係長", options, &Release);
  release->add_option("--case-id", options->case_id, "The case")->required();
  release
      ->add_option("--released-by", options->released_by,
                   "Who decided, at most 64 characters; kept")
      ->required();
  AddSurvey(*cases);
}

}  // namespace kakunin
