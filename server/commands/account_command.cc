#include <memory>
#include <string>

#include "kakunin/v1/account_administration_service.grpc.pb.h"
#include "server/commands/account_table.h"
#include "server/commands/administrative_call.h"
#include "server/commands/commands.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

using Service = v1::AccountAdministrationService;

struct AdministratorOptions {
  AdministrativeOptions call;
  std::string facility;
  std::string account;
  std::string name;
};

template <class Response>
void Show(const AdministratorOptions& options, const Response& response) {
  if (options.call.client.json) return;
  if (!options.call.commit) {
    fmt::print("{} {}: できます (possible)\n", options.facility, options.account);
    return;
  }
  TextTable table;
  AddAccount(table, response.account());
  fmt::print("{}{}", table.Draw(), OneTimePasswordText(response.one_time_password()));
  if (response.one_time_password().empty()) {
    fmt::print(
        "この要求は既に実行されています。パスワードは最初の回答にだけありました。控えがなければ "
        "reset-password を行ってください。(done before: the password was in the first answer)\n");
  }
}

void Create(const AdministratorOptions& options) {
  v1::CreateAdministratorRequest request;
  request.set_facility_code(options.facility);
  request.set_user_name(options.account);
  request.set_display_name(options.name);
  Show(options, CallService<Service>("account create-administrator", options.call, request,
                                     &Service::Stub::CreateAdministrator));
}

void Reset(const AdministratorOptions& options) {
  v1::ResetAdministratorPasswordRequest request;
  request.set_facility_code(options.facility);
  request.set_user_name(options.account);
  Show(options, CallService<Service>("account reset-password", options.call, request,
                                     &Service::Stub::ResetAdministratorPassword));
}

void List(const AdministratorOptions& options) {
  const ClientOptions& client = options.call.client;
  const auto stub = Service::NewStub(OrFail("account list", Connect(client)));
  v1::ListAdministratorsRequest request;
  request.set_facility_code(options.facility);
  v1::ListAdministratorsResponse response;
  const auto context = ContextFor(client);
  const grpc::Status status = stub->ListAdministrators(context.get(), request, &response);
  if (!status.ok()) FailCall(client, status);
  if (client.json) {
    fmt::print("{}\n", MessageJson(response));
    return;
  }
  TextTable table;
  if (response.accounts().empty()) table.Row("-", "管理者は登録されていません");
  for (const v1::Account& account : response.accounts()) AddAccount(table, account);
  fmt::print("{}", table.Draw());
}

constexpr char kExampleEnd[] =
    " \\\n    --server localhost:7445 --certificate operator.pem --key operator.key "
    "--ca server-ca.pem";

void AddNamed(CLI::App& command, AdministratorOptions& options) {
  AddAdministrativeOptions(command, options.call);
  command.add_option("--facility", options.facility, "Facility code, ten digits")->required();
  command.add_option("--account", options.account, "The account's name")->required();
}

}  // namespace

void AddAccountCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("account",
                         "Facilities' administrators: the first one, and a way back "
                         "when none can log in (operators)");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  kakunin account create-administrator --facility 1310000003 --account tanaka --name "
      "田中花子\n"
      "  kakunin account create-administrator --help      the way to a server, and --commit\n");
  const auto options = std::make_shared<AdministratorOptions>();

  CLI::App* create = command->add_subcommand("create-administrator",
                                             "Make an administrator; tells the one-time password");
  AddNamed(*create, *options);
  create->add_option("--name", options->name, "The person's name")->required();
  create->footer(std::string("Example:\n  kakunin account create-administrator --facility "
                             "1310000003 --account tanaka --name 田中花子") +
                 kExampleEnd + " --commit\n");
  create->callback([options] { Create(*options); });

  CLI::App* reset = command->add_subcommand(
      "reset-password", "Give an administrator a one-time password; opens the account");
  AddNamed(*reset, *options);
  reset->footer(std::string("Example:\n  kakunin account reset-password --facility 1310000003 "
                            "--account tanaka") +
                kExampleEnd + " --commit\n");
  reset->callback([options] { Reset(*options); });

  CLI::App* list = command->add_subcommand("list", "List a facility's administrators");
  AddClientOptions(*list, options->call.client);
  list->add_option("--facility", options->facility, "Facility code, ten digits")->required();
  list->footer(std::string("Example:\n  kakunin account list --facility 1310000003") + kExampleEnd +
               "\n");
  list->callback([options] { List(*options); });
}

}  // namespace kakunin
