// An installation that stands one migration behind is moved on by the real binary.
#include <gtest/gtest.h>

#include "server/dev/child_process.h"
#include "storage/postgres/migrator.h"
#include "tests/support/test_database.h"

namespace kakunin::e2e {
namespace {

TEST(Upgrade, MovesAnInstallationOnFromThePreviousMigration) {
  const TestDatabase database(TestDatabase::Start::kEmpty);
  const std::string conninfo = database.ConnInfo("kakunin_migrate");
  const auto all = EmbeddedMigrations();
  ASSERT_GE(all.size(), 2u);
  {
    auto previous = Migrator::Connect(conninfo, all.first(all.size() - 1));
    ASSERT_TRUE(previous.ok()) << previous.status();
    ASSERT_TRUE((*previous)->Up(TestInstant(), false).ok());
  }
  const auto run = [&](const char* step) {
    return dev::ChildProcess::Run({KAKUNIN_BINARY, "migrate", step, "--database", conninfo});
  };
  EXPECT_FALSE(run("verify").ok()) << "a pending step is a fault";
  const auto up = run("up");
  ASSERT_TRUE(up.ok()) << up.status();
  EXPECT_NE(up->find("applied"), std::string::npos);
  EXPECT_EQ(up->find("applied"), up->rfind("applied")) << "one step was pending";
  const auto again = run("up");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_NE(again->find("up to date"), std::string::npos);
  EXPECT_TRUE(run("verify").ok());
}

}  // namespace
}  // namespace kakunin::e2e
