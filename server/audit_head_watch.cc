#include "server/audit_head_watch.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <utility>

#include "domain/error.h"
#include "server/observe/standard_checks.h"
#include "server/open_port.h"
#include "storage/postgres/audit_heads.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kAskBound(2);
constexpr std::chrono::seconds kStartBound(30);

constexpr char kOlder[] =
    "it was restored from a backup, failed over to a replica that lagged, or is another one, and "
    "acts that were acknowledged are not in it. Bring back the database that has them and see to "
    "it that no other is reached; then, or to serve without them, `kakunin audit "
    "accept-older-database` tells what is missing and, with --commit, ends the alarm";

}  // namespace

absl::StatusOr<std::unique_ptr<AuditHeadWatch>> AuditHeadWatch::Open(
    const std::filesystem::path& file, std::unique_ptr<Database> database) {
  ASSIGN_OR_RETURN(FileLock lock, KeepAuditHead(file));
  ASSIGN_OR_RETURN(KeptAuditHead kept, ReadAuditHead(file));
  return std::unique_ptr<AuditHeadWatch>(
      new AuditHeadWatch(file, std::move(lock), std::move(kept), std::move(database)));
}

AuditHeadWatch::AuditHeadWatch(std::filesystem::path file, FileLock lock, KeptAuditHead kept,
                               std::unique_ptr<Database> database)
    : file_(std::move(file)),
      lock_(std::move(lock)),
      database_(std::move(database)),
      accepted_(std::move(kept.accepted)),
      was_there_(kept.is_there) {
  fence_.BeginWith(kept.heads);
  if (kept.alarm) fence_.RaiseAlarm();
}

AuditHeadWatch::~AuditHeadWatch() {
  const bool served = rounds_.has_value();
  rounds_.reset();
  if (served) Round();
}

absl::Status AuditHeadWatch::CheckAtStart(MonotonicTime deadline) {
  const std::vector<SeenHead> heads = fence_.Newest(AuditFence::kMostStreams);
  std::vector<size_t> missing;
  bool had_a_file = false;
  RETURN_IF_ERROR(database_->Read(deadline, [&](Transaction& tx) -> absl::Status {
    if (!was_there_) {
      ASSIGN_OR_RETURN(had_a_file, KnowsAuditHeadKeeper(tx, AuditHeadKeeper(file_)));
    }
    if (!heads.empty()) {
      ASSIGN_OR_RETURN(missing, AuditHeadsNotKept(tx, heads));
    }
    return absl::OkStatus();
  }));
  if (had_a_file) {
    return absl::DataLossError(fmt::format(
        "{} is missing, and the database knows that this server kept one: nobody knows what it saw "
        "last. Put back a copy of it; or make sure, against a kept audit head (`kakunin audit "
        "verify`), that the database has lost nothing, and have `kakunin audit "
        "accept-older-database` begin a new one",
        file_.string()));
  }
  if (!missing.empty()) {
    return absl::DataLossError(fmt::format(
        "the database lacks {} of the {} audit rows that this server last saw committed ({}), the "
        "newest of {}: {}",
        missing.size(), heads.size(), file_.string(),
        absl::FormatTime(absl::RFC3339_sec, heads[missing.front()].at, absl::UTCTimeZone()),
        kOlder));
  }
  if (fence_.older()) {
    return absl::DataLossError(fmt::format(
        "the database has all that this server last saw ({}), but before it ended it reached one "
        "that had not, and nobody has accepted that since: {}",
        file_.string(), kOlder));
  }
  return absl::OkStatus();
}

absl::Status AuditHeadWatch::Begin(MonotonicTime deadline, std::chrono::milliseconds every) {
  RETURN_IF_ERROR(Write());
  if (!was_there_) {
    spdlog::warn("{} was made: what the database lost before now nobody notices by it",
                 file_.string());
  }
  RETURN_IF_ERROR(database_->Write(
      deadline, [&](Transaction& tx) { return NoteAuditHeadKeeper(tx, AuditHeadKeeper(file_)); }));
  rounds_.emplace(every, [this] { Round(); });
  return absl::OkStatus();
}

