#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/postgres/bounded_connection.h"
#include "storage/postgres/embedded_migrations.h"
#include "storage/postgres/partitions.h"

namespace kakunin {

// kMonthsAhead is how many months beyond the current one have their partitions made.
inline constexpr int kMonthsAhead = 3;

// MigrationStatus is one step of the schema as this database has it.
struct MigrationStatus {
  int version = 0;
  std::string name;
  std::optional<absl::Time> applied_at;  // empty: pending
  bool altered = false;                  // applied with another text than this binary's
  bool unknown = false;                  // applied by a newer binary
};

// Migrator moves a database's schema forward, as the role kakunin_migrate and no other. Its errors
// are for the operator who runs it: FAILED_PRECONDITION says what to do, UNAVAILABLE that the
// server did not answer, ABORTED that a lock was not to be had, INTERNAL names the migration and
// the SQLSTATE. One thread.
class Migrator {
 public:
  // Connect logs in as kakunin_migrate at `conninfo`, within ten seconds. `migrations` must outlive
  // the migrator.
  static absl::StatusOr<std::unique_ptr<Migrator>> Connect(
      const std::string& conninfo, std::span<const Migration> migrations = EmbeddedMigrations());

  // Status lists every step that this binary or the database knows.
  absl::StatusOr<std::vector<MigrationStatus>> Status();

  // Up applies what is pending, each step in a transaction of its own, and makes the months that
  // are missing. Refuses a database whose steps were altered or are newer. Returns the names of
  // what it applied, or with `dry_run` would apply. Two at once queue; each step is applied once.
  // `months_back`: see Partitions.
  absl::StatusOr<std::vector<std::string>> Up(absl::Time now, bool dry_run,
                                              std::optional<int> months_back = {});

  // Verify lists what is wrong: altered, unknown or pending steps, objects of another owner, rows
  // in default partitions. Empty: nothing.
  absl::StatusOr<std::vector<std::string>> Verify();

  // Partitions makes the months of rows in default partitions, those from that of `now` (UTC) to
  // `months_ahead` later, and of tables
  // whose months are of data `months_back` behind it; empty: everything that is kept
  // (domain/retention.h).
  absl::StatusOr<PartitionReport> Partitions(int months_ahead, absl::Time now,
                                             std::optional<int> months_back = {});

 private:
  explicit Migrator(std::span<const Migration> migrations) : migrations_(migrations) {}

  absl::Status CheckRights();
  absl::StatusOr<bool> Apply(const Migration& migration, absl::Time now);
  std::vector<absl::CivilMonth> LateMonths(const PartitionedTable& table);

  const std::span<const Migration> migrations_;
  Watchdog watchdog_;
  std::unique_ptr<BoundedConnection> connection_;
};

// CheckSchema is FAILED_PRECONDITION when the database lacks a step that this binary was built for,
// or has it with another text: then a server must not start. Newer steps are fine.
absl::Status CheckSchema(Transaction& tx,
                         std::span<const Migration> migrations = EmbeddedMigrations());

}  // namespace kakunin
