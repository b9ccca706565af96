#include "storage/postgres/lane_connection.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "storage/postgres/audit_heads.h"
#include "storage/postgres/statement_failure.h"

namespace kakunin {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kAttemptBound(5);

// The statements are few and their plans are known: a generic plan spares planning every batch, and
// without the other joins and scans the plan does not depend on how full the tables were when it
// was made. The statement bound is a backstop behind our own poll.
constexpr char kSession[] =
    "SET plan_cache_mode = force_generic_plan; SET statement_timeout = '1s';"
    "SET search_path = kakunin; SET client_min_messages = warning; SET jit = off;"
    "SET client_connection_check_interval = '1s';"
    "SET default_transaction_isolation = 'read committed';"
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off;"
    "SET enable_mergejoin = off; SET enable_memoize = off; SET enable_material = off;"
    "SELECT pid, extract(epoch FROM backend_start) FROM pg_stat_activity"
    " WHERE pid = pg_backend_pid()";

// Names those that still run; the others are gone, and what they wrote is decided.
constexpr char kTerminateLost[] =
    "SELECT a.pid, lost.started, pg_terminate_backend(a.pid)"
    " FROM unnest($1::int4[], $2::numeric[]) AS lost(pid, started)"
    " JOIN pg_stat_activity a"
    " ON a.pid = lost.pid AND extract(epoch FROM a.backend_start) = lost.started";

constexpr char kLostStillThere[] =
    "SELECT a.pid FROM unnest($1::int4[], $2::numeric[]) AS lost(pid, started)"
    " JOIN pg_stat_activity a"
    " ON a.pid = lost.pid AND extract(epoch FROM a.backend_start) = lost.started";

constexpr size_t kSessionStep = 0;
constexpr size_t kTerminateStep = 1;
constexpr size_t kFenceStep = 2;
constexpr size_t kFirstPrepareStep = 3;

// PollSocket waits for `events`; false when the deadline came first.
bool PollSocket(int socket, short events, MonotonicTime deadline) {
  for (;;) {
    const auto left = std::max(
        nanoseconds(0), std::chrono::duration_cast<nanoseconds>(deadline - steady_clock::now()));
    const timespec wait{.tv_sec = left.count() / 1'000'000'000,
                        .tv_nsec = left.count() % 1'000'000'000};
    pollfd entry{.fd = socket, .events = events, .revents = 0};
    const int found = ppoll(&entry, 1, &wait, nullptr);
    if (found > 0) return true;
    if (found == 0) return false;
    if (errno != EINTR) return true;  // let libpq find out what is wrong with the socket
  }
}

void NoteWarning(void* warned, const PGresult* notice) {
  const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity != nullptr && std::strcmp(severity, "WARNING") == 0) {
    *static_cast<bool*>(warned) = true;
  }
}

std::string_view Field(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

bool IsFailure(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK;
}

// IsLoss tells from an SQLSTATE that the connection ends, possibly after the commit.
bool IsLoss(std::string_view sqlstate) {
  return sqlstate.empty() || sqlstate.starts_with("08") || sqlstate.starts_with("57P");
}

// NewSessionHelps tells from an SQLSTATE that nothing was written and that a new connection may
// fare better: the server is a standby now, or a migration changed what a statement returns.
bool NewSessionHelps(std::string_view sqlstate) {
  return sqlstate == "25006" || sqlstate == "0A000" || sqlstate == "26000";
}

}  // namespace

void LaneResult::Clear::operator()(pg_result* result) const { PQclear(result); }

int LaneResult::rows() const { return result_ ? PQntuples(result_.get()) : 0; }

bool LaneResult::IsNull(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view LaneResult::Cell(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

LaneConnection::LaneConnection(ConnectionParameters parameters,
                               std::span<const LaneStatement> statements, AuditFence* fence)
    : parameters_(std::move(parameters)), statements_(statements), fence_(fence) {}

LaneConnection::~LaneConnection() { Drop(); }

void LaneConnection::Drop() {
  ready_ = established_ = false;
  if (connection_ == nullptr) return;
  // PQfinish says goodbye, which a full socket to a frozen server would not take.
  if (const int socket = PQsocket(connection_); socket >= 0) shutdown(socket, SHUT_RDWR);
  PQfinish(connection_);
  connection_ = nullptr;
}

void LaneConnection::DropIfClosed() {
  if (!ready_) return;
  // While nothing runs a socket has something to read only when it is closed or when the server
  // speaks unasked, at most its last words before it closes: the look after those finds the end.
  constexpr int kMostLooks = 4;
  for (int look = 0; look < kMostLooks; ++look) {
    if (!PollSocket(PQsocket(connection_), POLLIN, MonotonicTime())) return;
    if (PQconsumeInput(connection_) == 0 || PQstatus(connection_) == CONNECTION_BAD) return Drop();
    PQisBusy(connection_);  // reads what came, so that the buffer cannot fill
  }
}

absl::Status LaneConnection::Lose(StoreFailure failure, bool commits) {
  if (commits) lost_.push_back(backend_);
  Drop();
  return StoreError(failure);
}

absl::Status LaneConnection::LoseServer(bool commits) {
  return Lose(commits ? StoreFailure::kUnknownOutcome : StoreFailure::kUnavailable, commits);
}

absl::Status LaneConnection::Reconnect(MonotonicTime deadline) {
  if (ready_) return absl::OkStatus();
  if (connection_ != nullptr && steady_clock::now() - attempt_began_ > kAttemptBound) Drop();
  if (connection_ == nullptr) {
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : parameters_) {
      keywords.push_back(keyword.c_str());
      values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    connection_ = PQconnectStartParams(keywords.data(), values.data(), /*expand_dbname=*/1);
    attempt_began_ = steady_clock::now();
    awaited_ = POLLOUT;
    set_up_step_ = kSessionStep;
    step_sent_ = false;
  }
  absl::Status status = Establish(deadline);
  if (status.ok()) status = SetUpSession(deadline);
  if (!status.ok() && StoreFailureOf(status) != StoreFailure::kTimedOut) Drop();
  ready_ = status.ok();
  return status;
}

absl::Status LaneConnection::Establish(MonotonicTime deadline) {
  while (!established_) {
    if (PQstatus(connection_) == CONNECTION_BAD) return StoreError(StoreFailure::kUnavailable);
    if (!PollSocket(PQsocket(connection_), awaited_, deadline)) {
      return StoreError(StoreFailure::kTimedOut);
    }
    switch (PQconnectPoll(connection_)) {
      case PGRES_POLLING_READING:
        awaited_ = POLLIN;
        break;
      case PGRES_POLLING_WRITING:
        awaited_ = POLLOUT;
        break;
      case PGRES_POLLING_OK:
        established_ = true;
        PQsetnonblocking(connection_, 1);
        PQsetNoticeReceiver(connection_, &NoteWarning, &warned_);
        break;
      default:
        return StoreError(StoreFailure::kUnavailable);
    }
  }
  return absl::OkStatus();
}

absl::Status LaneConnection::SetUpSession(MonotonicTime deadline) {
  const size_t steps = kFirstPrepareStep + statements_.size();
  while (set_up_step_ < steps) {
    if ((set_up_step_ == kTerminateStep && lost_.empty()) ||
        (set_up_step_ == kFenceStep && !step_sent_ && (fence_ == nullptr || fence_->empty()))) {
      ++set_up_step_;
      continue;
    }
    if (!step_sent_ && !SendSetUpStep()) return StoreError(StoreFailure::kUnavailable);
    step_sent_ = true;
    for (;;) {
      const Wait wait = WaitForResult(deadline);
      if (wait == Wait::kDeadline) return StoreError(StoreFailure::kTimedOut);
      if (wait == Wait::kLost) return StoreError(StoreFailure::kUnavailable);
      const LaneResult result(PQgetResult(connection_));
      if (result.result_ == nullptr) break;
      if (IsFailure(result.result_.get())) {
        if (set_up_step_ == kFenceStep &&
            LacksTheAudit(Field(result.result_.get(), PG_DIAG_SQLSTATE))) {
          fence_->Found(asked_, false);
        }
        absl::Status status = FailureOf(result.result_.get(), false);
        Drop();
        return status;
      }
      if (set_up_step_ == kSessionStep && result.rows() == 1) {
        backend_ = {std::string(result.Cell(0, 0)), std::string(result.Cell(0, 1))};
      }
      if (set_up_step_ == kTerminateStep) KeepOnlyRunning(result);
      if (set_up_step_ == kFenceStep) {
        const bool standby = result.rows() > 0 && result.Cell(0, 0) == kStandbyPlace;
        if (!standby) fence_->Found(asked_, result.rows() == 0);
        if (result.rows() > 0) {
          Drop();
          return StoreError(StoreFailure::kUnavailable);
        }
      }
    }
    step_sent_ = false;
    ++set_up_step_;
  }
  return absl::OkStatus();
}

bool LaneConnection::SendSetUpStep() {
  if (set_up_step_ == kSessionStep) return PQsendQuery(connection_, kSession) == 1;
  if (set_up_step_ == kTerminateStep) return SendAboutLostBackends(kTerminateLost);
  if (set_up_step_ == kFenceStep) return SendFenceQuestion();
  const LaneStatement& statement = statements_[set_up_step_ - kFirstPrepareStep];
  return PQsendPrepare(connection_, statement.name, statement.sql, 0, nullptr) == 1;
}

bool LaneConnection::SendFenceQuestion() {
  asked_ = fence_->Question();
  const AuditHeadArrays heads(asked_.heads);
  const char* values[] = {heads.streams.c_str(), heads.numbers.c_str(), heads.ats.c_str(),
                          heads.hashes.c_str()};
  return PQsendQueryParams(connection_, kAuditHeadsNotKept, 4, nullptr, values, nullptr, nullptr,
                           0) == 1;
}

void LaneConnection::NoteCommit(const absl::Status& status, bool commits) {
  if (!writing_) return;
  if (!status.ok()) {
    // A refused statement wrote nothing, and a lost connection leaves it to IsThere.
    in_doubt_ = std::exchange(writing_, std::nullopt);
    return;
  }
  // Inside a transaction the commit is still to come.
  if (PQtransactionStatus(connection_) != PQTRANS_IDLE) return;
  // What a ROLLBACK ended was never committed.
  if (commits && fence_ != nullptr) fence_->Saw(*writing_);
  writing_.reset();
}

void LaneConnection::IsThere(const AuditId& id) {
  if (fence_ == nullptr || !in_doubt_ || in_doubt_->id.stream != id.stream ||
      in_doubt_->id.number != id.number) {
    return;
  }
  fence_->Saw(*in_doubt_);
  in_doubt_.reset();
}

void LaneConnection::KeepOnlyRunning(const LaneResult& running) {
  lost_.clear();
  for (int row = 0; row < running.rows(); ++row) {
    lost_.push_back({std::string(running.Cell(row, 0)), std::string(running.Cell(row, 1))});
  }
}

bool LaneConnection::SendAboutLostBackends(const char* sql) {
  std::string pids = "{";
  std::string starts = "{";
  for (const Backend& backend : lost_) {
    if (pids.size() > 1) {
      pids += ',';
      starts += ',';
    }
    pids += backend.pid;
    starts += backend.started;
  }
  pids += '}';
  starts += '}';
  const char* values[] = {pids.c_str(), starts.c_str()};
  return PQsendQueryParams(connection_, sql, 2, nullptr, values, nullptr, nullptr, 0) == 1;
}

LaneConnection::Wait LaneConnection::WaitForResult(MonotonicTime deadline) {
  for (;;) {
    const int unsent = PQflush(connection_);
    if (unsent < 0) return Wait::kLost;
    if (PQisBusy(connection_) == 0) return Wait::kReady;
    const short events = static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
    if (!PollSocket(PQsocket(connection_), events, deadline)) return Wait::kDeadline;
    if (PQconsumeInput(connection_) == 0) return Wait::kLost;
  }
}

absl::Status LaneConnection::FailureOf(const pg_result* result, bool commits) {
  const std::string sqlstate(Field(result, PG_DIAG_SQLSTATE));
  if (PQstatus(connection_) == CONNECTION_BAD || IsLoss(sqlstate)) return LoseServer(commits);
  if (NewSessionHelps(sqlstate)) return Lose(StoreFailure::kUnavailable, false);
  return StoreError(FailureForSqlState(sqlstate), sqlstate, Field(result, PG_DIAG_CONSTRAINT_NAME));
}

absl::Status LaneConnection::Collect(bool commits, MonotonicTime deadline, LaneResult& last) {
  absl::Status outcome;
  for (;;) {
    const Wait wait = WaitForResult(deadline);
    if (wait == Wait::kDeadline) return Lose(StoreFailure::kTimedOut, commits);
    if (wait == Wait::kLost) return LoseServer(commits);
    LaneResult result(PQgetResult(connection_));
    if (result.result_ == nullptr) return outcome;
    if (IsFailure(result.result_.get())) {
      outcome = FailureOf(result.result_.get(), commits);
      if (connection_ == nullptr) return outcome;
    } else {
      last = std::move(result);
    }
  }
}

absl::StatusOr<LaneResult> LaneConnection::Execute(const LaneStatement& statement,
                                                   std::span<const std::string_view> parameters,
                                                   MonotonicTime deadline) {
  constexpr size_t kMost = 64;
  if (!ready_) return StoreError(StoreFailure::kUnavailable);
  if (parameters.size() > kMost) return StoreError(StoreFailure::kBroken);
  const char* values[kMost];
  int lengths[kMost];
  int formats[kMost];
  for (size_t i = 0; i < parameters.size(); ++i) {
    values[i] = parameters[i].data();
    lengths[i] = static_cast<int>(parameters[i].size());
    formats[i] = 1;
  }
  warned_ = false;
  if (PQsendQueryPrepared(connection_, statement.name, static_cast<int>(parameters.size()), values,
                          lengths, formats, 1) != 1) {
    return LoseServer(statement.commits);
  }
  LaneResult result;
  if (absl::Status status = Collect(statement.commits, deadline, result); !status.ok()) {
    return status;
  }
  // A commit that was cancelled while it waited for a standby succeeds with a warning only: it must
  // not be acknowledged. The connection goes with it: its audit stream may hold the rows, so that
  // no later row may take their numbers.
  if (statement.commits && warned_) return Lose(StoreFailure::kUnknownOutcome, true);
  return result;
}

absl::StatusOr<LaneResult> LaneConnection::Run(const LaneStatement& statement,
                                               std::span<const std::string_view> parameters,
                                               MonotonicTime deadline) {
  absl::StatusOr<LaneResult> result = Execute(statement, parameters, deadline);
  NoteCommit(result.status(), statement.commits);
  return result;
}

absl::StatusOr<bool> LaneConnection::LostBackendsRun(MonotonicTime deadline) {
  if (!ready_) return StoreError(StoreFailure::kUnavailable);
  if (lost_.empty()) return false;
  if (!SendAboutLostBackends(kLostStillThere)) return Lose(StoreFailure::kUnavailable, false);
  LaneResult result;
  if (absl::Status status = Collect(false, deadline, result); !status.ok()) return status;
  if (result.rows() > 0) return true;
  lost_.clear();
  return false;
}

}  // namespace kakunin
