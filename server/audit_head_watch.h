#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/audit_head_file.h"
#include "server/config/config.h"
#include "server/observe/metrics.h"
#include "server/observe/readiness.h"
#include "server/rounds.h"
#include "server/snapshot_age.h"
#include "storage/audit_fence.h"
#include "storage/database.h"

namespace kakunin {

// AuditHeadWatch keeps a database that lost acknowledged rows from being served: it holds the fence
// that every connection is asked by, writes what was seen to a file every two seconds, and asks the
// database as often, which one connection that never breaks would not be.
class AuditHeadWatch {
 public:
  // Open reads the file and keeps it to this process. `database` is asked over connections that the
  // fence does not refuse; it belongs to the watch. ReadAuditHead's and KeepAuditHead's failures.
  static absl::StatusOr<std::unique_ptr<AuditHeadWatch>> Open(const std::filesystem::path& file,
                                                              std::unique_ptr<Database> database);
  // Writes once more, if the database was whole.
  ~AuditHeadWatch();
  AuditHeadWatch(const AuditHeadWatch&) = delete;
  AuditHeadWatch& operator=(const AuditHeadWatch&) = delete;

  // CheckAtStart asks for everything that the file holds, before any port opens. DATA_LOSS with
  // what to do when the database lacks any of it, when an earlier process met one that did and
  // nobody has accepted that, or when there is no file and the database knows that there was; the
  // store's error when it cannot be asked before `deadline`.
  absl::Status CheckAtStart(MonotonicTime deadline);

  // Begin writes the file, has the database remember that there is one, and starts the rounds, one
  // every `every`. The failure of either.
  absl::Status Begin(MonotonicTime deadline,
                     std::chrono::milliseconds every = std::chrono::seconds(2));

  // Round asks and writes. Begin's thread does so; public for tests.
  void Round();

  AuditFence& fence() { return fence_; }
  // Check is a fault from when a database turned out older than what was seen until an operator
  // accepts that, a warning while the file cannot be written.
  ReadinessCheck Check() const;
  // Age is how long ago the file last held everything that was seen.
  absl::Duration Age() const { return age_.Age(); }

 private:
  AuditHeadWatch(std::filesystem::path file, FileLock lock, KeptAuditHead kept,
                 std::unique_ptr<Database> database);
  // TakeUp begins anew with what an operator accepted since; false when nobody did.
  bool TakeUp(absl::StatusOr<KeptAuditHead> kept);
  void Ask();
  void RoundInAlarm();
  // Write keeps what was seen, unless an operator has accepted a loss meanwhile: that it takes up.
  absl::Status Write();
  void WriteOrLog();

  const std::filesystem::path file_;
  const FileLock lock_;
  const std::unique_ptr<Database> database_;
  AuditFence fence_;
  std::vector<Acceptance> accepted_;
  const bool was_there_;           // the file, when it was opened
  int64_t written_ = -1;           // the fence's changes that the file has
  bool said_ = false;              // that the database is older
  bool alarm_kept_ = false;        // the file has it
  std::atomic<bool> whole_{true};  // what the watch's own connection found last
  std::atomic<bool> unwritten_{false};
  SnapshotAge age_;
  std::optional<Rounds> rounds_;  // last, so that it ends first
};

// AuditHeadKeeper is the name under which a database remembers that this machine keeps `file`.
std::string AuditHeadKeeper(const std::filesystem::path& file);

// AuditHeadLogin is the role that asks: the first that `config` serves with.
const LoginConfig& AuditHeadLogin(const Config& config);

// StartAuditHead begins to watch as `config` says, before any port opens; null where it names no
// file, which readiness then says (a warning but in a sandbox). What Open, CheckAtStart and Begin
// return.
absl::StatusOr<std::unique_ptr<AuditHeadWatch>> StartAuditHead(const Config& config,
                                                               std::vector<ReadinessCheck>& checks,
                                                               Metrics& metrics);

}  // namespace kakunin
