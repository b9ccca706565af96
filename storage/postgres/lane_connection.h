#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/audit_fence.h"
#include "storage/confirmation_store.h"
#include "storage/postgres/bounded_connection.h"
#include "storage/store_error.h"

struct pg_conn;
struct pg_result;

namespace kakunin {

// LaneStatement is one prepared statement of a lane. `commits` says that it writes: losing the
// connection while it runs leaves its outcome unknown.
struct LaneStatement {
  const char* name;
  const char* sql;
  bool commits;
};

// LaneResult is what a statement returned, in binary format. Cells are views into it.
class LaneResult {
 public:
  explicit LaneResult(pg_result* result = nullptr) : result_(result) {}

  int rows() const;
  bool IsNull(int row, int column) const;
  std::string_view Cell(int row, int column) const;

 private:
  friend class LaneConnection;
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

// LaneConnection is one libpq connection that never blocks longer than it is told: every wait polls
// the socket, and at the deadline the socket is dropped, whatever the server does. That is needed
// because blocking libpq hangs for ever against a frozen server. Used by one thread; not
// thread-safe.
class LaneConnection {
 public:
  // `statements` are prepared on every connection; the span must outlive this object, and so must
  // `fence`, which every connection is asked by; null: it is not.
  LaneConnection(ConnectionParameters parameters, std::span<const LaneStatement> statements,
                 AuditFence* fence = nullptr);
  ~LaneConnection();
  LaneConnection(const LaneConnection&) = delete;
  LaneConnection& operator=(const LaneConnection&) = delete;

  bool Connected() const { return ready_; }

  // Reconnect goes on with the attempt under way, or starts one, until `deadline`; OK once
  // connected. A StoreError else: kTimedOut when calling again goes on with the same attempt,
  // which is given up for a new one after five seconds.
  absl::Status Reconnect(MonotonicTime deadline);

  // DropIfClosed looks at the idle socket without waiting and drops the connection when the server
  // ended it; so a restart is noticed before the next statement is lost on it.
  void DropIfClosed();

  // Run executes a prepared statement in a transaction of its own, unless a statement that begins
  // one was run. A StoreError when it fails;
  // Connected() stays true when only the statement was refused.
  absl::StatusOr<LaneResult> Run(const LaneStatement& statement,
                                 std::span<const std::string_view> parameters,
                                 MonotonicTime deadline);

  // WillWrite tells that the next statement writes audit rows, up to `last`: the fence is told when
  // they are committed.
  void WillWrite(const AuditRecord& last) { writing_ = SeenHeadOf(last); }

  // IsThere tells that a row whose commit was in doubt was found.
  void IsThere(const AuditId& id);

  // LostBackendsRun tells whether a server process that was lost in the middle of a committing
  // statement may still be at work, so that its outcome is not decided yet.
  absl::StatusOr<bool> LostBackendsRun(MonotonicTime deadline);

  // LostBackends is how many server processes were lost in the middle of a committing statement and
  // not seen to be gone yet. Every connection anew tells those that still run to end and forgets
  // the others, so it does not grow.
  size_t LostBackends() const { return lost_.size(); }

  // Drop closes the connection from our side, without a word to the server.
  void Drop();

 private:
  // Backend names one server process for ever: process ids alone are used again.
  struct Backend {
    std::string pid;
    std::string started;
  };
  enum class Wait { kReady, kDeadline, kLost };

  absl::StatusOr<LaneResult> Execute(const LaneStatement& statement,
                                     std::span<const std::string_view> parameters,
                                     MonotonicTime deadline);

  Wait WaitForResult(MonotonicTime deadline);
  absl::Status Establish(MonotonicTime deadline);
  absl::Status SetUpSession(MonotonicTime deadline);
  bool SendSetUpStep();
  bool SendFenceQuestion();
  void NoteCommit(const absl::Status& status, bool commits);
  bool SendAboutLostBackends(const char* sql);
  void KeepOnlyRunning(const LaneResult& running);
  absl::Status Collect(bool commits, MonotonicTime deadline, LaneResult& last);
  absl::Status FailureOf(const pg_result* result, bool commits);
  absl::Status Lose(StoreFailure failure, bool commits);
  absl::Status LoseServer(bool commits);

  const ConnectionParameters parameters_;
  const std::span<const LaneStatement> statements_;

  pg_conn* connection_ = nullptr;
  MonotonicTime attempt_began_;
  short awaited_ = 0;         // poll events that the start-up waits for
  bool established_ = false;  // the protocol's start-up is through
  size_t set_up_step_ = 0;
  bool step_sent_ = false;
  bool ready_ = false;
  bool warned_ = false;  // the server sent a warning during the statement
  Backend backend_;
  std::vector<Backend> lost_;  // lost during a committing statement

  AuditFence* const fence_;
  FenceQuestion asked_;               // of the connection that is being set up
  std::optional<SeenHead> writing_;   // of the transaction under way
  std::optional<SeenHead> in_doubt_;  // of one whose outcome was lost
};

}  // namespace kakunin
