#include <memory>
#include <string>

#include "server/commands/administrative_call.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"

namespace kakunin {
namespace {

struct FacilityOptions {
  AdministrativeOptions call;
  std::string code;
  int type = 0;
  std::string name;
  bool inactive = false;
  std::string municipality;
};

void Register(const FacilityOptions& options) {
  v1::RegisterFacilityRequest request;
  v1::Facility& facility = *request.mutable_facility();
  facility.set_facility_code(options.code);
  facility.set_type(static_cast<v1::FacilityType>(options.type));
  facility.set_name(options.name);
  facility.set_active(!options.inactive);
  facility.set_municipality_code(options.municipality);
  const auto response = CallOperations("facility register", options.call, request,
                                       &v1::OperationsService::Stub::RegisterFacility);
  if (options.call.client.json) return;
  fmt::print("{}: {} {}\n", DoneText(options.call.commit, response.created()),
             response.facility().facility_code(), response.facility().name());
}

}  // namespace

void AddFacilityCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("facility", "Register a facility, and let it join (operators)");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  kakunin facility register --code 1310000003 --type clinic --name 見本クリニック\n"
      "  kakunin facility applicant list --state registered\n"
      "  kakunin facility application list --state submitted\n"
      "  kakunin facility register --help                 the way to a server, and --commit\n");
  const auto options = std::make_shared<FacilityOptions>();
  CLI::App* add = command->add_subcommand("register", "Create or change a facility");
  AddAdministrativeOptions(*add, options->call);
  add->add_option("--code", options->code, "Facility code, ten digits")->required();
  AddEnumOption<v1::FacilityType>(*add, "--type", options->type, "FACILITY_TYPE_", "Kind")
      ->required();
  add->add_option("--name", options->name, "Name")->required();
  add->add_option("--municipality", options->municipality,
                  "Municipality (JIS X 0401 and 0402, five digits), by which disasters reach it; "
                  "without it: as it was");
  add->add_flag("--inactive", options->inactive, "Its terminals are refused from now on");
  add->footer(
      "Examples:\n"
      "  kakunin facility register --code 1310000003 --type clinic --name 見本診療所 \\\n"
      "    --server localhost:7445 --certificate operator.pem --key operator.key --ca "
      "server-ca.pem\n"
      "  ... --commit                                 the same, and done\n");
  add->callback([options] { Register(*options); });
  AddFacilityApplications(*command);
}

}  // namespace kakunin
