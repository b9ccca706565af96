#include <fmt/format.h>

#include <memory>
#include <string>

#include "domain/civil_day.h"
#include "kakunin/v1/reception_link_service.grpc.pb.h"
#include "server/commands/answer_table.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

constexpr char kName[] = "call apps";
constexpr int kAdministrator = 1;  // of TerminalOptions

struct AppOptions {
  TerminalOptions terminal;
  std::string app;
};

// Ask makes one call and prints which apps the facility names.
template <class Request, class Response>
void Ask(const AppOptions& options, const Request& request,
         grpc::Status (v1::ReceptionLinkService::Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*)) {
  const auto stub =
      v1::ReceptionLinkService::NewStub(OrFail(kName, Connect(options.terminal.client)));
  Response response;
  const auto context = TerminalContext(options.terminal);
  const grpc::Status status = (stub.get()->*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(options.terminal.client, status);
  if (options.terminal.client.json) {
    fmt::print("{}", MessageJson(response));
    return;
  }
  TextTable table;
  table.Heading("この医療機関等が指定した受付アプリ");
  if (response.apps().empty()) table.Row("-", "指定した受付アプリはありません");
  for (const v1::NamedReceptionApp& app : response.apps()) {
    const std::string named =
        absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(app.name_time()), JapanTime());
    table.Row(app.app_id(),
              fmt::format("{}  指定 {}{}", app.name(), named, app.revoked() ? "  利用停止中" : ""));
  }
  fmt::print("{}", table.Draw());
}

void Name(const AppOptions& options, bool drop) {
  v1::NameReceptionAppRequest request;
  request.set_app_id(options.app);
  request.set_drop(drop);
  Ask(options, request, &v1::ReceptionLinkService::Stub::NameReceptionApp);
}

CLI::App* AddOne(CLI::App& apps, const std::string& name, const std::string& description,
                 AppOptions& options) {
  CLI::App* command = apps.add_subcommand(name, description);
  AddTerminalOptions(*command, options.terminal);
  options.terminal.role = kAdministrator;
  const std::string app = name == "list" ? "" : " --app clinic-online";
  command->footer(std::string(kConnectionFooter) + "Example:\n  kakunin call apps " + name + app +
                  " \\\n    --server localhost:7443 --certificate t1.pem --key t1.key "
                  "--ca server-ca.pem\n");
  if (!app.empty()) command->add_option("--app", options.app, "The app's id")->required();
  return command;
}

}  // namespace

void AddCallApps(CLI::App& call) {
  CLI::App* apps = call.add_subcommand(
      "apps", "Apps that patients may use for the reception at home in place of the page");
  apps->require_subcommand(1);
  apps->footer("Example:\n  kakunin call apps list --help\n");
  const auto options = std::make_shared<AppOptions>();
  AddOne(*apps, "list", "List the apps that the facility named", *options)->callback([options] {
    Ask(*options, v1::ListNamedReceptionAppsRequest(),
        &v1::ReceptionLinkService::Stub::ListNamedReceptionApps);
  });
  AddOne(*apps, "name", "Let an app serve the facility's links", *options)->callback([options] {
    Name(*options, /*drop=*/false);
  });
  AddOne(*apps, "drop", "Let an app serve them no longer", *options)->callback([options] {
    Name(*options, /*drop=*/true);
  });
}

}  // namespace kakunin
