#include "server/commands/synth_command.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "auth/digest.h"
#include "auth/encoding.h"
#include "server/synth/nation_files.h"
#include "server/synth/test_persons.h"

namespace kakunin {
namespace {

namespace fs = std::filesystem;

// RunKakunin parses a command line as `kakunin` would and returns CLI11's exit code.
int RunKakunin(std::string arguments) {
  CLI::App app("kakunin", "kakunin");
  AddSynthCommand(app);
  try {
    app.parse(arguments);
  } catch (const CLI::Error& error) {
    return error.get_exit_code();
  }
  return 0;
}

class SynthCommand : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(out_); }

  const fs::path out_ =
      fs::path(testing::TempDir()) /
      ("synth_" + auth::HexEncode(std::span<const uint8_t>(auth::RandomArray<8>())));
};

TEST_F(SynthCommand, WritesTheNationThatWasAskedFor) {
  testing::internal::CaptureStdout();
  const int code =
      RunKakunin("synth --persons 120 --seed 9 --today 2026-11-21 --json --out " + out_.string());
  const std::string printed = testing::internal::GetCapturedStdout();
  ASSERT_EQ(code, 0);
  const auto files = synth::NationFiles::Open(out_);
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->summary().options.persons, 120);
  EXPECT_EQ(files->summary().options.seed, 9u);
  EXPECT_EQ(files->summary().options.today, absl::CivilDay(2026, 11, 21));
  EXPECT_NE(printed.find("\"persons\": 120"), std::string::npos);
}

TEST_F(SynthCommand, PrintsTheTestPersonsAndWritesNothing) {
  testing::internal::CaptureStdout();
  const int code = RunKakunin("synth --print-test-persons");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), synth::TestPersonsDocument());
  EXPECT_EQ(code, 0);
}

TEST_F(SynthCommand, RefusesWhatMakesNoSense) {
  EXPECT_NE(RunKakunin("synth"), 0) << "without --out";
  EXPECT_NE(RunKakunin("synth --today yesterday --out " + out_.string()), 0);
  EXPECT_NE(RunKakunin("synth --persons -5 --out " + out_.string()), 0);
  EXPECT_NE(RunKakunin("synth --persons 99999999999 --out " + out_.string()), 0);
  EXPECT_FALSE(fs::exists(out_));
}

}  // namespace
}  // namespace kakunin
