// What a clinic calls its patients by, set and shown by the command line of the real binary.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "server/dev/child_process.h"
#include "tests/e2e/sandbox_fixture.h"

namespace kakunin::e2e {
namespace {

class ReferenceNumberCommandTest : public testing::Test {
 protected:
  // What `kakunin call ...` of the clinic's desk says.
  std::string Call(std::vector<std::string> arguments) {
    const auto& paths = running_.paths();
    const std::string terminal = dev::TerminalName(synth::test_facility::kClinic, "T1");
    std::vector<std::string> command{KAKUNIN_BINARY, "call"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    for (const std::string& argument :
         {std::string("--server"),
          "localhost:" + std::to_string(running_.sandbox().ports().terminal),
          std::string("--certificate"), paths.certificate(terminal).string(), std::string("--key"),
          paths.key(terminal).string(), std::string("--ca"), paths.ca("server").string(),
          std::string("--clock-offset-file"), paths.clock_offset().string()}) {
      command.push_back(argument);
    }
    const auto said = dev::ChildProcess::Run(command);
    ok_ = said.ok();
    return said.value_or("");
  }
  synth::TestAsk AskOf(const char* person) {
    return synth::FindTestPerson(running_.sandbox().nation_day(), person).ask;
  }
  static std::vector<std::string> With(std::vector<std::string> arguments,
                                       const synth::TestAsk& ask) {
    for (const std::string& argument :
         {std::string("--insurer"), std::string(ask.insurer_number), std::string("--symbol"),
          std::string(ask.symbol), std::string("--number"), std::string(ask.number),
          std::string("--branch"), std::string(ask.branch_number), std::string("--birth-date"),
          absl::FormatCivilTime(ask.birth_date)}) {
      arguments.push_back(argument);
    }
    return arguments;
  }

  RunningSandbox running_{/*persons=*/20};
  bool ok_ = false;
};

TEST_F(ReferenceNumberCommandTest, WhatIsSetAtTheDeskIsInItsLaterAnswers) {
  const synth::TestAsk one = AskOf("TP01");
  const synth::TestAsk two = AskOf("SD04");
  const std::string set = Call(With({"reference-number", "set", "カルテ-0017"}, one));
  EXPECT_TRUE(ok_);
  EXPECT_NE(set.find("カルテ-0017"), std::string::npos) << set;
  const std::string answer = Call(With({"confirm-number"}, one));
  EXPECT_NE(answer.find("照会番号"), std::string::npos) << answer;
  EXPECT_NE(answer.find("カルテ-0017"), std::string::npos) << answer;

  const auto file = running_.paths().root() / "numbers.csv";
  std::string table = "照会番号,保険者番号,記号,番号,枝番,生年月日\n";
  for (const auto& [number, ask] : {std::pair("B-1", one), {"B-2", two}, {"B-3", two}}) {
    table += fmt::format("{},{},{},{},{},{}\n", number, ask.insurer_number, ask.symbol, ask.number,
                         ask.branch_number, absl::FormatCivilTime(ask.birth_date));
  }
  std::ofstream(file) << table;
  const std::string imported = Call({"reference-number", "import", file.string(), "--add"});
  EXPECT_TRUE(ok_);
  EXPECT_NE(imported.find("2名"), std::string::npos) << imported;
  const std::string listed = Call(With({"reference-number", "list", "--json"}, two));
  EXPECT_NE(listed.find("B-2"), std::string::npos) << listed;
  EXPECT_NE(listed.find("B-3"), std::string::npos) << listed;

  Call(With({"reference-number", "delete", "カルテ-0017"}, one));
  EXPECT_TRUE(ok_);
  const std::string later = Call(With({"confirm-number"}, one));
  EXPECT_EQ(later.find("カルテ-0017"), std::string::npos) << later;
  EXPECT_NE(later.find("B-1"), std::string::npos) << later;

  // One line that fits nobody is told, and ends the command so.
  std::ofstream(file) << "照会番号,保険者番号,番号,生年月日\nX,06139992,1,1970-01-01\n";
  Call({"reference-number", "import", file.string()});
  EXPECT_FALSE(ok_);
}

}  // namespace
}  // namespace kakunin::e2e
