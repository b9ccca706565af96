#include <fmt/format.h>

#include <memory>
#include <string>

#include "domain/civil_day.h"
#include "kakunin/v1/abnormal_times_service.grpc.pb.h"
#include "server/commands/answer_table.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

struct SearchOptions {
  TerminalOptions terminal;
  int situation = v1::SITUATION_DISASTER;
  std::string insurer;
  std::string symbol;
  std::string number;
  std::string branch;
  std::string name;
  std::string birth_day;
  int sex = 0;
  std::string address;
  bool agreed = false;
  int no_consent = 0;
  std::string policy;
};

struct EmergencyOptions {
  TerminalOptions terminal;
  std::string handle;
  int no_consent = 0;
};

std::string InstantText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

void AddInForce(const v1::AbnormalTimesInForce& policy, TextTable& table) {
  table.Row("取扱いの番号", policy.policy_id());
  table.Row("命令", policy.order_number());
  table.Row("から", InstantText(policy.from_time()));
  table.Row("まで", policy.has_to_time() ? InstantText(policy.to_time()) : "");
  table.Row("訓練", policy.rehearsal() ? "訓練です (REHEARSAL)" : "");
}

// Ask makes one call and returns its answer, printed already with --json.
template <class Request, class Response>
Response Ask(const char* name, const TerminalOptions& terminal, const Request& request,
             grpc::Status (v1::AbnormalTimesService::Stub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*)) {
  const auto stub = v1::AbnormalTimesService::NewStub(OrFail(name, Connect(terminal.client)));
  Response response;
  const auto context = TerminalContext(terminal);
  const grpc::Status status = (stub.get()->*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(terminal.client, status);
  if (terminal.client.json) fmt::print("{}\n", MessageJson(response));
  return response;
}

void Search(const SearchOptions& options) {
  v1::SearchPatientRequest request;
  request.set_situation(static_cast<v1::Situation>(options.situation));
  if (!options.number.empty()) {
    v1::InsuredKey& key = *request.mutable_insured();
    key.set_insurer_number(options.insurer);
    key.set_symbol(options.symbol);
    key.set_number(options.number);
    key.set_branch_number(options.branch);
    *key.mutable_birth_date() = DateOf("--birth-date", options.birth_day);
  } else {
    v1::FourItems& items = *request.mutable_four_items();
    items.set_name(options.name);
    *items.mutable_birth_date() = DateOf("--birth-date", options.birth_day);
    items.set_sex(static_cast<v1::Sex>(options.sex));
    items.set_address(options.address);
  }
  if (options.agreed) request.set_oral_consent(v1::ORAL_CONSENT_GIVEN);
  if (options.no_consent != 0) {
    request.set_oral_consent(v1::ORAL_CONSENT_NOT_OBTAINED);
    request.set_no_consent_reason(static_cast<v1::NoConsentReason>(options.no_consent));
  }
  request.set_policy_id(options.policy);
  const auto response = Ask("call disaster-search", options.terminal, request,
                            &v1::AbnormalTimesService::Stub::SearchPatient);
  if (options.terminal.client.json) return;
  v1::ConfirmByInsuredNumberResponse answer;
  answer.set_validity(response.validity());
  *answer.mutable_coverages() = response.coverages();
  answer.set_next_step(response.next_step());
  answer.set_audit_id(response.audit_id());
  fmt::print("{}", AnswerTable(answer));
  TextTable table;
  table.Heading("災害時等の取扱い");
  AddInForce(response.policy(), table);
  table.Row("閲覧の識別子", response.view_handle());
  table.Row("閲覧できるのは",
            response.has_view_end_time() ? InstantText(response.view_end_time()) + " より前" : "");
  fmt::print("{}", table.Draw());
}

void OpenView(const EmergencyOptions& options) {
  v1::OpenEmergencyViewRequest request;
  request.set_patient_handle(options.handle);
  request.set_no_consent_reason(static_cast<v1::NoConsentReason>(options.no_consent));
  const auto response = Ask("call emergency-view", options.terminal, request,
                            &v1::AbnormalTimesService::Stub::OpenEmergencyView);
  if (options.terminal.client.json) return;
  TextTable table;
  table.Heading("救急時の閲覧");
  AddInForce(response.policy(), table);
  table.Row("閲覧の識別子", response.view_handle());
  table.Row("閲覧できるのは", InstantText(response.view_end_time()) + " より前");
  table.Row("監査番号", response.audit_id());
  fmt::print("{}", table.Draw());
}

void ListTimes(const TerminalOptions& terminal) {
  const auto response = Ask("call abnormal-times", terminal, v1::ListAbnormalTimesRequest(),
                            &v1::AbnormalTimesService::Stub::ListAbnormalTimes);
  if (terminal.client.json) return;
  TextTable table;
  for (const v1::AbnormalTimesInForce& policy : response.policies()) {
    table.Heading("災害時等の取扱い");
    AddInForce(policy, table);
  }
  if (response.policies().empty()) {
    table.Heading("災害時等の取扱い");
    table.Row("-", "この医療機関等では、いまは行われていません");
  }
  fmt::print("{}", table.Draw());
}

}  // namespace

