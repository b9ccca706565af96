#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "domain/civil_day.h"
#include "kakunin/v1/account_service.grpc.pb.h"
#include "server/commands/account_table.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/password_input.h"
#include "server/commands/session_file.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

struct LogInOptions {
  TerminalOptions terminal;
  std::string password_file;
  std::string new_password_file;
};

constexpr char kConnection[] =
    " \\\n    --server localhost:7443 --certificate t1.pem --key t1.key --ca server-ca.pem\n";

void LogIn(const LogInOptions& options) {
  constexpr char kName[] = "call login";
  const ClientOptions& client = options.terminal.client;
  v1::LogInRequest request;
  request.set_user_name(options.terminal.user);
  request.set_password(OrFail(kName, ReadPasswordInput(options.password_file, "パスワード")));
  const auto stub = v1::AccountService::NewStub(OrFail(kName, Connect(client)));
  v1::LogInResponse response;
  const auto context = ContextFor(client);
  const grpc::Status status = stub->LogIn(context.get(), request, &response);
  if (!status.ok()) FailCall(client, status);
  OrFail(kName, WriteSessionFile(options.terminal.session_file, response.session_token()));
  // It is in the file, and nowhere else.
  response.clear_session_token();
  if (client.json) {
    fmt::print("{}", MessageJson(response));
    return;
  }
  TextTable table;
  AddAccount(table, response.account());
  table.Row("ログインの期限",
            absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(response.end_time()), JapanTime()));
  fmt::print("{}", table.Draw());
  if (response.password_change_needed()) {
    fmt::print(
        "先にパスワードを変更してください: kakunin call password --session {} (change the password "
        "first)\n",
        options.terminal.session_file);
  }
}

void LogOut(const LogInOptions& options) {
  constexpr char kName[] = "call logout";
  const ClientOptions& client = options.terminal.client;
  const auto stub = v1::AccountService::NewStub(OrFail(kName, Connect(client)));
  v1::LogOutResponse response;
  const auto context = TerminalContext(options.terminal);
  const grpc::Status status = stub->LogOut(context.get(), {}, &response);
  if (!status.ok()) FailCall(client, status);
  std::error_code failed;
  std::filesystem::remove(options.terminal.session_file, failed);
  fmt::print("{}", client.json ? MessageJson(response) : "ログアウトしました (logged out)\n");
}

void ChangePassword(const LogInOptions& options) {
  constexpr char kName[] = "call password";
  const ClientOptions& client = options.terminal.client;
  v1::ChangePasswordRequest request;
  request.set_current_password(
      OrFail(kName, ReadPasswordInput(options.password_file, "今のパスワード")));
  request.set_new_password(OrFail(
      kName, ReadPasswordInput(options.new_password_file, "新しいパスワード（12文字以上）")));
  if (options.new_password_file.empty() &&
      OrFail(kName, ReadPasswordInput("", "新しいパスワード（もう一度）")) !=
          request.new_password()) {
    FailCommand(kName, absl::FailedPreconditionError(
                           "the new password was not typed the same twice: nothing is changed"));
  }
  const auto stub = v1::AccountService::NewStub(OrFail(kName, Connect(client)));
  v1::ChangePasswordResponse response;
  const auto context = TerminalContext(options.terminal);
  const grpc::Status status = stub->ChangePassword(context.get(), request, &response);
  if (!status.ok()) FailCall(client, status);
  if (client.json) {
    fmt::print("{}", MessageJson(response));
    return;
  }
  fmt::print("パスワードを変更しました。ほかのログイン{}件を終わらせました。(changed)\n",
             response.sessions_ended());
}

// Session calls take the connection and the session; nothing of the patient's visit.
CLI::App* AddOne(CLI::App& call, const std::string& name, const std::string& description,
                 LogInOptions& options, const std::string& example) {
  CLI::App* command = call.add_subcommand(name, description);
  AddClientOptions(*command, options.terminal.client);
  AddFlagOrVariable(*command, "--session", "KAKUNIN_SESSION", options.terminal.session_file,
                    "File of the session (mode 0600)")
      ->required();
  command->footer(std::string(kConnectionFooter) + "Example:\n  kakunin call " + example +
                  kConnection);
  return command;
}

}  // namespace

void AddCallLogIn(CLI::App& call) {
  const auto log_in = std::make_shared<LogInOptions>();
  CLI::App* command = AddOne(call, "login", "Log in at this terminal; the session goes to a file",
                             *log_in, "login --user tanaka --session session");
  command->add_option("--user", log_in->terminal.user, "The account's name")->required();
  command->add_option("--password-file", log_in->password_file,
                      "File with the password (mode 0600); default: asked for");
  command->callback([log_in] { LogIn(*log_in); });

  const auto log_out = std::make_shared<LogInOptions>();
  AddOne(call, "logout", "End the session, and drop its file", *log_out, "logout --session session")
      ->callback([log_out] { LogOut(*log_out); });

  const auto change = std::make_shared<LogInOptions>();
  command = AddOne(call, "password", "Change the own password, and end the other sessions", *change,
                   "password --session session");
  command->add_option("--password-file", change->password_file,
                      "File with the password that holds (mode 0600); default: asked for");
  command->add_option("--new-password-file", change->new_password_file,
                      "File with the new one (mode 0600); default: asked for");
  command->callback([change] { ChangePassword(*change); });
}

}  // namespace kakunin
