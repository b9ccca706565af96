#include "server/commands/command_output.h"

#include <gtest/gtest.h>

#include "CLI/CLI.hpp"
#include "server/commands/client_connection.h"

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
