#include "storage/postgres/database.h"

#include <pqxx/nontransaction>
#include <pqxx/transaction>

#include "storage/postgres/audit_heads.h"
#include "storage/postgres/audit_row.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;
using WriteWork = pqxx::transaction<pqxx::read_committed>;
using ReadWork = pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>;

// How often one act is repeated after a serialisation failure or a deadlock.
constexpr int kAttempts = 5;

// The check interval ends statements whose client has cut its socket: their locks are free again
// within 200 ms of the call's end.
constexpr char kSession[] =
    "SET search_path = kakunin; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD';"
    "SET bytea_output = 'hex'; SET client_min_messages = warning; SET jit = off;"
    "SET client_connection_check_interval = '100ms';"
    "SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()";

}  // namespace

struct PostgresDatabase::Session {
  BoundedConnection connection;
  AuditChain chain;
  // Names the server process for ever; libpq forgets it when the connection is lost.
  int backend = 0;
  std::string backend_start;

  Session(const PostgresOptions& options, Watchdog::Watch& watch)
      : connection(
            ConnectionParametersFor(options.conninfo, options.role, options.application_name),
            watch),
        chain(options.new_stream(), options.hash) {
    pqxx::nontransaction work(connection);
    backend_start = work.exec(kSession)[0][0].c_str();
    backend = connection.backendpid();
    if (options.fence != nullptr && !HasWhatWasSeen(work, *options.fence)) {
      throw pqxx::broken_connection("the database is older than what was seen of it");
    }
  }
};

absl::StatusOr<AuditId> PostgresTransaction::AppendAudit(AuditRecord record) {
  return RunStatements([&]() -> absl::StatusOr<AuditId> {
    chain_.Link(record);
    InsertAuditRow(work_, record);
    last_audit_ = SeenHead{.id = record.id, .at = record.at, .hash = record.hash};
    return record.id;
  });
}

PostgresDatabase::PostgresDatabase(PostgresOptions options)
    : options_(std::move(options)), slots_(options_.pool_size) {}

PostgresDatabase::~PostgresDatabase() = default;

absl::Status PostgresDatabase::Write(MonotonicTime deadline, const Act& act) {
  for (int attempt = 1;; ++attempt) {
    std::optional<Uncommitted> lost;
    absl::Status status = Attempt(true, deadline, act, lost);
    if (lost.has_value()) return Resolve(*lost, deadline);
    if (StoreFailureOf(status) != StoreFailure::kSerialisation || attempt == kAttempts) {
      return status;
    }
  }
}

absl::Status PostgresDatabase::Read(MonotonicTime deadline, const Act& act) {
  std::optional<Uncommitted> none;
  return Attempt(false, deadline, act, none);
}

bool PostgresDatabase::TakeSlot(MonotonicTime deadline, std::unique_ptr<Session>& idle) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  const bool free = freed_.wait_until(lock, deadline, [this] { return slots_ > 0; });
  --waiting_;
  if (!free) return false;
  --slots_;
  if (!idle_.empty()) {
    idle = std::move(idle_.back());
    idle_.pop_back();
  }
  return true;
}

int PostgresDatabase::Waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

void PostgresDatabase::GiveBack(std::unique_ptr<Session> session) {
  if (session != nullptr && !session->connection.Idle()) session.reset();
  const std::lock_guard lock(mutex_);
  if (session != nullptr) idle_.push_back(std::move(session));
  ++slots_;
  freed_.notify_one();
}

std::unique_ptr<PostgresDatabase::Session> PostgresDatabase::Connect(Watchdog::Watch& watch) {
  try {
    return std::make_unique<Session>(options_, watch);
  } catch (const std::exception&) {
    return nullptr;
  }
}

absl::Status PostgresDatabase::Attempt(bool write, MonotonicTime deadline, const Act& act,
                                       std::optional<Uncommitted>& lost) {
  std::unique_ptr<Session> session;
  if (!TakeSlot(deadline, session)) return StoreError(StoreFailure::kTimedOut);
  Watchdog::Watch watch(watchdog_, deadline);
  absl::Status status = StoreError(StoreFailure::kUnavailable);
  bool began = false;
  if (session != nullptr) {
    session->connection.SetWatch(&watch);
    status = RunIn(*session, write, watch, act, began, lost);
    // A connection that rested may have died meanwhile: nothing has begun, so a new one may try.
    if (!began && !watch.fired()) session.reset();
  }
  if (session == nullptr) {
    session = Connect(watch);
    if (session != nullptr) status = RunIn(*session, write, watch, act, began, lost);
  }
  if (!status.ok() && !lost.has_value() && steady_clock::now() >= deadline &&
      StoreFailureOf(status) == StoreFailure::kUnavailable) {
    status = StoreError(StoreFailure::kTimedOut);
  }
  if (session == nullptr) status = AtDatabase(status, DatabaseNamed(options_.conninfo));
  if (session != nullptr) session->connection.SetWatch(nullptr);
  // Of a commit that may have happened the stream may hold the rows: no later row of it may take
  // their numbers.
  const bool unknown = StoreFailureOf(status) == StoreFailure::kUnknownOutcome;
  if (watch.fired() || unknown) session.reset();
  GiveBack(std::move(session));
  return status;
}

