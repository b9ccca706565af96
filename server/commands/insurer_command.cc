#include <memory>
#include <string>

#include "auth/encoding.h"
#include "server/commands/administrative_call.h"
#include "server/commands/commands.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

struct InsurerOptions {
  AdministrativeOptions call;
  std::string number;
  std::string name;
  std::string certificate_file;
};

void Register(const InsurerOptions& options) {
  v1::RegisterInsurerRequest request;
  request.set_insurer_number(options.number);
  request.set_name(options.name);
  request.set_certificate_pem(OrFail("insurer register", ReadTextFile(options.certificate_file)));
  const auto response = CallOperations("insurer register", options.call, request,
                                       &v1::OperationsService::Stub::RegisterInsurer);
  if (options.call.client.json) return;
  fmt::print("{}: {} {}\n  証明書 (certificate) {}\n",
             DoneText(options.call.commit, response.created()), response.insurer().insurer_number(),
             response.insurer().name(),
             auth::HexEncode(response.insurer().certificate_fingerprint()));
}

}  // namespace

void AddInsurerCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("insurer", "Register an insurer (operators)");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  kakunin insurer register --number 06139992 --name 見本健康保険組合 --insurer-certificate "
      "insurer.pem\n"
      "  kakunin insurer register --help                  the way to a server, and --commit\n");
  const auto options = std::make_shared<InsurerOptions>();
  CLI::App* add = command->add_subcommand("register", "Bind an insurer to one certificate");
  AddAdministrativeOptions(*add, options->call);
  add->add_option("--number", options->number, "Insurer number, eight digits")->required();
  add->add_option("--name", options->name, "Name")->required();
  add->add_option("--insurer-certificate", options->certificate_file,
                  "The insurer's certificate (PEM)")
      ->required();
  add->footer(
      "Example:\n"
      "  kakunin insurer register --number 06139992 --name 見本健康保険組合 \\\n"
      "    --insurer-certificate insurer.pem --server localhost:7445 --certificate operator.pem "
      "\\\n"
      "    --key operator.key --ca server-ca.pem --commit\n");
  add->callback([options] { Register(*options); });
}

}  // namespace kakunin