void AuditHeadWatch::Round() {
  Ask();
  if (fence_.older()) return RoundInAlarm();
  const auto began = steady_clock::now();
  if (fence_.changes() == written_) {
    age_.Renew(began);
    return;
  }
  WriteOrLog();
}

void AuditHeadWatch::RoundInAlarm() {
  if (!std::exchange(said_, true)) spdlog::critical("the database is older: {}", kOlder);
  // What was seen since the last round too, until it is written: whoever accepts the loss accepts
  // all of it, and no restart forgets it, nor the alarm.
  if (!alarm_kept_) return WriteOrLog();
  TakeUp(ReadAuditHead(file_));
}

bool AuditHeadWatch::TakeUp(absl::StatusOr<KeptAuditHead> kept) {
  if (!kept.ok()) spdlog::error("{}", std::string(kept.status().message()));
  if (!kept.ok() || kept->accepted.size() <= accepted_.size()) return false;
  accepted_ = std::move(kept->accepted);
  fence_.BeginWith(kept->heads);
  said_ = alarm_kept_ = false;
  spdlog::warn("what a database lacked was accepted by {}: {}", accepted_.back().by,
               accepted_.back().reason);
  return true;
}

void AuditHeadWatch::Ask() {
  const FenceQuestion question = fence_.Question();
  if (question.heads.empty()) return;
  std::vector<size_t> missing;
  const absl::Status status =
      database_->Read(steady_clock::now() + kAskBound, [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(missing, AuditHeadsNotKept(tx, question.heads));
        return absl::OkStatus();
      });
  // A database that cannot be asked serves nobody either.
  if (!status.ok()) return;
  whole_.store(missing.empty(), std::memory_order_relaxed);
  fence_.Found(question, missing.empty());
}

absl::Status AuditHeadWatch::Write() {
  const auto began = steady_clock::now();
  const auto write = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const FileLock turn, TakeAuditHeadTurn(file_, /*wait=*/false));
    if (TakeUp(ReadAuditHead(file_))) return absl::OkStatus();  // written by the next round
    const int64_t changes = fence_.changes();
    const bool alarm = fence_.older();
    RETURN_IF_ERROR(WriteAuditHead(
        file_,
        {.heads = fence_.Newest(AuditFence::kMostStreams), .accepted = accepted_, .alarm = alarm}));
    written_ = changes;
    alarm_kept_ = alarm;
    age_.Renew(began);
    return absl::OkStatus();
  };
  absl::Status status = write();
  unwritten_.store(!status.ok(), std::memory_order_relaxed);
  return status;
}

void AuditHeadWatch::WriteOrLog() {
  if (const absl::Status status = Write(); !status.ok()) {
    spdlog::error("{}", std::string(status.message()));
  }
}

ReadinessCheck AuditHeadWatch::Check() const {
  return {"audit head", [this]() -> CheckFinding {
            if (fence_.older()) {
              const bool two = whole_.load(std::memory_order_relaxed);
              return {Health::kFault,
                      fmt::format("the database is older than what this server saw of it, nobody "
                                  "is answered{}: {}",
                                  two ? " (the one that is reached now has everything: make sure "
                                        "that there is no second one)"
                                      : "",
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

std::string AuditHeadKeeper(const std::filesystem::path& file) {
  std::array<char, HOST_NAME_MAX + 1> machine{};
  gethostname(machine.data(), machine.size() - 1);
  return fmt::format("{}:{}", machine.data(), std::filesystem::absolute(file).string());
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
  RETURN_IF_ERROR(watch->Begin(steady_clock::now() + kStartBound));
  checks.push_back(watch->Check());
  metrics.AddGauge("kakunin_database_is_older",
                   "1 since a database lacked audit rows that this server saw: an alarm.", {},
                   [watch = watch.get()] { return watch->fence().older() ? 1.0 : 0.0; });
  AddSnapshotAge(metrics, "audit_head", "", [watch = watch.get()] { return watch->Age(); });
  return watch;
}

}  // namespace kakunin
