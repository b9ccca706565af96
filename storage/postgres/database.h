#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "domain/audit_chain.h"
#include "storage/audit_fence.h"
#include "storage/database.h"
#include "storage/postgres/bounded_connection.h"
#include "storage/postgres/watchdog.h"

namespace kakunin {

// PostgresOptions say where a pool connects and as whom.
struct PostgresOptions {
  std::string conninfo;  // libpq connection string
  std::string role;      // database user; empty: the connection string's
  std::string application_name = "kakunin";
  int pool_size = 4;
  HashFunction hash = nullptr;           // SHA-256, for the audit chain
  std::function<StreamId()> new_stream;  // random; called once a connection
  // Every connection is asked for what it has seen, and it sees what is committed; outlives the
  // pool. Null: nothing is asked.
  AuditFence* fence = nullptr;
};

// PostgresTransaction is the Transaction that this folder's stores are handed.
class PostgresTransaction : public Transaction {
 public:
  PostgresTransaction(pqxx::transaction_base& work, AuditChain& chain)
      : work_(work), chain_(chain) {}

  absl::StatusOr<AuditId> AppendAudit(AuditRecord record) override;

  // Work is the libpqxx transaction inside `tx`, which must come from a PostgresDatabase.
  static pqxx::transaction_base& Work(Transaction& tx) {
    return static_cast<PostgresTransaction&>(tx).work_;
  }

  // The last row appended; empty when none was.
  const std::optional<SeenHead>& last_audit() const { return last_audit_; }

 private:
  pqxx::transaction_base& work_;
  AuditChain& chain_;
  std::optional<SeenHead> last_audit_;
};

// PostgresDatabase is a pool of at most `pool_size` connections, made when needed and kept. Each
// connection is an audit stream of its own, and a new connection is a new stream. Write runs READ
// COMMITTED; Read sees one snapshot. Thread-safe.
class PostgresDatabase : public Database {
 public:
  explicit PostgresDatabase(PostgresOptions options);
  ~PostgresDatabase() override;

  absl::Status Write(MonotonicTime deadline,
                     const std::function<absl::Status(Transaction&)>& act) override;
  absl::Status Read(MonotonicTime deadline,
                    const std::function<absl::Status(Transaction&)>& act) override;

  // Waiting is how many calls wait for a free connection now.
  int Waiting() const;

 private:
  struct Session;
  // Uncommitted is a commit whose outcome was lost with its connection.
  struct Uncommitted {
    SeenHead row;
    int backend = 0;
    std::string backend_start;
  };
  using Act = std::function<absl::Status(Transaction&)>;

  // Attempt runs `act` once, on a connection that is alive when the transaction begins.
  absl::Status Attempt(bool write, MonotonicTime deadline, const Act& act,
                       std::optional<Uncommitted>& lost);
  absl::Status RunIn(Session& session, bool write, Watchdog::Watch& watch, const Act& act,
                     bool& began, std::optional<Uncommitted>& lost);
  absl::Status Commit(Session& session, pqxx::transaction_base& work,
                      const PostgresTransaction& transaction, std::optional<Uncommitted>& lost);
  // Resolve finds out whether a lost commit happened; OK when it did.
  absl::Status Resolve(const Uncommitted& lost, MonotonicTime deadline);

  std::unique_ptr<Session> Connect(Watchdog::Watch& watch);
  bool TakeSlot(MonotonicTime deadline, std::unique_ptr<Session>& idle);
  void GiveBack(std::unique_ptr<Session> session);

  const PostgresOptions options_;
  Watchdog watchdog_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  int waiting_ = 0;                             // under mutex_
  int slots_;                                   // free ones, under mutex_
  std::vector<std::unique_ptr<Session>> idle_;  // under mutex_; the last used is the first taken
};

}  // namespace kakunin
