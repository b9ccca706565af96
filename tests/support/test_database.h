#pragma once

#include <memory>
#include <pqxx/result>
#include <string>

#include "storage/postgres/database.h"

namespace kakunin {

// kTestRoles are the roles that serve; each may log in to a test database.
inline constexpr const char* kTestRoles[] = {"kakunin_terminal", "kakunin_insurer",
                                             "kakunin_operator", "kakunin_job",
                                             "kakunin_auditor",  "kakunin_onboarding"};

// TestInstant is the instant at which the template was migrated: months from 2026-04 (UTC) to
// 2026-07 have partitions of their own, other rows lie in the default partitions.
absl::Time TestInstant();

// TestDatabase is one fresh database of a private cluster, dropped at the end. The cluster is found
// by the environment variable KAKUNIN_TEST_PG, its socket folder; without it the constructor throws
// and tells the command to run, so the test fails. Several processes may use one cluster.
class TestDatabase {
 public:
  enum class Start { kMigrated, kEmpty };

  // Clones the migrated template, which is made when this schema's is not there yet, or creates an
  // empty database owned by kakunin_migrate.
  explicit TestDatabase(Start start = Start::kMigrated);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& name() const { return name_; }
  // Host is the cluster's socket folder.
  static std::string Host();
  // ConnInfo is the connection string for a role; "postgres" is the superuser.
  std::string ConnInfo(const std::string& role) const;
  // Options are those of a pool for a role: SHA-256, random streams.
  PostgresOptions Options(const std::string& role, int pool_size = 2) const;
  // Open makes a pool for a role.
  std::unique_ptr<PostgresDatabase> Open(const std::string& role, int pool_size = 2) const;
  // Exec runs SQL as the superuser in a transaction of its own.
  pqxx::result Exec(const std::string& sql) const;

 private:
  std::string name_;
};

// Soon is a deadline that no healthy call reaches.
MonotonicTime Soon();

}  // namespace kakunin
