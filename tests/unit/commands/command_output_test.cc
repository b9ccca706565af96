#include "server/commands/command_output.h"

#include <gtest/gtest.h>

#include "CLI/CLI.hpp"
#include "server/commands/client_connection.h"
#include "server/commands/database_options.h"
#include "storage/store_error.h"

namespace kakunin {
namespace {

TEST(JsonObjectTest, WritesMembersInOrderAndEscapesThem) {
  EXPECT_EQ(JsonObject()
                .Text("a\"b", "c\\d")
                .Number("n", -5)
                .Flag("f", true)
                .Texts("list", {"x", "\n"})
                .Raw("raw", "{}")
                .ToString(),
            R"({"a\"b":"c\\d","n":-5,"f":true,"list":["x","\n"],"raw":{}})");
  EXPECT_EQ(JsonObject().ToString(), "{}");
  EXPECT_EQ(JsonArray({}), "[]");
}

TEST(FailCommandTest, EndsWithExitCodeOne) {
  try {
    FailCommand("config check", absl::InvalidArgumentError("x.toml:3: wrong"));
    FAIL() << "returned";
  } catch (const CLI::RuntimeError& error) {
    EXPECT_EQ(error.get_exit_code(), 1);
  }
}

TEST(StoreErrorTest, TellsWhichDatabaseCannotBeReachedAndNoPassword) {
  const auto pool =
      OpenPool("host=/nowhere dbname=kakunin user=kakunin_auditor password=hidden", "a test");
  const absl::Status status = pool->Read(std::chrono::steady_clock::now() + std::chrono::seconds(5),
                                         [](Transaction&) { return absl::OkStatus(); });
  EXPECT_EQ(StoreFailureOf(status), StoreFailure::kUnavailable);
  EXPECT_EQ(std::string(status.message()),
            "database kakunin at /nowhere, port 5432: the database cannot be reached, refuses the "
            "log-in or is going away: see that PostgreSQL runs there, has room on its disks and "
            "admits this role, then try again");
}

TEST(StoreErrorTest, TellsFailureStateAndNextStep) {
  EXPECT_EQ(std::string(StoreError(StoreFailure::kBroken, "42P01").message()),
            "the database does not fit this program (SQLSTATE 42P01): run kakunin migrate status, "
            "then kakunin migrate up");
  EXPECT_EQ(std::string(StoreError(StoreFailure::kBadData, "23505", "person_pkey").message()),
            "the database refused a row (SQLSTATE 23505, constraint person_pkey): run kakunin "
            "migrate verify, and report this");
}

TEST(OrFailTest, GivesTheValueOrFails) {
  EXPECT_EQ(OrFail("x", absl::StatusOr<int>(7)), 7);
  EXPECT_THROW(OrFail("x", absl::StatusOr<int>(absl::NotFoundError("gone"))), CLI::RuntimeError);
  EXPECT_THROW(OrFail("x", absl::NotFoundError("gone")), CLI::RuntimeError);
}

TEST(ConnectTest, MissingFilesAreNamed) {
  ClientOptions options;
  options.ca = "/nowhere/ca.pem";
  const auto channel = Connect(options);
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(std::string(channel.status().message()).find("/nowhere/ca.pem"), std::string::npos);
}

}  // namespace
}  // namespace kakunin
