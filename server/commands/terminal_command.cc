#include <memory>
#include <string>

#include "auth/encoding.h"
#include "server/commands/administrative_call.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

struct TerminalOptions {
  AdministrativeOptions call;
  std::string facility;
  std::string terminal;
  int kind = v1::TERMINAL_KIND_DESK;
  std::string certificate_file;
  int reason = 0;
};

void Register(const TerminalOptions& options) {
  v1::RegisterTerminalRequest request;
  request.set_facility_code(options.facility);
  request.set_terminal_id(options.terminal);
  request.set_kind(static_cast<v1::TerminalKind>(options.kind));
  request.set_certificate_pem(OrFail("terminal register", ReadTextFile(options.certificate_file)));
  const auto response = CallOperations("terminal register", options.call, request,
                                       &v1::OperationsService::Stub::RegisterTerminal);
  if (options.call.client.json) return;
  fmt::print("{}: {}/{}\n  証明書 (certificate) {}\n",
             DoneText(options.call.commit, response.created()), response.terminal().facility_code(),
             response.terminal().terminal_id(),
             auth::HexEncode(response.terminal().certificate_fingerprint()));
}

void Revoke(const TerminalOptions& options) {
  v1::RevokeTerminalRequest request;
  request.set_facility_code(options.facility);
  request.set_terminal_id(options.terminal);
  request.set_reason(static_cast<v1::RevocationReason>(options.reason));
  const auto response = CallOperations("terminal revoke", options.call, request,
                                       &v1::OperationsService::Stub::RevokeTerminal);
  if (options.call.client.json) return;
  fmt::print("{}: {}/{}\n",
             options.call.commit ? "失効させました (revoked)" : "失効できます (would revoke)",
             response.terminal().facility_code(), response.terminal().terminal_id());
}

void AddNames(CLI::App& command, TerminalOptions& options) {
  AddAdministrativeOptions(command, options.call);
  command.add_option("--facility", options.facility, "Facility code, ten digits")->required();
  command.add_option("--terminal", options.terminal, "Terminal within the facility")->required();
}

}  // namespace

void AddTerminalCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("terminal", "Terminals and their certificates");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  kakunin terminal register --facility 1310000003 --terminal T1 --kind desk "
      "--terminal-certificate t1.pem\n"
      "  kakunin terminal revoke --facility 1310000003 --terminal T1 --reason lost\n"
      "  kakunin terminal register --help                 the way to a server, and --commit\n");
  const auto options = std::make_shared<TerminalOptions>();

  CLI::App* add = command->add_subcommand("register", "Bind a terminal to one certificate");
  AddNames(*add, *options);
  AddEnumOption<v1::TerminalKind>(*add, "--kind", options->kind, "TERMINAL_KIND_", "Kind");
  add->add_option("--terminal-certificate", options->certificate_file,
                  "The terminal's certificate (PEM)")
      ->required();
  add->footer(
      "Example:\n"
      "  kakunin terminal register --facility 1310000003 --terminal T1 --kind desk \\\n"
      "    --terminal-certificate t1.pem --server localhost:7445 --certificate operator.pem \\\n"
      "    --key operator.key --ca server-ca.pem --commit\n");
  add->callback([options] { Register(*options); });

  CLI::App* revoke = command->add_subcommand(
      "revoke", "Take a terminal's right away, on open connections too, within a second");
  AddNames(*revoke, *options);
  AddEnumOption<v1::RevocationReason>(*revoke, "--reason", options->reason, "REVOCATION_REASON_",
                                      "Why")
      ->required();
  revoke->footer(
      "Example:\n"
      "  kakunin terminal revoke --facility 1310000003 --terminal T1 --reason lost \\\n"
      "    --server localhost:7445 --certificate operator.pem --key operator.key \\\n"
      "    --ca server-ca.pem --commit\n");
  revoke->callback([options] { Revoke(*options); });

  AddTerminalCertificates(*command);
  AddTerminalEnrol(*command);
}

}  // namespace kakunin
