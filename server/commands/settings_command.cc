#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/civil_day.h"
#include "domain/record_kind.h"
#include "kakunin/v1/facility_settings_service.grpc.pb.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

constexpr char kName[] = "call settings";

using Stub = v1::FacilitySettingsService::Stub;

struct SettingsOptions {
  TerminalOptions terminal;
  std::vector<int> use;
  std::vector<int> stop;
  std::optional<bool> e_prescription;
  std::optional<bool> treatment_at_first;
  std::optional<bool> surgery_at_first;
  std::optional<bool> proven_role;
};

template <class Request, class Response>
Response Ask(const SettingsOptions& options, const Request& request,
             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  const auto stub =
      v1::FacilitySettingsService::NewStub(OrFail(kName, Connect(options.terminal.client)));
  Response response;
  const auto context = TerminalContext(options.terminal);
  const grpc::Status status = (stub.get()->*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(options.terminal.client, status);
  return response;
}

void AddSettings(TextTable& table, const v1::FacilitySettings& settings) {
  std::string kinds;
  for (const int kind : settings.record_kinds()) {
    if (!kinds.empty()) kinds += "、";
    kinds += FactsOf(static_cast<RecordKind>(kind)).name;
  }
  const auto word = [](bool value) { return value ? "する" : "しない"; };
  table.Row("利用する情報", kinds.empty() ? "なし" : kinds);
  table.Row("電子処方箋の利用", word(settings.uses_e_prescription()));
  table.Row("診療情報を最初に表示", word(settings.shows_treatment_at_first()));
  table.Row("手術情報を最初に表示", word(settings.shows_surgery_at_first()));
  table.Row("閲覧にログインを必要と", word(settings.records_need_proven_role()));
}

template <class Response>
void Show(const SettingsOptions& options, const Response& response) {
  if (options.terminal.client.json) {
    fmt::print("{}", MessageJson(response));
    return;
  }
  TextTable table;
  table.Heading(fmt::format("医療機関等の設定（変更番号 {}）", response.change_number()));
  AddSettings(table, response.settings());
  fmt::print("{}", table.Draw());
}

// Change asks for the settings, lays what is given over them, and sends them with the number of the
// last change: what another has changed meanwhile is not undone.
void Change(const SettingsOptions& options) {
  const v1::GetFacilitySettingsResponse now =
      Ask(options, v1::GetFacilitySettingsRequest(), &Stub::GetFacilitySettings);
  v1::UpdateFacilitySettingsRequest request;
  request.set_change_number(now.change_number());
  v1::FacilitySettings& settings = *request.mutable_settings();
  settings = now.settings();
  std::vector<int> kinds(settings.record_kinds().begin(), settings.record_kinds().end());
  for (const int kind : options.use) {
    if (std::ranges::count(kinds, kind) == 0) kinds.push_back(kind);
  }
  for (const int kind : options.stop) std::erase(kinds, kind);
  settings.clear_record_kinds();
  for (const int kind : kinds) settings.add_record_kinds(static_cast<v1::ConsentKind>(kind));
  if (options.e_prescription) settings.set_uses_e_prescription(*options.e_prescription);
  if (options.treatment_at_first) {
    settings.set_shows_treatment_at_first(*options.treatment_at_first);
  }
  if (options.surgery_at_first) settings.set_shows_surgery_at_first(*options.surgery_at_first);
  if (options.proven_role) settings.set_records_need_proven_role(*options.proven_role);
  Show(options, Ask(options, request, &Stub::UpdateFacilitySettings));
}

void History(const SettingsOptions& options) {
  const v1::ListFacilitySettingsChangesResponse response =
      Ask(options, v1::ListFacilitySettingsChangesRequest(), &Stub::ListFacilitySettingsChanges);
  if (options.terminal.client.json) {
    fmt::print("{}", MessageJson(response));
    return;
  }
  TextTable table;
  if (response.changes().empty()) table.Row("-", "設定は変更されていません");
  for (const v1::FacilitySettingsChange& change : response.changes()) {
    table.Heading(fmt::format(
        "{}  {}", change.change_number(),
        absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(change.change_time()), JapanTime())));
    table.Row("変更した利用者", change.user_name());
    table.Row("端末", change.terminal_id());
    AddSettings(table, change.settings());
  }
  fmt::print("{}", table.Draw());
}

CLI::App* AddOne(CLI::App& settings, const std::string& name, const std::string& description,
                 SettingsOptions& options, const std::string& example) {
  CLI::App* command = settings.add_subcommand(name, description);
  AddTerminalOptions(*command, options.terminal);
  command->footer(std::string(kConnectionFooter) + "Example:\n  kakunin call settings " + example +
                  " \\\n    --server localhost:7443 --certificate t1.pem --key t1.key "
                  "--ca server-ca.pem\n");
  return command;
}

void AddKinds(CLI::App& command, const std::string& flag, std::vector<int>& kinds,
              const std::string& what) {
  const auto names = EnumNames<v1::ConsentKind>("CONSENT_KIND_");
  std::string words;
  for (const auto& [word, number] : names) words += (words.empty() ? "" : ", ") + word;
  command.add_option(flag, kinds, what + ": " + words)
      ->transform(CLI::CheckedTransformer(names))
      ->option_text("WORD ...");
}

}  // namespace

void AddCallSettings(CLI::App& call) {
  CLI::App* settings = call.add_subcommand("settings", "How the facility uses the service");
  settings->require_subcommand(1);
  settings->footer("Example:\n  kakunin call settings show --help\n");
  const auto options = std::make_shared<SettingsOptions>();
  AddOne(*settings, "show", "Show the settings", *options, "show")->callback([options] {
    Show(*options, Ask(*options, v1::GetFacilitySettingsRequest(), &Stub::GetFacilitySettings));
  });
  CLI::App* change = AddOne(*settings, "change", "Change some of them (administrators)", *options,
                            "change --stop surgery --proven-role true --session session");
  AddKinds(*change, "--use", options->use, "Kinds of records to use");
  AddKinds(*change, "--stop", options->stop, "Kinds of records to use no longer");
  change->add_option("--e-prescription", options->e_prescription, "Use of e-prescriptions");
  change->add_option("--treatment-at-first", options->treatment_at_first,
                     "Screens begin with treatments");
  change->add_option("--surgery-at-first", options->surgery_at_first, "Screens begin with surgery");
  change->add_option("--proven-role", options->proven_role,
                     "Records for users who have logged in only");
  change->callback([options] { Change(*options); });
  AddOne(*settings, "history", "Who changed what, and when (administrators)", *options,
         "history --session session")
      ->callback([options] { History(*options); });
}

}  // namespace kakunin
