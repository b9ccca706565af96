// An installation that stands one migration behind is moved on by the real binary.
#include <gtest/gtest.h>

#include <string>

#include "server/dev/child_process.h"
#include "storage/postgres/migrator.h"
#include "tests/support/test_database.h"

namespace kakunin::e2e {
namespace {

// LayDownPrevious runs every step but the last, as the binary before this one had.
void LayDownPrevious(const TestDatabase& database) {
  const auto all = EmbeddedMigrations();
  for (const Migration& step : all.first(all.size() - 1)) {
    database.Exec("SET LOCAL ROLE kakunin_migrate; " + std::string(step.sql) +
                  "; INSERT INTO kakunin.schema_migration VALUES (" + std::to_string(step.version) +
                  ", '" + std::string(step.name) + "', '\\x" + std::string(step.checksum) +
                  "', '2026-03-01T00:00:00Z')");
  }
}

TEST(Upgrade, MovesAnInstallationOnFromThePreviousMigration) {
  const TestDatabase database(TestDatabase::Start::kEmpty);
  LayDownPrevious(database);
  const auto run = [&](const std::string& step) {
    return dev::ChildProcess::Run(
        {KAKUNIN_BINARY, "migrate", step, "--database", database.ConnInfo("kakunin_migrate")});
  };
  EXPECT_FALSE(run("verify").ok()) << "a pending step is a fault";
  const std::string last(EmbeddedMigrations().back().name);
  const auto up = run("up");
  ASSERT_TRUE(up.ok()) << up.status();
  EXPECT_NE(up->find(last), std::string::npos) << *up;
  EXPECT_EQ(up->find("applied"), up->rfind("applied")) << "one step was pending";
  const auto again = run("up");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_NE(again->find("up to date"), std::string::npos) << *again;
  EXPECT_TRUE(run("verify").ok());
}

}  // namespace
}  // namespace kakunin::e2e
