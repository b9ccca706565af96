#include <memory>
#include <string>

#include "auth/encoding.h"
#include "server/commands/administrative_call.h"
#include "server/commands/commands.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

struct ReviewerOptions {
  AdministrativeOptions call;
  std::string number;
  std::string name;
  std::string certificate_file;
};

void Register(const ReviewerOptions& options) {
  v1::RegisterReviewerRequest request;
  request.set_reviewer_number(options.number);
  request.set_name(options.name);
  request.set_certificate_pem(OrFail("reviewer register", ReadTextFile(options.certificate_file)));
  const auto response = CallOperations("reviewer register", options.call, request,
                                       &v1::OperationsService::Stub::RegisterReviewer);
  if (options.call.client.json) return;
  fmt::print("{}: {} {}\n  証明書 (certificate) {}\n",
             DoneText(options.call.commit, response.created()),
             response.reviewer().reviewer_number(), response.reviewer().name(),
             auth::HexEncode(response.reviewer().certificate_fingerprint()));
}

}  // namespace

void AddReviewerCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("reviewer", "Register a claims reviewer (operators)");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  kakunin reviewer register --number 113 --name 見本審査支払機関 --reviewer-certificate "
      "reviewer.pem\n"
      "  kakunin reviewer register --help                 the way to a server, and --commit\n");
  const auto options = std::make_shared<ReviewerOptions>();
  CLI::App* add = command->add_subcommand("register", "Bind a claims reviewer to one certificate");
  AddAdministrativeOptions(*add, options->call);
  add->add_option("--number", options->number,
                  "Reviewer number, three digits: body (1, 2) and prefecture")
      ->required();
  add->add_option("--name", options->name, "Name")->required();
  add->add_option("--reviewer-certificate", options->certificate_file,
                  "The reviewer's certificate (PEM)")
      ->required();
  add->footer(
      "Example:\n"
      "  kakunin reviewer register --number 113 --name 社会保険診療報酬支払基金 \\\n"
      "    --reviewer-certificate reviewer.pem --server localhost:7445 --certificate operator.pem "
      "\\\n"
      "    --key operator.key --ca server-ca.pem --commit\n");
  add->callback([options] { Register(*options); });
}

}  // namespace kakunin
