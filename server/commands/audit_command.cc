#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/digest.h"
#include "auth/encoding.h"
#include "domain/error.h"
#include "server/commands/audit_walk.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/database_options.h"
#include "storage/postgres/audit_store.h"

namespace kakunin {
namespace {

constexpr char kName[] = "audit verify";
constexpr auto kHeadsBound = std::chrono::minutes(10);
constexpr auto kStreamBound = std::chrono::hours(6);
constexpr int64_t kProgressEvery = 50'000;

struct VerifyOptions {
  DatabaseOptions database;
  bool json = false;
};

struct VerifyReport {
  std::vector<StreamHead> heads;
  int64_t rows = 0;
  int64_t fault_count = 0;
  std::vector<AuditFault> faults;
};

Digest32 HashOf(std::string_view octets) { return auth::Sha256(octets); }

absl::StatusOr<VerifyReport> Verify(Database& database) {
  PostgresAuditStore store;
  VerifyReport report;
  absl::Status status = database.Read(std::chrono::steady_clock::now() + kHeadsBound,
                                      [&](Transaction& tx) -> absl::Status {
                                        auto heads = store.Heads(tx);
                                        if (!heads.ok()) return heads.status();
                                        report.heads = *std::move(heads);
                                        return absl::OkStatus();
                                      });
  if (!status.ok()) return status;
  const bool terminal = isatty(STDERR_FILENO) == 1;
  for (size_t i = 0; i < report.heads.size(); ++i) {
    const StreamHead& head = report.heads[i];
    std::optional<StreamWalk> walk;
    const auto see = [&](const AuditRecord& record) {
      walk->See(record);
      if (terminal && (report.rows + walk->rows()) % kProgressEvery == 0) {
        fmt::print(stderr, "\raudit: {} rows, stream {} of {}", report.rows + walk->rows(), i + 1,
                   report.heads.size());
      }
      return true;
    };
    status = database.Read(
        std::chrono::steady_clock::now() + kStreamBound, [&](Transaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(const AuditChain::Place start, store.Start(tx, head.stream));
          walk.emplace(head.stream, &HashOf, start);
          return store.ReadStream(tx, head.stream, start.number, see);
        });
    if (!status.ok()) return status;
    walk->End(head);
    report.rows += walk->rows();
    report.fault_count += walk->fault_count();
    report.faults.insert(report.faults.end(), walk->faults().begin(), walk->faults().end());
  }
  if (terminal) fmt::print(stderr, "\r\033[K");
  return report;
}

void Print(const VerifyReport& report, const std::string& head, bool json) {
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
  const auto report = Verify(*database);
  if (!report.ok()) {
    FailCommand(kName, absl::Status(report.status().code(),
                                    fmt::format("cannot read the audit as kakunin_auditor: {}",
                                                std::string(report.status().message()))));
  }
  Print(*report, auth::HexEncode(HeadsDigest(report->heads, &HashOf)), options.json);
  if (report->fault_count > 0) {
    FailCommand(kName, absl::DataLossError("the audit was changed or has gaps: keep this output, "
                                           "and compare with a backup before anything else"));
  }
}

}  // namespace

void AddAuditCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("audit", "Check the audit");
  command->require_subcommand(1);
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
}

}  // namespace kakunin
