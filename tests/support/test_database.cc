#include "tests/support/test_database.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <pqxx/pqxx>
#include <stdexcept>

#include "auth/digest.h"
#include "storage/postgres/migrator.h"

namespace kakunin {
namespace {

std::string SocketFolder() {
  const char* folder = std::getenv("KAKUNIN_TEST_PG");
  if (folder == nullptr || *folder == '\0') {
    throw std::runtime_error(
        "KAKUNIN_TEST_PG is not set. Run: export KAKUNIN_TEST_PG="
        "$(deploy/postgres-private start /tmp/kakunin-test-pg)");
  }
  return folder;
}

std::string ConnInfoOf(const std::string& database, const std::string& role) {
  return fmt::format("host={} dbname={} user={}", SocketFolder(), database, role);
}

Digest32 Hash(std::string_view octets) { return auth::Sha256(octets); }

// TemplateName changes with every migration's text.
std::string TemplateName() {
  std::string checksums;
  for (const Migration& migration : EmbeddedMigrations()) checksums += migration.checksum;
  const Digest32 digest = Hash(checksums);
  return fmt::format("kakunin_template_{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2],
                     digest[3]);
}

bool Exists(pqxx::transaction_base& work, const std::string& database) {
  return !work.exec_params("SELECT FROM pg_database WHERE datname = $1", database).empty();
}

void MakeRole(pqxx::transaction_base& work) {
  if (work.exec("SELECT FROM pg_roles WHERE rolname = 'kakunin_migrate'").empty()) {
    work.exec("CREATE ROLE kakunin_migrate LOGIN CREATEROLE");
  }
}

// Prepare makes the role and the template once a cluster; concurrent test processes queue on the
// lock.
void Prepare(pqxx::transaction_base& work) {
  const std::string name = TemplateName();
  work.exec("SELECT pg_advisory_lock(7237)");
  MakeRole(work);
  if (!Exists(work, name)) {
    const std::string draft = name + "_draft";
    work.exec("DROP DATABASE IF EXISTS " + draft);
    work.exec("CREATE DATABASE " + draft + " OWNER kakunin_migrate");
    {
      auto migrator = Migrator::Connect(ConnInfoOf(draft, "kakunin_migrate"));
      if (!migrator.ok()) throw std::runtime_error(migrator.status().ToString());
      const auto applied = (*migrator)->Up(TestInstant(), /*dry_run=*/false, 2);
      if (!applied.ok()) throw std::runtime_error(applied.status().ToString());
    }
    // The migrator's server process may take a moment to leave.
    work.exec("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" +
              draft + "'");
    work.exec("ALTER DATABASE " + draft + " RENAME TO " + name);
  }
  work.exec("SELECT pg_advisory_unlock(7237)");
}

}  // namespace

absl::Time TestInstant() {
  return absl::FromCivil(absl::CivilSecond(2026, 4, 1, 3, 0, 0), absl::UTCTimeZone());
}

MonotonicTime Soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(20); }

TestDatabase::TestDatabase(Start start) {
  static std::atomic<int> counter = 0;
  name_ = fmt::format("kakunin_test_{}_{}", getpid(), ++counter);
  pqxx::connection connection(ConnInfoOf("postgres", "postgres"));
  pqxx::nontransaction work(connection);
  Prepare(work);
  work.exec("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  work.exec(fmt::format("CREATE DATABASE {} OWNER kakunin_migrate{}", name_,
                        start == Start::kMigrated ? " TEMPLATE " + TemplateName() : ""));
}

TestDatabase::~TestDatabase() {
  try {
    pqxx::connection connection(ConnInfoOf("postgres", "postgres"));
    pqxx::nontransaction(connection).exec("DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {
    // The cluster is going away, and the database with it.
  }
}

std::string TestDatabase::Host() { return SocketFolder(); }

std::string TestDatabase::ConnInfo(const std::string& role) const {
  return ConnInfoOf(name_, role);
}

PostgresOptions TestDatabase::Options(const std::string& role, int pool_size) const {
  return {.conninfo = ConnInfo(role),
          .role = role,
          .application_name = "kakunin test",
          .pool_size = pool_size,
          .hash = &Hash,
          .new_stream = [] { return StreamId{auth::RandomArray<16>()}; }};
}

std::unique_ptr<PostgresDatabase> TestDatabase::Open(const std::string& role, int pool_size) const {
  return std::make_unique<PostgresDatabase>(Options(role, pool_size));
}

pqxx::result TestDatabase::Exec(const std::string& sql) const {
  pqxx::connection connection(ConnInfo("postgres"));
  pqxx::work work(connection);
  pqxx::result result = work.exec(sql);
  work.commit();
  return result;
}

}  // namespace kakunin
