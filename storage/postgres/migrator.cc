#include "storage/postgres/migrator.h"

#include <fmt/format.h>

#include <map>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>
#include <set>

#include "domain/civil_day.h"
#include "domain/retention.h"
#include "storage/postgres/database.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

constexpr char kRole[] = "kakunin_migrate";
constexpr std::chrono::seconds kConnectBound(10);
// A step that waits for a lock makes everybody queue behind it: better to give up and come again.
constexpr char kLockBound[] = "SET LOCAL lock_timeout = '5s'";
// The first step makes what belongs to the whole cluster, where another database's may collide; any
// step may meet the servers that go on beside it in a ring of locks. Both leave nothing behind.
constexpr int kAttempts = 5;

constexpr char kDeadlock[] = "40P01";

constexpr char kWhatToDo[] =
    "As a superuser: CREATE ROLE kakunin_migrate LOGIN CREATEROLE; CREATE DATABASE kakunin OWNER"
    " kakunin_migrate ENCODING 'UTF8'; and let that role log in (pg_hba.conf).";

// OperatorError turns the exception being handled into a status for the operator. PostgreSQL's own
// message may hold values of rows, so only its SQLSTATE is told.
absl::Status OperatorError(const std::string& doing) {
  const absl::Status status = StatusOfCurrentException();
  const std::string sqlstate = SqlStateOf(status);
  if (sqlstate == "42501") {
    return absl::FailedPreconditionError(
        fmt::format("{}: the role {} lacks a right. {}", doing, kRole, kWhatToDo));
  }
  if (sqlstate == "55P03" || sqlstate == kDeadlock) {
    return absl::AbortedError(
        fmt::format("{}: a table it needs was busy{}; nothing was changed, run it again", doing,
                    sqlstate == kDeadlock ? " in a ring of locks" : " for 5 s"));
  }
  if (StoreFailureOf(status) == StoreFailure::kUnavailable) {
    return absl::UnavailableError(fmt::format("{}: the connection was lost", doing));
  }
  return absl::InternalError(
      fmt::format("{}: SQLSTATE {}; the server's log tells more", doing, sqlstate));
}

// Operate runs `act` and turns what it throws into a status for the operator.
template <class Act>
auto Operate(const std::string& doing, Act&& act) -> std::invoke_result_t<Act> {
  try {
    return act();
  } catch (const std::exception&) {
    return OperatorError(doing);
  }
}

std::string LabelOf(const Migration& migration) {
  return fmt::format("{:04}_{}", migration.version, migration.name);
}

bool HasHistory(pqxx::transaction_base& work) {
  return work
      .exec(
          "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
          " WHERE n.nspname = 'kakunin' AND c.relname = 'schema_migration')")[0][0]
      .as<bool>();
}

std::vector<MigrationStatus> ReadStatus(pqxx::transaction_base& work,
                                        std::span<const Migration> migrations) {
  std::map<int, MigrationStatus> steps;
  for (const Migration& migration : migrations) {
    steps[migration.version] = {.version = migration.version, .name = std::string(migration.name)};
  }
  if (HasHistory(work)) {
    const pqxx::result rows = work.exec(
        "SELECT version, name, encode(checksum, 'hex'),"
        " (extract(epoch FROM applied_at) * 1000000)::bigint FROM kakunin.schema_migration");
    for (const auto& row : rows) {
      const auto version = row[0].as<int>();
      MigrationStatus& step = steps[version];
      step.unknown = step.version == 0;
      if (step.unknown) step = {.version = version, .name = row[1].c_str(), .unknown = true};
      step.altered = !step.unknown && migrations[version - 1].checksum != row[2].c_str();
      step.applied_at = absl::FromUnixMicros(row[3].as<int64_t>());
    }
  }
  std::vector<MigrationStatus> list;
  list.reserve(steps.size());
  for (auto& [version, step] : steps) list.push_back(std::move(step));
  return list;
}