absl::Status PostgresDatabase::RunIn(Session& session, bool write, Watchdog::Watch& watch,
                                     const Act& act, bool& began,
                                     std::optional<Uncommitted>& lost) {
  const AuditChain::Place place = session.chain.place();
  absl::Status status = RunStatements([&]() -> absl::Status {
    std::unique_ptr<pqxx::transaction_base> work;
    if (write) {
      work = std::make_unique<WriteWork>(session.connection);
    } else {
      work = std::make_unique<ReadWork>(session.connection);
    }
    began = true;
    PostgresTransaction transaction(*work, session.chain);
    if (absl::Status done = act(transaction); !done.ok()) return done;
    return Commit(session, *work, transaction, lost);
  });
  if (!status.ok()) session.chain.ReturnTo(place);
  if (!status.ok() && watch.fired() && StoreFailureOf(status) == StoreFailure::kUnknownOutcome) {
    lost.reset();  // no time is left to find out
  }
  return status;
}

absl::Status PostgresDatabase::Commit(Session& session, pqxx::transaction_base& work,
                                      const PostgresTransaction& transaction,
                                      std::optional<Uncommitted>& lost) {
  // COMMIT of a failed transaction is a rollback that looks like success.
  if (session.connection.InFailedTransaction()) return StoreError(StoreFailure::kBroken);
  session.connection.TakeWarning();
  absl::Status status = RunStatements([&] {
    work.commit();
    return absl::OkStatus();
  });
  if (status.ok() && session.connection.TakeWarning()) {
    status = StoreError(StoreFailure::kUnknownOutcome);
  }
  const std::optional<StoreFailure> failure = StoreFailureOf(status);
  if (failure == StoreFailure::kUnknownOutcome || failure == StoreFailure::kUnavailable) {
    if (transaction.last_audit().has_value()) {
      lost = Uncommitted{*transaction.last_audit(), session.backend, session.backend_start};
    }
    return StoreError(StoreFailure::kUnknownOutcome);
  }
  if (status.ok() && options_.fence != nullptr && transaction.last_audit().has_value()) {
    options_.fence->Saw(*transaction.last_audit());
  }
  return status;
}

absl::Status PostgresDatabase::Resolve(const Uncommitted& lost, MonotonicTime deadline) {
  std::optional<bool> exists;
  std::optional<Uncommitted> none;
  const absl::Status looked = Attempt(
      true, deadline,
      [&](Transaction& tx) {
        return RunStatements([&]() -> absl::Status {
          pqxx::transaction_base& work = PostgresTransaction::Work(tx);
          const auto left =
              std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now())
                  .count();
          // The lost server process may still be about to commit: what we see is final only when it
          // is gone.
          const pqxx::result running = work.exec_params(
              "SELECT pg_terminate_backend(pid, $3) FROM pg_stat_activity"
              " WHERE pid = $1 AND backend_start = $2::timestamptz",
              lost.backend, lost.backend_start, std::clamp<int64_t>(left, 1, 10'000));
          if (!running.empty() && !running[0][0].as<bool>(false)) {
            // One that ended between being listed and being told to has not been ended either.
            work.exec("SELECT pg_stat_clear_snapshot()");
            const pqxx::result still = work.exec_params(
                "SELECT FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2::timestamptz",
                lost.backend, lost.backend_start);
            if (!still.empty()) return absl::OkStatus();
          }
          // The message is a record of its own in the write-ahead log, so that this commit, and
          // with it everything that was seen, has reached the standbys before it is believed.
          exists = work.exec_params(
                           "SELECT kakunin.audit_row_exists($1, $2),"
                           " pg_logical_emit_message(true, 'kakunin', '')",
                           UuidText(lost.row.id.stream), lost.row.id.number)[0][0]
                       .as<bool>();
          return absl::OkStatus();
        });
      },
      none);
  if (!looked.ok() || !exists.has_value()) return StoreError(StoreFailure::kUnknownOutcome);
  if (!*exists) return StoreError(StoreFailure::kUnavailable);
  if (options_.fence != nullptr) options_.fence->Saw(lost.row);
  return absl::OkStatus();
}

}  // namespace kakunin
