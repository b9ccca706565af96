// The commands of joining by the real binary: they need no server and no database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/commands/run_kakunin.h"

namespace kakunin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SubsidyCommand, ShowsTheWorking) {
  const Outcome told = Kakunin(
      "subsidy calculate --type hospital --readers 1 --reader-applied 2021-04-01 --cost 2101000");
  EXPECT_EQ(told.exit_code, 0);
  EXPECT_THAT(told.output, HasSubstr("1,050,500円と1,050,000円の小さい方 = 1,050,000円"));
  EXPECT_THAT(told.output, HasSubstr("補助額は1,050,000円です。"));
  EXPECT_THAT(told.output, HasSubstr("領収書内訳書（写）"));

  const Outcome json = Kakunin(
      "subsidy calculate --type hospital --readers 1 --reader-applied 2021-03-31 --cost 2101001 "
      "--json");
  EXPECT_EQ(json.exit_code, 0);
  EXPECT_THAT(json.output, HasSubstr(R"("subsidy_yen":2101000,)"));
  EXPECT_THAT(json.output, HasSubstr(R"("facility_pays_yen":1,)"));
  EXPECT_THAT(json.output, HasSubstr(R"("schedule":"S2")"));
}

TEST(SubsidyCommand, NamesTheMissingRule) {
  const Outcome missing = Kakunin("subsidy calculate --type pharmacy --json");
  EXPECT_EQ(missing.exit_code, 1);
  for (const char* name :
       {"COST_NOT_TOLD", "GROUP_SIZE_NOT_TOLD", "READERS_NOT_TOLD", "READER_DAY_NOT_TOLD"}) {
    EXPECT_THAT(missing.output, HasSubstr(name));
  }
  EXPECT_THAT(missing.output, HasSubstr(R"("subsidy_yen":null)"));
  const Outcome home =
      Kakunin("subsidy calculate --for home-visits --type clinic --cost 100000 --json");
  EXPECT_EQ(home.exit_code, 0);
  EXPECT_THAT(home.output, HasSubstr("NO_SCHEDULE_FOR_MEASURE"));
  EXPECT_EQ(Kakunin("subsidy calculate --reader-applied 2021-02-29").exit_code, 2);
  EXPECT_EQ(Kakunin("subsidy calculate --ground measure-9").exit_code, 2);
  EXPECT_EQ(Kakunin("subsidy calculate --type hotel").exit_code, 2);
}

TEST(SubsidyCommand, ListsTheSchedules) {
  EXPECT_THAT(Kakunin("subsidy schedules").output, HasSubstr("上限321,000円"));
  EXPECT_THAT(Kakunin("subsidy schedules --json").output, HasSubstr(R"("stated_cap_yen":97000)"));
}

TEST(PlanCommand, TellsEveryDate) {
  const Outcome told = Kakunin("plan --start-month 2027-04 --today 2026-11-22");
  EXPECT_EQ(told.exit_code, 0);
  EXPECT_THAT(told.output, HasSubstr("2026-12-01（火）まで"));
  EXPECT_THAT(told.output, HasSubstr("2027-03-17（水）まで"));
  EXPECT_THAT(told.output, HasSubstr("2027-01-01（金）～2027-01-10（日）"));
  EXPECT_THAT(told.output, Not(HasSubstr("遅れています")));
  const Outcome late = Kakunin("plan --start-month 2027-02 --today 2026-11-22 --json");
  EXPECT_EQ(late.exit_code, 0);
  EXPECT_THAT(late.output, HasSubstr(R"("late":true)"));
  EXPECT_THAT(late.output, HasSubstr(R"("earliest_start_month":"2027-04")"));
  const Outcome done =
      Kakunin("plan --start-month 2027-02 --today 2026-11-22 --done account,reader-order --json");
  EXPECT_THAT(done.output, HasSubstr(R"("late":false)"));
}

TEST(PlanCommand, SaysWhatItCannotKnow) {
  EXPECT_THAT(Kakunin("plan --start-month 2028-03 --today 2026-11-22").output,
              HasSubstr("2020-01-01から2027-12-31まで"));
  EXPECT_EQ(Kakunin("plan --start-month 2026-10 --today 2026-11-22").exit_code, 1);
  EXPECT_EQ(Kakunin("plan --start-month 2027-13").exit_code, 2);
  EXPECT_EQ(Kakunin("plan --start-month ''").exit_code, 2);
  EXPECT_EQ(Kakunin("plan").exit_code, 2);
  EXPECT_EQ(Kakunin("plan --start-month 2027-04 --done dinner").exit_code, 2);
}

