#include <fmt/format.h>

#include <memory>
#include <string>

#include "kakunin/v1/account_service.grpc.pb.h"
#include "server/commands/account_table.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"

namespace kakunin {
namespace {

constexpr char kName[] = "call account";

using Stub = v1::AccountService::Stub;

struct AccountOptions {
  TerminalOptions terminal;
  std::string account;
  std::string display_name;
  int kind = 0;
  int qualification = 0;
};

// Ask makes one call of the administrator and ends the command when it fails; with --json it prints
// the answer.
template <class Request, class Response>
Response Ask(const AccountOptions& options, const Request& request,
             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  const auto stub = v1::AccountService::NewStub(OrFail(kName, Connect(options.terminal.client)));
  Response response;
  const auto context = TerminalContext(options.terminal);
  const grpc::Status status = (stub.get()->*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(options.terminal.client, status);
  if (options.terminal.client.json) fmt::print("{}", MessageJson(response));
  return response;
}

void Show(const AccountOptions& options, const v1::Account& account,
          const std::string& one_time_password = "") {
  if (options.terminal.client.json) return;
  TextTable table;
  AddAccount(table, account);
  fmt::print("{}{}", table.Draw(), OneTimePasswordText(one_time_password));
}

void Create(const AccountOptions& options) {
  v1::CreateAccountRequest request;
  request.set_user_name(options.account);
  request.set_display_name(options.display_name);
  request.set_kind(static_cast<v1::AccountKind>(options.kind));
  request.set_qualification(static_cast<v1::UserRole>(options.qualification));
  const v1::CreateAccountResponse response = Ask(options, request, &Stub::CreateAccount);
  Show(options, response.account(), response.one_time_password());
}

void Reset(const AccountOptions& options) {
  v1::ResetPasswordRequest request;
  request.set_user_name(options.account);
  const v1::ResetPasswordResponse response = Ask(options, request, &Stub::ResetPassword);
  Show(options, response.account(), response.one_time_password());
}

// Calls that name an account and answer it as it is then.
template <class Request, class Response>
void Change(const AccountOptions& options,
            grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  Request request;
  request.set_user_name(options.account);
  Show(options, Ask(options, request, method).account());
}

void List(const AccountOptions& options) {
  TextTable table;
  v1::ListAccountsRequest request;
  bool none = true;
  do {
    const v1::ListAccountsResponse page = Ask(options, request, &Stub::ListAccounts);
    for (const v1::Account& account : page.accounts()) AddAccount(table, account);
    none = none && page.accounts().empty();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (options.terminal.client.json) return;
  if (none) table.Row("-", "利用者は登録されていません");
  fmt::print("{}", table.Draw());
}

CLI::App* AddOne(CLI::App& accounts, const std::string& name, const std::string& description,
                 AccountOptions& options, bool names_account) {
  CLI::App* command = accounts.add_subcommand(name, description);
  AddTerminalOptions(*command, options.terminal);
  const std::string account = names_account ? " --account suzuki" : "";
  const std::string more =
      name == "create" ? " --name 鈴木一郎 --kind medical-information-viewer --qualification doctor"
                       : "";
  command->footer(std::string(kConnectionFooter) + "Example:\n  kakunin call account " + name +
                  account + more +
                  " --session session \\\n    --server localhost:7443 --certificate t1.pem "
                  "--key t1.key --ca server-ca.pem\n");
  if (names_account) {
    command->add_option("--account", options.account, "The account's name")->required();
  }
  return command;
}

}  // namespace

void AddCallAccounts(CLI::App& call) {
  CLI::App* accounts =
      call.add_subcommand("account", "The facility's accounts (administrators who have logged in)");
  accounts->require_subcommand(1);
  accounts->footer(
      "Examples:\n"
      "  kakunin call account list --help\n"
      "  kakunin call account create --help\n");
  const auto options = std::make_shared<AccountOptions>();
  AddOne(*accounts, "list", "List the facility's accounts", *options, false)->callback([options] {
    List(*options);
  });
  CLI::App* create =
      AddOne(*accounts, "create", "Make an account; tells its one-time password", *options, true);
  create->add_option("--name", options->display_name, "The person's name")->required();
  AddEnumOption<v1::AccountKind>(*create, "--kind", options->kind, "ACCOUNT_KIND_", "Kind")
      ->required();
  AddEnumOption<v1::UserRole>(*create, "--qualification", options->qualification, "USER_ROLE_",
                              "Of a medical-information viewer");
  create->callback([options] { Create(*options); });
  AddOne(*accounts, "reset", "Give an account a one-time password; ends its sessions", *options,
         true)
      ->callback([options] { Reset(*options); });
  AddOne(*accounts, "lock", "Shut an account until it is unlocked; ends its sessions", *options,
         true)
      ->callback([options] { Change(*options, &Stub::LockAccount); });
  AddOne(*accounts, "unlock", "Open a locked account", *options, true)->callback([options] {
    Change(*options, &Stub::UnlockAccount);
  });
  AddOne(*accounts, "disable", "End an account for ever; ends its sessions", *options, true)
      ->callback([options] { Change(*options, &Stub::DisableAccount); });
}

}  // namespace kakunin
