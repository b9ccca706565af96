#include "server/commands/audit_verification.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <optional>

#include "auth/hash_function.h"
#include "domain/error.h"
#include "storage/postgres/audit_store.h"

namespace kakunin {
namespace {

constexpr auto kHeadsBound = std::chrono::minutes(10);
constexpr auto kStreamBound = std::chrono::hours(6);
constexpr int64_t kProgressEvery = 50'000;

}  // namespace

absl::StatusOr<AuditVerification> VerifyAudit(Database& database) {
  PostgresAuditStore store;
  AuditVerification report;
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
          walk.emplace(head.stream, auth::kSha256, start);
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

}  // namespace kakunin
