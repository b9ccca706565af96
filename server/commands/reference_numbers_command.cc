#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "kakunin/v1/reference_number_service.grpc.pb.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/reference_number_rows.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

constexpr char kName[] = "call reference-number";
constexpr size_t kMostUnits = 1000;  // the server takes no more in a call

struct ReferenceNumberOptions {
  TerminalOptions terminal;
  std::string handle;
  std::string insurer;
  std::string symbol;
  std::string number;
  std::string branch;
  std::string birth_day;
  std::vector<std::string> reference_numbers;
  std::string file;
  bool add = false;
};

using Stub = v1::ReferenceNumberService::Stub;

// Ask makes one call and returns its answer, printed already with --json.
template <class Request, class Response>
Response Ask(const ReferenceNumberOptions& options, Stub& stub, const Request& request,
             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  Response response;
  const auto context = TerminalContext(options.terminal);
  const grpc::Status status = (stub.*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(options.terminal.client, status);
  if (options.terminal.client.json) fmt::print("{}", MessageJson(response));
  return response;
}

std::unique_ptr<Stub> StubFor(const ReferenceNumberOptions& options) {
  return v1::ReferenceNumberService::NewStub(OrFail(kName, Connect(options.terminal.client)));
}

void SetPatient(const ReferenceNumberOptions& options, v1::PatientKey& patient) {
  if (!options.handle.empty()) {
    patient.set_patient_handle(options.handle);
    return;
  }
  v1::InsuredKey& insured = *patient.mutable_insured();
  insured.set_insurer_number(options.insurer);
  insured.set_symbol(options.symbol);
  insured.set_number(options.number);
  insured.set_branch_number(options.branch);
  if (!options.birth_day.empty()) {
    *insured.mutable_birth_date() = DateOf("--birth-date", options.birth_day);
  }
}

template <class Response>
void Show(const ReferenceNumberOptions& options, const Response& response) {
  if (options.terminal.client.json) return;
  TextTable table;
  table.Heading("照会番号");
  for (const std::string& number : response.reference_numbers()) table.Row("照会番号", number);
  if (response.reference_numbers().empty()) table.Row("-", "照会番号はありません");
  table.Row("監査番号", response.audit_id());
  fmt::print("{}", table.Draw());
}

void Change(const ReferenceNumberOptions& options, v1::ReferenceNumberAction action) {
  v1::ChangeReferenceNumbersRequest request;
  v1::ReferenceNumberChange& change = *request.mutable_change();
  SetPatient(options, *change.mutable_patient());
  change.set_action(action);
  for (const std::string& number : options.reference_numbers) {
    change.add_reference_numbers(number);
  }
  Show(options, Ask(options, *StubFor(options), request, &Stub::ChangeReferenceNumbers));
}

v1::ReferenceNumberAction SettingOf(const ReferenceNumberOptions& options) {
  return options.add ? v1::REFERENCE_NUMBER_ACTION_ADD : v1::REFERENCE_NUMBER_ACTION_REPLACE;
}

void List(const ReferenceNumberOptions& options) {
  v1::ListReferenceNumbersRequest request;
  SetPatient(options, *request.mutable_patient());
  Show(options, Ask(options, *StubFor(options), request, &Stub::ListReferenceNumbers));
}

void Import(const ReferenceNumberOptions& options) {
  const ReferenceNumberList list =
      OrFail(kName, ReadReferenceNumberList(options.file, SettingOf(options)));
  const std::vector<v1::ReferenceNumberUnit>& units = list.units;
  const auto stub = StubFor(options);
  TextTable table;
  table.Heading("照会番号の一括登録");
  for (const UnreadLine& one : list.unread) {
    table.Row(fmt::format("{}行目", one.line), one.why);
    if (options.terminal.client.json) {
      fmt::print(stderr, "{}: line {} was left out: {}\n", kName, one.line, one.why);
    }
  }
  size_t errors = 0;
  for (size_t begin = 0; begin < units.size(); begin += kMostUnits) {
    v1::BatchChangeReferenceNumbersRequest request;
    for (size_t i = begin; i < std::min(begin + kMostUnits, units.size()); ++i) {
      *request.add_units() = units[i];
    }
    const v1::BatchChangeReferenceNumbersResponse response =
        Ask(options, *stub, request, &Stub::BatchChangeReferenceNumbers);
    for (const v1::ReferenceNumberResult& result : response.results()) {
      if (!result.has_error()) continue;
      ++errors;
      std::string why = result.error().message();
      for (const v1::BulkFieldViolation& violation : result.error().violations()) {
        why += fmt::format(" {}: {}", violation.field(), violation.description());
      }
      table.Row(fmt::format("{}行目", result.row_id()), why);
    }
  }
  table.Row("登録した患者", fmt::format("{}名", units.size() - errors));
  table.Row("エラー", fmt::format("{}名", errors));
  if (!list.unread.empty()) {
    table.Row("読めなかった行", fmt::format("{}行: 直して、その行だけをもう一度登録してください",
                                            list.unread.size()));
  }
  if (!options.terminal.client.json) fmt::print("{}", table.Draw());
  if (errors > 0 || !list.unread.empty()) throw CLI::RuntimeError(1);
}

CLI::App* AddOne(CLI::App& numbers, const std::string& name, const std::string& description,
                 ReferenceNumberOptions& options, const std::string& example) {
  CLI::App* command = numbers.add_subcommand(name, description);
  AddTerminalOptions(*command, options.terminal);
  command->footer(std::string(kConnectionFooter) + "Example:\n  kakunin call reference-number " +
                  example +
                  " \\\n    --server localhost:7443 --certificate t1.pem --key t1.key "
                  "--ca server-ca.pem\n");
  return command;
}

void AddPatient(CLI::App& command, ReferenceNumberOptions& options) {
  CLI::Option* handle =
      command.add_option("--patient", options.handle, "患者ハンドル of a confirmation");
  command.add_option("--insurer", options.insurer, "保険者番号")->excludes(handle);
  command.add_option("--symbol", options.symbol, "記号; may be absent")->excludes(handle);
  command.add_option("--number", options.number, "番号")->excludes(handle);
  command.add_option("--branch", options.branch, "枝番")->excludes(handle);
  command.add_option("--birth-date", options.birth_day, "生年月日 (YYYY-MM-DD)")->excludes(handle);
}

void AddSet(CLI::App& numbers) {
  const auto options = std::make_shared<ReferenceNumberOptions>();
  CLI::App* command = AddOne(numbers, "set", "Set a patient's numbers", *options,
                             "set A-0017 --insurer 06139992 --symbol 1234 \\\n    --number 5678910 "
                             "--birth-date 1970-01-01");
  command->add_option("reference-numbers", options->reference_numbers, "照会番号")->required();
  command->add_flag("--add", options->add, "Keep the numbers that the patient has");
  AddPatient(*command, *options);
  command->callback([options] { Change(*options, SettingOf(*options)); });
}

void AddDelete(CLI::App& numbers) {
  const auto options = std::make_shared<ReferenceNumberOptions>();
  CLI::App* command = AddOne(numbers, "delete", "Delete a patient's numbers", *options,
                             "delete A-0017 --patient HANDLE");
  command->add_option("reference-numbers", options->reference_numbers,
                      "Those to delete; none: all of the patient's");
  AddPatient(*command, *options);
  command->callback([options] { Change(*options, v1::REFERENCE_NUMBER_ACTION_DELETE); });
}

void AddList(CLI::App& numbers) {
  const auto options = std::make_shared<ReferenceNumberOptions>();
  CLI::App* command =
      AddOne(numbers, "list", "List a patient's numbers", *options, "list --patient HANDLE");
  AddPatient(*command, *options);
  command->callback([options] { List(*options); });
}

void AddImport(CLI::App& numbers) {
  const auto options = std::make_shared<ReferenceNumberOptions>();
  CLI::App* command =
      AddOne(numbers, "import", "Set the numbers of many patients", *options, "import numbers.csv");
  command
      ->add_option("file", options->file,
                   "CSV with the columns reference_number, insurer_number, symbol, number,"
                   " branch_number, birth_date, or in Japanese")
      ->required();
  command->add_flag("--add", options->add, "Keep the numbers that the patients have");
  command->callback([options] { Import(*options); });
}

}  // namespace

void AddCallReferenceNumbers(CLI::App& call) {
  CLI::App* numbers =
      call.add_subcommand("reference-number", "What the facility calls its patients by (照会番号)");
  numbers->require_subcommand(1);
  numbers->footer(
      "Examples:\n"
      "  kakunin call reference-number set --help\n"
      "  kakunin call reference-number import --help\n");
  AddSet(*numbers);
  AddDelete(*numbers);
  AddList(*numbers);
  AddImport(*numbers);
}

}  // namespace kakunin
