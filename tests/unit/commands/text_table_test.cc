#include "server/commands/text_table.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace kakunin {
namespace {

TEST(DisplayWidthTest, CountsColumnsOfATerminal) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("資格"), 4);
  EXPECT_EQ(DisplayWidth("ｺｳﾛｳ ﾀﾛｳ"), 8);       // half-width kana
  EXPECT_EQ(DisplayWidth("１２３（株）"), 12);  // full-width forms
  EXPECT_EQ(DisplayWidth("𠮷"), 2);             // beyond the first plane
  EXPECT_EQ(DisplayWidth("葛\U000E0100"), 2);   // variation selector
  EXPECT_EQ(DisplayWidth("か\u3099"), 2);       // combining mark
  EXPECT_EQ(DisplayWidth("\xff\xe8\xb3"), 3);   // not UTF-8
}

TEST(TextTableTest, AlignsDoubleWidthCharacters) {
  TextTable table;
  table.Heading("資格確認結果");
  table.Row("資格有効性", "有効");
  table.Row("枝番", "01");
  EXPECT_EQ(table.Draw(),
            "+------------+------+\n"
            "| 資格確認結果      |\n"
            "+------------+------+\n"
            "| 資格有効性 | 有効 |\n"
            "| 枝番       | 01   |\n"
            "+------------+------+\n");
}

TEST(TextTableTest, EveryLineHasTheSameWidth) {
  TextTable table;
  table.Heading("とても長い見出しがここに入るとき");
  table.Row("a", "𠮷野家\U000E0101");
  table.Row("氏名（カナ）", "ｺｳﾛｳ ﾀﾛｳ");
  table.Heading("x");
  table.Row("b", "c");
  std::istringstream lines(table.Draw());
  int width = -1;
  for (std::string line; std::getline(lines, line);) {
    if (width < 0) width = DisplayWidth(line);
    EXPECT_EQ(DisplayWidth(line), width) << line;
  }
  EXPECT_GT(width, 0);
}

TEST(TextTableTest, LeavesEmptyValuesOutAndStopsControlCharacters) {
  TextTable table;
  table.Row("absent", "");
  table.Row("evil", "a\x1b[2Jb\nc");
  const std::string text = table.Draw();
  EXPECT_EQ(text.find("absent"), std::string::npos);
  EXPECT_NE(text.find("a?[2Jb?c"), std::string::npos) << text;
}

}  // namespace
}  // namespace kakunin