TEST(RestrictedCommand, TellsTheTerminalsLastDay) {
  const std::string ask = "restricted check --ground measure-2 --ending-day 2026-06-10 --today ";
  EXPECT_THAT(Kakunin(ask + "2026-12-10 --json").output, HasSubstr(R"("may_use":true)"));
  const Outcome ended = Kakunin(ask + "2026-12-11 --json");
  EXPECT_THAT(ended.output, HasSubstr(R"("finding":"ENDED")"));
  EXPECT_THAT(ended.output, HasSubstr(R"("terminals_last_day":"2026-12-10")"));
  EXPECT_THAT(Kakunin(ask + "2026-11-22").output,
              HasSubstr("2026-11-22、2026-11-25、2026-12-03、2026-12-09"));
  EXPECT_THAT(Kakunin("restricted check --ground midwife --today 2026-11-22 --json").output,
              HasSubstr("NOT_OPENED"));
  const Outcome opened = Kakunin(
      "restricted check --ground midwife --opened midwife=2026-04-01 --today 2026-11-22 --json");
  EXPECT_THAT(opened.output, HasSubstr("MAY_USE"));
  EXPECT_EQ(Kakunin("restricted check --ground midwife --opened measure-2=2026-04-01").exit_code,
            2);
  EXPECT_EQ(
      Kakunin("restricted check --ground midwife --opened midwife=2026-04-01/2026-03-31").exit_code,
      2);
  EXPECT_THAT(Kakunin("restricted grounds").output, HasSubstr("対象外"));
}

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// docs/joining.md shows commands with what they print; bad.toml stands in it too.
TEST(JoiningDocument, ItsCommandsPrintWhatItShows) {
  const std::string document = TextOf(KAKUNIN_SOURCE_DIR "/docs/joining.md");
  const std::string folder = testing::TempDir() + "/joining_document_test";
  std::filesystem::create_directories(folder);
  int shown = 0;
  const std::string fence = "\n```";
  for (size_t at = document.find(fence); at != std::string::npos; at = document.find(fence, at)) {
    const size_t line = document.find('\n', at + 1) + 1;
    const size_t end = document.find(fence, line - 1);
    ASSERT_NE(end, std::string::npos);
    const std::string kind = document.substr(at + fence.size(), line - 1 - at - fence.size());
    const std::string block = document.substr(line, end + 1 - line);
    at = end + fence.size();
    if (kind == "toml") std::ofstream(folder + "/bad.toml") << block;
    const std::string prompt = "$ kakunin ";
    if (!kind.empty() || !block.starts_with(prompt)) continue;
    const size_t first = block.find('\n');
    std::string arguments = block.substr(prompt.size(), first - prompt.size());
    const size_t file = arguments.find("bad.toml");
    if (file != std::string::npos) arguments.insert(file, folder + "/");
    EXPECT_EQ(Kakunin(arguments).output, block.substr(first + 1)) << arguments;
    ++shown;
  }
  EXPECT_EQ(shown, 4);
  std::filesystem::remove_all(folder);
}

TEST(ApplicationCommand, ChecksWhatItsExamplesPrint) {
  const std::string folder = testing::TempDir() + "/joining_commands_test";
  std::filesystem::create_directories(folder);
  ASSERT_EQ(Kakunin("application example > " + folder + "/clinic.toml").exit_code, 0);
  ASSERT_EQ(Kakunin("application example --group > " + folder + "/chain.csv").exit_code, 0);
  const Outcome good = Kakunin("application check " + folder + "/clinic.toml");
  EXPECT_EQ(good.exit_code, 0) << good.output;
  EXPECT_THAT(good.output, HasSubstr("不備はありません"));
  EXPECT_EQ(
      Kakunin("application check " + folder + "/chain.csv --group-prescriptions 45000").exit_code,
      0);
  EXPECT_THAT(
      Kakunin("application check " + folder + "/chain.csv --group-prescriptions 45000").output,
      HasSubstr("大型チェーン薬局 2件"));

  std::ofstream(folder + "/bad.toml") << "facility_code = \"1342345670\"\n"
                                         "facility_type = \"pharmacy\"\n"
                                         "introduction_type = \"restricted\"\n"
                                         "start_month = \"2020-10\"\n"
                                         "online_claims = \"none\"\n"
                                         "[card_reader_order]\n"
                                         "maker = \"almex\"\n"
                                         "units = 3\n";
  const Outcome bad = Kakunin("application check " + folder + "/bad.toml");
  EXPECT_EQ(bad.exit_code, 1);
  for (const char* told : {"過ぎた月です", "根拠が必要です", "1台までです"}) {
    EXPECT_THAT(bad.output, HasSubstr(told));
  }
  const Outcome closed =
      Kakunin("application check " + folder + "/clinic.toml --offer-through 2020-01-01 --json");
  EXPECT_EQ(closed.exit_code, 1);
  EXPECT_THAT(closed.output, HasSubstr(R"("field":"card_reader_order")"));
  EXPECT_EQ(Kakunin("application check " + folder + "/none.toml").exit_code, 1);
  // What may be repeated takes one word at a time.
  EXPECT_EQ(Kakunin("application check --opened midwife=2026-04-01 --opened "
                    "paper-claims=2026-04-01/2027-03-31 " +
                    folder + "/clinic.toml")
                .exit_code,
            0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace kakunin
