#include <memory>
#include <string>

#include "auth/encoding.h"
#include "domain/civil_day.h"
#include "kakunin/v1/reception_app_service.grpc.pb.h"
#include "server/commands/administrative_call.h"
#include "server/commands/commands.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

struct AppOptions {
  AdministrativeOptions call;
  std::string app;
  std::string name;
  std::string key_file;
};

std::string DayText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

void Register(const AppOptions& options) {
  v1::RegisterReceptionAppRequest request;
  request.set_app_id(options.app);
  request.set_name(options.name);
  request.set_public_key_pem(OrFail("app register", ReadTextFile(options.key_file)));
  const auto response = CallService<v1::ReceptionAppService>(
      "app register", options.call, request, &v1::ReceptionAppService::Stub::RegisterReceptionApp);
  if (options.call.client.json) return;
  fmt::print("{}: {} {}\n  鍵 (key) {}\n", DoneText(options.call.commit, response.created()),
             response.app().app_id(), response.app().name(),
             auth::HexEncode(response.app().key_fingerprint()));
}

void Revoke(const AppOptions& options) {
  v1::RevokeReceptionAppRequest request;
  request.set_app_id(options.app);
  const auto response = CallService<v1::ReceptionAppService>(
      "app revoke", options.call, request, &v1::ReceptionAppService::Stub::RevokeReceptionApp);
  if (options.call.client.json) return;
  fmt::print("{}: {} {}\n",
             options.call.commit ? "失効させました (revoked)" : "失効できます (would revoke)",
             response.app().app_id(), response.app().name());
}

void List(const ClientOptions& options) {
  const auto stub = v1::ReceptionAppService::NewStub(OrFail("app list", Connect(options)));
  v1::ListReceptionAppsResponse response;
  const auto context = ContextFor(options);
  const grpc::Status status = stub->ListReceptionApps(context.get(), {}, &response);
  if (!status.ok()) FailCall(options, status);
  if (options.json) {
    fmt::print("{}\n", MessageJson(response));
    return;
  }
  TextTable table;
  table.Heading("受付アプリ");
  if (response.apps().empty()) table.Row("-", "受付アプリはありません");
  for (const v1::ReceptionApp& app : response.apps()) {
    table.Heading(app.app_id());
    table.Row("名称", app.name());
    table.Row("鍵", auth::HexEncode(app.key_fingerprint()));
    table.Row("登録", DayText(app.register_time()));
    if (app.has_revoke_time()) table.Row("失効", DayText(app.revoke_time()));
    table.Row("指定した医療機関等", fmt::format("{}", app.named_by()));
  }
  fmt::print("{}", table.Draw());
}

constexpr char kExampleEnd[] =
    " \\\n    --server localhost:7445 --certificate operator.pem --key operator.key "
    "--ca server-ca.pem";

void AddId(CLI::App& command, AppOptions& options) {
  AddAdministrativeOptions(command, options.call);
  command.add_option("--app", options.app, "Its id: 1 to 32 of a-z, 0-9 and hyphen")->required();
}

}  // namespace

void AddAppCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "app", "Register, list or revoke apps for the reception at home (operators)");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  kakunin app register --app clinic-online --name 見本アプリ --app-key app.pub\n"
      "  kakunin app list\n"
      "  kakunin app revoke --app clinic-online\n"
      "  kakunin app register --help                      the way to a server, and --commit\n");
  const auto options = std::make_shared<AppOptions>();

  CLI::App* add = command->add_subcommand("register", "Bind an app to its key, or change them");
  AddId(*add, *options);
  add->add_option("--name", options->name, "Name, as facilities see it")->required();
  add->add_option("--app-key", options->key_file,
                  "The app's public key, P-256 (PEM): openssl pkey -pubout")
      ->required();
  add->footer(std::string("Example:\n  kakunin app register --app clinic-online --name 見本アプリ "
                          "--app-key app.pub") +
              kExampleEnd + " --commit\n");
  add->callback([options] { Register(*options); });

  const auto client = std::make_shared<ClientOptions>();
  CLI::App* list = command->add_subcommand("list", "List every app");
  AddClientOptions(*list, *client);
  list->footer(std::string("Example:\n  kakunin app list") + kExampleEnd + "\n");
  list->callback([client] { List(*client); });

  CLI::App* revoke = command->add_subcommand("revoke", "End an app for ever, its sessions too");
  AddId(*revoke, *options);
  revoke->footer(std::string("Example:\n  kakunin app revoke --app clinic-online") + kExampleEnd +
                 " --commit\n");
  revoke->callback([options] { Revoke(*options); });
}

}  // namespace kakunin
