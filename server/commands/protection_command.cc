#include <algorithm>
#include <memory>
#include <string>
#include <tuple>

#include "server/commands/administrative_call.h"
#include "server/commands/commands.h"

namespace kakunin {
namespace {

struct ProtectionOptions {
  AdministrativeOptions call;
  std::string number_file;
  std::string address;
  std::string facility_names;
};

// The first line: a number on the command line would show in the list of processes.
std::string NumberIn(const std::string& file) {
  std::string text = OrFail("protection set", ReadTextFile(file));
  text.resize(std::min(text.size(), text.find_first_of("\r\n")));
  return text;
}

std::string TextOf(const v1::PatientProtection& protection) {
  return fmt::format("住所 (address) {}、医療機関名 (facility names) {}",
                     protection.hide_address() ? "hide" : "show",
                     protection.hide_facility_names() ? "hide" : "show");
}

void Set(const ProtectionOptions& options) {
  v1::ProtectPatientRequest request;
  request.set_individual_number(NumberIn(options.number_file));
  v1::PatientProtection& protection = *request.mutable_protection();
  protection.set_hide_address(options.address == "hide");
  protection.set_hide_facility_names(options.facility_names == "hide");
  const auto response = CallOperations("protection set", options.call, request,
                                       &v1::OperationsService::Stub::ProtectPatient);
  if (options.call.client.json) return;
  fmt::print("{}: {}\n  前 (before): {}\n", DoneText(options.call.commit, false),
             TextOf(protection), TextOf(response.previous()));
}

}  // namespace

void AddProtectionCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("protection", "Hide what must not be shown of a patient (operators)");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  kakunin protection set --number-file number.txt --address hide --facility-names hide\n"
      "  kakunin protection set --help                    the way to a server, and --commit\n");
  const auto options = std::make_shared<ProtectionOptions>();
  CLI::App* set = command->add_subcommand(
      "set", "Set both flags of a protected patient (支援措置); the next answer obeys");
  AddAdministrativeOptions(*set, options->call);
  set->add_option("--number-file", options->number_file,
                  "File whose first line is the patient's individual number")
      ->required()
      ->check(CLI::ExistingFile);
  for (const auto& [name, value, what] :
       {std::tuple{"--address", &options->address, "hide or show where the patient lives"},
        std::tuple{"--facility-names", &options->facility_names,
                   "hide or show where the patient was treated"}}) {
    set->add_option(name, *value, what)->required()->check(CLI::IsMember({"hide", "show"}));
  }
  set->footer(
      "Example:\n"
      "  kakunin protection set --number-file number.txt --address hide --facility-names show \\\n"
      "    --server localhost:7445 --certificate operator.pem --key operator.key --ca "
      "server-ca.pem \\\n"
      "    --commit\n");
  set->callback([options] { Set(*options); });
}

}  // namespace kakunin
