#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "server/commands/client_connection.h"
#include "server/commands/terminal_options.h"

namespace kakunin {
namespace {

class ClientOptionsTest : public testing::Test {
 protected:
  ClientOptionsTest() {
    for (const char* variable : kVariables) setenv(variable, "variable", 1);
    app_.require_subcommand(1);
  }
  ~ClientOptionsTest() override {
    for (const char* variable : kVariables) unsetenv(variable);
  }

  static constexpr const char* kVariables[] = {"KAKUNIN_SERVER", "KAKUNIN_CERTIFICATE",
                                               "KAKUNIN_KEY", "KAKUNIN_CA",
                                               "KAKUNIN_CLOCK_OFFSET_FILE"};
  CLI::App app_;
};

constexpr char kFlags[] =
    " --server flag --certificate flag --key flag --ca flag --clock-offset-file flag";

// Two subcommands may fill one struct, as register and revoke do.
TEST_F(ClientOptionsTest, AFlagWinsOverTheVariableWhicheverSubcommandSharesTheOptions) {
  TerminalOptions options;
  for (const char* name : {"first", "second", "third"}) {
    AddTerminalOptions(*app_.add_subcommand(name), options);
  }
  for (const char* name : {"first", "second", "third"}) {
    options = TerminalOptions();
    app_.parse(name + std::string(kFlags));
    EXPECT_EQ(options.client.server, "flag") << name;
    EXPECT_EQ(options.client.certificate, "flag") << name;
    EXPECT_EQ(options.client.key, "flag") << name;
    EXPECT_EQ(options.client.ca, "flag") << name;
    EXPECT_EQ(options.clock_offset_file, "flag") << name;
  }
}

TEST_F(ClientOptionsTest, TheVariableSpeaksWhereThereIsNoFlag) {
  ClientOptions options;
  AddClientOptions(*app_.add_subcommand("first"), options);
  AddClientOptions(*app_.add_subcommand("second"), options);
  app_.parse("first --ca flag");
  EXPECT_EQ(options.server, "variable");
  EXPECT_EQ(options.certificate, "variable");
  EXPECT_EQ(options.key, "variable");
  EXPECT_EQ(options.ca, "flag");

  unsetenv("KAKUNIN_SERVER");
  EXPECT_THROW(app_.parse("first"), CLI::RequiredError);
}

// What makes the first test hold for every subcommand: nobody reads a variable another way.
TEST(CommandVariablesTest, EverySubcommandTakesVariablesThroughTheOnePlace) {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(KAKUNIN_SOURCE_DIR) / "server" / "commands")) {
    if (!entry.path().string().ends_with(".cc")) continue;
    ++files;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    if (entry.path().filename() == "client_connection.cc") continue;
    EXPECT_EQ(text.str().find("envname"), std::string::npos) << entry.path();
    EXPECT_EQ(text.str().find("getenv"), std::string::npos) << entry.path();
  }
  EXPECT_GT(files, 40U);
}

}  // namespace
}  // namespace kakunin