// Trouble says why this binary must not touch the database; empty when it may.
std::string Trouble(const MigrationStatus& step) {
  if (step.altered) {
    return fmt::format("migration {:04}_{} was applied with another text than this binary holds",
                       step.version, step.name);
  }
  if (step.unknown) {
    return fmt::format("migration {:04}_{} is newer than this binary: use the newer one",
                       step.version, step.name);
  }
  return "";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Migrator>> Migrator::Connect(const std::string& conninfo,
                                                            std::span<const Migration> migrations) {
  std::unique_ptr<Migrator> migrator(new Migrator(migrations));
  Watchdog::Watch watch(migrator->watchdog_, std::chrono::steady_clock::now() + kConnectBound);
  try {
    migrator->connection_ = std::make_unique<BoundedConnection>(
        ConnectionParametersFor(conninfo, kRole, "kakunin migrate"), watch);
  } catch (const std::exception& error) {
    // Nobody's data are in a refused log-in: libpq's own words are what helps.
    return absl::UnavailableError(
        fmt::format("cannot log in as {}: {}{}", kRole, error.what(), kWhatToDo));
  }
  migrator->connection_->SetWatch(nullptr);
  if (absl::Status status = migrator->CheckRights(); !status.ok()) return status;
  return migrator;
}

absl::Status Migrator::CheckRights() {
  return Operate("checking the database", [&]() -> absl::Status {
    pqxx::nontransaction work(*connection_);
    work.exec("SET timezone = 'UTC'; SET client_min_messages = warning; SET search_path = ''");
    const pqxx::row facts =
        work.exec(
                "SELECT current_setting('server_version_num')::int / 10000,"
                " current_setting('server_encoding'),"
                " has_database_privilege(current_database(), 'CREATE'),"
                " (SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user)"
                " OR (SELECT count(*) = 7 FROM pg_roles WHERE rolname IN ('kakunin_owner',"
                " 'kakunin_terminal', 'kakunin_insurer', 'kakunin_operator', 'kakunin_job',"
                " 'kakunin_auditor', 'kakunin_onboarding'))")
            .front();
    if (facts[0].as<int>() < 15) {
      return absl::FailedPreconditionError("the server is older than PostgreSQL 15");
    }
    if (std::string_view(facts[1].c_str()) != "UTF8") {
      return absl::FailedPreconditionError(
          fmt::format("the database's encoding is not UTF8. {}", kWhatToDo));
    }
    if (!facts[2].as<bool>() || !facts[3].as<bool>()) {
      return absl::FailedPreconditionError(
          fmt::format("the role {} may not create {}. {}", kRole,
                      facts[2].as<bool>() ? "roles" : "a schema in this database", kWhatToDo));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<MigrationStatus>> Migrator::Status() {
  return Operate("reading the status", [&]() -> absl::StatusOr<std::vector<MigrationStatus>> {
    pqxx::work work(*connection_);
    return ReadStatus(work, migrations_);
  });
}

absl::StatusOr<std::vector<std::string>> Migrator::Up(absl::Time now, bool dry_run,
                                                      std::optional<int> months_back) {
  auto steps = Status();
  if (!steps.ok()) return steps.status();
  for (const MigrationStatus& step : *steps) {
    if (const std::string trouble = Trouble(step); !trouble.empty()) {
      return absl::FailedPreconditionError(trouble);
    }
  }
  std::vector<std::string> applied;
  for (const MigrationStatus& step : *steps) {
    if (step.applied_at.has_value()) continue;
    const Migration& migration = migrations_[step.version - 1];
    if (!dry_run) {
      const auto done = Apply(migration, now);
      if (!done.ok()) return done.status();
      if (!*done) continue;
    }
    applied.push_back(LabelOf(migration));
  }
  if (!dry_run) {
    if (const auto made = Partitions(kMonthsAhead, now, months_back); !made.ok())
      return made.status();
  }
  return applied;
}

absl::StatusOr<bool> Migrator::Apply(const Migration& migration, absl::Time now) {
  for (int attempt = 1;; ++attempt) {
    try {
      pqxx::work work(*connection_);
      if (HasHistory(work)) {
        // Two migrators queue on this lock; readers of the table do not.
        work.exec(
            "SET LOCAL ROLE kakunin_owner;"
            "LOCK TABLE kakunin.schema_migration IN SHARE ROW EXCLUSIVE MODE");
        const pqxx::result there = work.exec_params(
            "SELECT FROM kakunin.schema_migration WHERE version = $1", migration.version);
        if (!there.empty()) return false;
        work.exec("SET LOCAL ROLE NONE");
      }
      work.exec(kLockBound);
      work.exec(std::string(migration.sql));
      work.exec("SET LOCAL ROLE kakunin_owner");
      work.exec_params("INSERT INTO kakunin.schema_migration VALUES ($1, $2, $3, $4)",
                       migration.version, std::string(migration.name),
                       "\\x" + std::string(migration.checksum), InstantText(now));
      work.commit();
      return true;
    } catch (const std::exception&) {
      const bool again =
          migration.version == 1 || SqlStateOf(StatusOfCurrentException()) == kDeadlock;
      if (!again || attempt == kAttempts || !connection_->Idle()) {
        return OperatorError("applying " + LabelOf(migration));
      }
    }
  }
}

absl::StatusOr<std::vector<std::string>> Migrator::Verify() {
  return Operate("verifying", [&]() -> absl::StatusOr<std::vector<std::string>> {
    pqxx::work work(*connection_);
    std::vector<std::string> findings;
    for (const MigrationStatus& step : ReadStatus(work, migrations_)) {
      if (const std::string trouble = Trouble(step); !trouble.empty()) findings.push_back(trouble);
      if (!step.applied_at.has_value()) {
        findings.push_back(fmt::format("migration {:04}_{} is pending: kakunin migrate up",
                                       step.version, step.name));
      }
    }
    const pqxx::result foreign = work.exec(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('kakunin')"
        "  AND relowner::regrole::text <> 'kakunin_owner'"
        " UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = to_regnamespace('kakunin')"
        "  AND proowner::regrole::text <> 'kakunin_owner' ORDER BY 1");
    for (const auto& row : foreign) {
      findings.push_back(fmt::format("kakunin.{} is not owned by kakunin_owner", row[0].c_str()));
    }
    if (!findings.empty()) return findings;
    for (const std::string& table : InspectPartitions(work, absl::UnixEpoch()).default_holds_rows) {
      findings.push_back(fmt::format(
          "kakunin.{} has rows in its default partition: kakunin migrate partitions", table));
    }
    return findings;
  });
}

std::vector<absl::CivilMonth> Migrator::LateMonths(const PartitionedTable& table) {
  pqxx::work work(*connection_);
  work.exec("SET LOCAL ROLE kakunin_owner");
  return MonthsInDefault(work, table);
}

absl::StatusOr<PartitionReport> Migrator::Partitions(int months_ahead, absl::Time now,
                                                     std::optional<int> months_back) {
  return Operate("making partitions", [&]() -> absl::StatusOr<PartitionReport> {
    std::vector<std::string> created;
    const absl::CivilMonth present = absl::ToCivilMonth(now, absl::UTCTimeZone());
    const absl::CivilMonth behind = months_back
                                        ? present - *months_back
                                        : FirstReceiptMonthKept(CivilDayAt(now), RetentionRules{});
    for (const PartitionedTable& table : PartitionedTables()) {
      std::set<absl::CivilMonth> months;
      for (absl::CivilMonth month = table.behind ? behind : present;
           month <= present + months_ahead; ++month) {
        months.insert(month);
      }
      // Rows of other months would hold up the alarm for ever.
      for (const absl::CivilMonth month : LateMonths(table)) months.insert(month);
      for (const absl::CivilMonth month : months) {
        pqxx::work work(*connection_);
        work.exec(kLockBound);
        work.exec("SET LOCAL ROLE kakunin_owner");
        const std::string name = MakePartition(work, table, month);
        work.commit();
        if (!name.empty()) created.push_back(name);
      }
    }
    pqxx::work work(*connection_);
    PartitionReport report = InspectPartitions(work, now);
    report.created = std::move(created);
    return report;
  });
}

absl::Status CheckSchema(Transaction& tx, std::span<const Migration> migrations) {
  return RunStatements([&]() -> absl::Status {
    for (const MigrationStatus& step : ReadStatus(PostgresTransaction::Work(tx), migrations)) {
      if (step.altered) return absl::FailedPreconditionError(Trouble(step));
      if (!step.applied_at.has_value()) {
        return absl::FailedPreconditionError(
            fmt::format("the database lacks migration {:04}_{}: run kakunin migrate up",
                        step.version, step.name));
      }
    }
    return absl::OkStatus();
  });
}

}  // namespace kakunin
