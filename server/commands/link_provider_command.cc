#include <memory>
#include <string>

#include "auth/encoding.h"
#include "server/commands/administrative_call.h"
#include "server/commands/commands.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

struct LinkProviderOptions {
  AdministrativeOptions call;
  std::string provider;
  std::string name;
  std::string certificate_file;
};

void Register(const LinkProviderOptions& options) {
  v1::RegisterCardLinkProviderRequest request;
  request.set_provider(options.provider);
  request.set_name(options.name);
  request.set_certificate_pem(
      OrFail("link-provider register", ReadTextFile(options.certificate_file)));
  const auto response = CallOperations("link-provider register", options.call, request,
                                       &v1::OperationsService::Stub::RegisterCardLinkProvider);
  if (options.call.client.json) return;
  fmt::print("{}: {} {}\n  証明書 (certificate) {}\n",
             DoneText(options.call.commit, response.created()), response.provider().provider(),
             response.provider().name(),
             auth::HexEncode(response.provider().certificate_fingerprint()));
}

}  // namespace

void AddLinkProviderCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("link-provider", "Register a card link provider (operators)");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  kakunin link-provider register --provider j-lis --name 地方公共団体情報システム機構 \\\n"
      "    --provider-certificate j-lis.pem\n"
      "  kakunin link-provider register --help            the way to a server, and --commit\n");
  const auto options = std::make_shared<LinkProviderOptions>();
  CLI::App* add =
      command->add_subcommand("register", "Bind a card link provider to one certificate");
  AddAdministrativeOptions(*add, options->call);
  add->add_option("--provider", options->provider,
                  "Its name in certificates: 3 to 16 small letters, digits and hyphens")
      ->required();
  add->add_option("--name", options->name, "Name")->required();
  add->add_option("--provider-certificate", options->certificate_file,
                  "The provider's certificate (PEM)")
      ->required();
  add->footer(
      "Example:\n"
      "  kakunin link-provider register --provider j-lis --name 地方公共団体情報システム機構 \\\n"
      "    --provider-certificate j-lis.pem --server localhost:7445 --certificate operator.pem \\\n"
      "    --key operator.key --ca server-ca.pem --commit\n");
  add->callback([options] { Register(*options); });
}

}  // namespace kakunin