void AddCallAbnormalTimes(CLI::App& call) {
  const auto search = std::make_shared<SearchOptions>();
  CLI::App* command = call.add_subcommand(
      "disaster-search", "Find a patient without a card, where a disaster or failure is declared");
  AddTerminalOptions(*command, search->terminal);
  AddEnumOption<v1::Situation>(*command, "--situation", search->situation, "SITUATION_",
                               "disaster, or system-failure (else disaster)");
  command->add_option("--insurer", search->insurer, "保険者番号, with --number");
  command->add_option("--symbol", search->symbol, "記号");
  command->add_option("--number", search->number, "番号; else by name and address");
  command->add_option("--branch", search->branch, "枝番");
  command->add_option("--name", search->name, "氏名, in kanji or in kana");
  command->add_option("--birth-date", search->birth_day, "生年月日 (YYYY-MM-DD)")->required();
  AddEnumOption<v1::Sex>(*command, "--sex", search->sex, "SEX_", "性別");
  command->add_option("--address", search->address, "住所");
  auto* const agreed =
      command->add_flag("--agreed", search->agreed, "The patient, or the family, agreed orally");
  AddEnumOption<v1::NoConsentReason>(*command, "--no-consent", search->no_consent,
                                     "NO_CONSENT_REASON_", "Nobody could be asked, because")
      ->excludes(agreed);
  command->add_option("--policy", search->policy, "Which policy (UUID); else any in force");
  command->footer(
      std::string(kConnectionFooter) +
      "Example:\n"
      "  kakunin call disaster-search --name '見本 花子' --birth-date 1970-01-01 --sex female \\\n"
      "    --address '石川県輪島市...' --agreed --role doctor \\\n"
      "    --server localhost:7443 --certificate t1.pem --key t1.key --ca server-ca.pem\n"
      "The view's handle then opens records: kakunin call records --handle \"$HANDLE\"\n");
  command->callback([search] { Search(*search); });

  const auto view = std::make_shared<EmergencyOptions>();
  CLI::App* emergency = call.add_subcommand(
      "emergency-view", "Open the records of whom a card in an emergency has shown (hospitals)");
  AddTerminalOptions(*emergency, view->terminal);
  emergency
      ->add_option("--handle", view->handle,
                   "patient_handle of `kakunin call confirm-card --form-of-care emergency`")
      ->required();
  AddEnumOption<v1::NoConsentReason>(*emergency, "--no-consent", view->no_consent,
                                     "NO_CONSENT_REASON_", "Why nobody could be asked")
      ->required();
  emergency->footer(std::string(kConnectionFooter) +
                    "Example:\n"
                    "  kakunin call emergency-view --handle \"$HANDLE\" --no-consent unconscious "
                    "--role doctor \\\n"
                    "    --server localhost:7443 --certificate t1.pem --key t1.key --ca "
                    "server-ca.pem\n");
  emergency->callback([view] { OpenView(*view); });

  const auto terminal = std::make_shared<TerminalOptions>();
  CLI::App* times =
      call.add_subcommand("abnormal-times", "Which abnormal times are in force at the facility");
  AddTerminalOptions(*times, *terminal);
  times->footer(std::string(kConnectionFooter) +
                "Example:\n  kakunin call abnormal-times --server localhost:7443 --certificate "
                "t1.pem --key t1.key --ca server-ca.pem\n");
  times->callback([terminal] { ListTimes(*terminal); });
}

}  // namespace kakunin
