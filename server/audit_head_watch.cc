#include "server/audit_head_watch.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "domain/error.h"
#include "server/observe/standard_checks.h"
#include "server/open_port.h"
#include "storage/postgres/audit_heads.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kEvery(2);
constexpr std::chrono::seconds kAskBound(2);
constexpr std::chrono::seconds kStartBound(30);

constexpr char kOlder[] =
    "it was restored from a backup, failed over to a replica that lagged, or is another one, and "
    "acts that were acknowledged are not in it. Bring back the database that has them; else "
    "`kakunin audit accept-older-database` tells what is missing and, with --commit, lets this "
    "server serve without it";

}  // namespace

absl::StatusOr<std::unique_ptr<AuditHeadWatch>> AuditHeadWatch::Open(
    const std::filesystem::path& file, std::unique_ptr<Database> database) {
  ASSIGN_OR_RETURN(AuditHeadLock lock, AuditHeadLock::Take(file));
  ASSIGN_OR_RETURN(KeptAuditHead kept, ReadAuditHead(file));
  return std::unique_ptr<AuditHeadWatch>(
      new AuditHeadWatch(file, std::move(lock), std::move(kept), std::move(database)));
}

AuditHeadWatch::AuditHeadWatch(std::filesystem::path file, AuditHeadLock lock, KeptAuditHead kept,
                               std::unique_ptr<Database> database)
    : file_(std::move(file)),
      lock_(std::move(lock)),
      database_(std::move(database)),
      accepted_(std::move(kept.accepted)) {
  fence_.BeginWith(kept.heads);
}

AuditHeadWatch::~AuditHeadWatch() {
  const bool served = rounds_.has_value();
  rounds_.reset();
  if (served) Round();
}

absl::Status AuditHeadWatch::CheckAtStart(MonotonicTime deadline) {
  const std::vector<SeenHead> heads = fence_.Newest(AuditFence::kMostStreams);
  if (heads.empty()) return absl::OkStatus();
  std::vector<size_t> missing;
  RETURN_IF_ERROR(database_->Read(deadline, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(missing, AuditHeadsNotKept(tx, heads));
    return absl::OkStatus();
  }));
  fence_.Found(missing.empty());
  if (missing.empty()) return absl::OkStatus();
  return absl::DataLossError(fmt::format(
      "the database lacks {} of the {} audit rows that this server last saw committed ({}), the "
      "newest of {}: {}",
      missing.size(), heads.size(), file_.string(),
      absl::FormatTime(absl::RFC3339_sec, heads[missing.front()].at, absl::UTCTimeZone()), kOlder));
}

absl::Status AuditHeadWatch::Begin() {
  RETURN_IF_ERROR(Write());
  rounds_.emplace(kEvery, [this] { Round(); });
  return absl::OkStatus();
}

void AuditHeadWatch::Round() {
  if (fence_.older()) TakeUpAcceptance();
  Ask();
  if (fence_.older()) {
    // A connection may have noticed first, and an operator have accepted it before this round did.
    if (!said_ && TakeUpAcceptance()) return;
    if (!std::exchange(said_, true)) {
      spdlog::critical("the database is older: {}", kOlder);
      // What was seen since the last round too: whoever accepts the loss accepts all of it, and no
      // restart forgets it.
      if (const absl::Status status = Write(); !status.ok()) {
        spdlog::error("{}", std::string(status.message()));
      }
    }
    return;
  }
  if (std::exchange(said_, false)) spdlog::warn("the database has again what was acknowledged");
  const auto began = steady_clock::now();
  if (fence_.changes() == written_) {
    age_.Renew(began);
    return;
  }
  if (const absl::Status status = Write(); !status.ok())
    spdlog::error("{}", std::string(status.message()));
}

bool AuditHeadWatch::TakeUpAcceptance() {
  auto kept = ReadAuditHead(file_);
  if (!kept.ok()) spdlog::error("{}", std::string(kept.status().message()));
  if (!kept.ok() || kept->accepted.size() <= accepted_.size()) return false;
  accepted_ = std::move(kept->accepted);
  fence_.BeginWith(kept->heads);
  said_ = false;
  spdlog::warn("an older database was accepted by {}: {}", accepted_.back().by,
               accepted_.back().reason);
  return true;
}

void AuditHeadWatch::Ask() {
  const std::vector<SeenHead> heads = fence_.Newest(AuditFence::kAskedEachTime);
  if (heads.empty()) return;
  std::vector<size_t> missing;
  const absl::Status status =
      database_->Read(steady_clock::now() + kAskBound, [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(missing, AuditHeadsNotKept(tx, heads));
        return absl::OkStatus();
      });
  // A database that cannot be asked serves nobody either.
  if (status.ok()) fence_.Found(missing.empty());
}

absl::Status AuditHeadWatch::Write() {
  const auto began = steady_clock::now();
  const int64_t changes = fence_.changes();
  absl::Status status = WriteAuditHead(
      file_, {.heads = fence_.Newest(AuditFence::kMostStreams), .accepted = accepted_});
  unwritten_.store(!status.ok(), std::memory_order_relaxed);
  if (!status.ok()) return status;
  written_ = changes;
  age_.Renew(began);
  return absl::OkStatus();
}

ReadinessCheck AuditHeadWatch::Check() const {
  return {"audit head", [this]() -> CheckFinding {
            if (fence_.older()) {
              return {Health::kFault, fmt::format("the database is older than what this server saw "
                                                  "of it, nobody is answered: {}",
                                                  kOlder)};
            }
            if (unwritten_.load(std::memory_order_relaxed)) {
              return {Health::kWarning,
                      fmt::format("{} cannot be written, so a restart would not notice lost rows: "
                                  "look at its folder and disk",
                                  file_.string())};
            }
            return {Health::kFine, "kept"};
          }};
}

const LoginConfig& AuditHeadLogin(const Config& config) {
  if (config.operator_) return config.operator_->database;
  if (config.insurer) return config.insurer->database;
  if (config.terminal) return config.terminal->database;
  return config.onboarding->listener.database;
}

absl::StatusOr<std::unique_ptr<AuditHeadWatch>> StartAuditHead(const Config& config,
                                                               std::vector<ReadinessCheck>& checks,
                                                               Metrics& metrics) {
  if (config.audit.last_seen_head.empty()) {
    checks.push_back({"audit head", [sandbox = config.environment.IsSandbox()]() -> CheckFinding {
                        return {sandbox ? Health::kFine : Health::kWarning,
                                "off: a database that lost acknowledged rows would be served; name "
                                "last_seen_head in [audit]"};
                      }});
    return nullptr;
  }
  ASSIGN_OR_RETURN(auto asked, OpenPool(config.database, AuditHeadLogin(config), 1, "audit head",
                                        /*fence=*/nullptr));
  ASSIGN_OR_RETURN(auto watch, AuditHeadWatch::Open(config.audit.last_seen_head, std::move(asked)));
  RETURN_IF_ERROR(watch->CheckAtStart(steady_clock::now() + kStartBound));
  RETURN_IF_ERROR(watch->Begin());
  checks.push_back(watch->Check());
  metrics.AddGauge("kakunin_database_is_older",
                   "1 while the database lacks audit rows that this server saw: an alarm.", {},
                   [watch = watch.get()] { return watch->fence().older() ? 1.0 : 0.0; });
  AddSnapshotAge(metrics, "audit_head", "", [watch = watch.get()] { return watch->Age(); });
  return watch;
}

}  // namespace kakunin
