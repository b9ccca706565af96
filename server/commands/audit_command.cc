#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "auth/encoding.h"
#include "auth/hash_function.h"
#include "server/commands/accept_older_database.h"
#include "server/commands/alarms_command.h"
#include "server/commands/audit_verification.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/database_options.h"

namespace kakunin {
namespace {

constexpr char kName[] = "audit verify";

struct VerifyOptions {
  DatabaseOptions database;
  bool json = false;
};

void Print(const AuditVerification& report, const std::string& head, bool json) {
  if (json) {
    std::vector<std::string> faults;
    for (const AuditFault& fault : report.faults) {
      faults.push_back(
          JsonObject().Text("audit_id", AuditIdText(fault.at)).Text("what", fault.what).ToString());
    }
    fmt::print("{}\n", JsonObject()
                           .Number("streams", static_cast<long long>(report.heads.size()))
                           .Number("rows", report.rows)
                           .Text("head", head)
                           .Number("fault_count", report.fault_count)
                           .Raw("faults", JsonArray(faults))
                           .ToString());
    return;
  }
  for (const AuditFault& fault : report.faults) {
    fmt::print("{}: {}\n", AuditIdText(fault.at), fault.what);
  }
  fmt::print("{} streams, {} rows, {} faults\naudit head {}\n", report.heads.size(), report.rows,
             report.fault_count, head);
}

void RunVerify(const VerifyOptions& options) {
  const DatabaseAccess access = OrFail(kName, AccessAs(options.database, &Config::auditor));
  const auto database = OpenPool(access.conninfo, "kakunin audit verify");
  const auto report = VerifyAudit(*database);
  if (!report.ok()) {
    FailCommand(kName, absl::Status(report.status().code(),
                                    fmt::format("cannot read the audit as kakunin_auditor: {}",
                                                std::string(report.status().message()))));
  }
  Print(*report, auth::HexEncode(HeadsDigest(report->heads, auth::kSha256)), options.json);
  if (report->fault_count > 0) {
    FailCommand(kName, absl::DataLossError("the audit was changed or has gaps: keep this output, "
                                           "and compare with a backup before anything else"));
  }
}

}  // namespace

void AddAuditCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "audit", "Check the audit, read its alarms, or give up a part that is lost");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  kakunin audit verify --config kakunin.toml\n"
      "  kakunin audit alarms --config kakunin.toml\n"
      "  kakunin audit accept-older-database --help       after a restore that lost rows\n");
  const auto options = std::make_shared<VerifyOptions>();
  CLI::App* verify =
      command->add_subcommand("verify", "Recompute every stream's chain and tell gaps and changes");
  AddDatabaseOptions(*verify, options->database);
  verify->add_flag("--json", options->json, "Print JSON");
  verify->footer(
      "Exit code 1 when something is wrong. Keep the head that it prints outside the\n"
      "installation.\n"
      "Examples:\n"
      "  kakunin audit verify --config kakunin.toml\n"
      "  kakunin audit verify --database \"host=/run/pg dbname=kakunin user=kakunin_auditor\"\n");
  verify->callback([options] { RunVerify(*options); });
  AddAlarms(*command);
  AddAcceptOlderDatabase(*command);
}

}  // namespace kakunin
