#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "domain/text/branch_number.h"
#include "domain/text/insured_number.h"
#include "domain/text/insured_symbol.h"

namespace kakunin {
namespace {

std::string Repeat(std::string_view text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

TEST(InsuredSymbolTest, KeepsTheOriginalBesideTheComparedSpelling) {
  const std::optional<InsuredSymbol> symbol = InsuredSymbol::Parse("\u3000ｱ－１２ ");
  ASSERT_TRUE(symbol.has_value());
  EXPECT_EQ(symbol->RevealOriginal(), "ｱ－１２");
  EXPECT_EQ(symbol->RevealFolded(), "ア-12");
}

TEST(InsuredSymbolTest, SpellingsOfOneSymbolAreEqual) {
  for (const std::string_view text : {"ア-12", "ア－１２", "ｱ-12", "ア ー12", " ア‐12", "ア−12"}) {
    EXPECT_TRUE(InsuredSymbol::Parse(text) == InsuredSymbol::Parse("ア-12")) << text;
  }
  EXPECT_FALSE(InsuredSymbol::Parse("ア12") == InsuredSymbol::Parse("ア-12"));
  EXPECT_FALSE(InsuredSymbol::Parse("012") == InsuredSymbol::Parse("12"));
}

TEST(InsuredSymbolTest, BlankMeansAbsent) {
  for (const std::string_view text : {"", "  ", "\u3000"}) {
    ASSERT_TRUE(InsuredSymbol::Parse(text).has_value());
    EXPECT_TRUE(InsuredSymbol::Parse(text)->IsAbsent());
    EXPECT_TRUE(*InsuredSymbol::Parse(text) == InsuredSymbol());
  }
  EXPECT_FALSE(InsuredSymbol::Parse("-")->IsAbsent());
}

TEST(InsuredSymbolTest, HoldsTwentyCharactersOfAnyWidth) {
  for (const std::string_view character : {"1", "ア", "𠮷"}) {
    EXPECT_TRUE(InsuredSymbol::Parse(Repeat(character, 19)).has_value()) << character;
    EXPECT_TRUE(InsuredSymbol::Parse(Repeat(character, 20)).has_value()) << character;
    EXPECT_TRUE(InsuredSymbol::Parse("  " + Repeat(character, 20)).has_value()) << character;
    EXPECT_FALSE(InsuredSymbol::Parse(Repeat(character, 21)).has_value()) << character;
  }
}

TEST(InsuredSymbolTest, RefusesMalformedTextAndControlCharacters) {
  EXPECT_FALSE(InsuredSymbol::Parse("12\xFF").has_value());
  EXPECT_FALSE(InsuredSymbol::Parse(std::string("1\0", 2)).has_value());
  EXPECT_FALSE(InsuredSymbol::Parse(Repeat("\x80", 1'000'000)).has_value());
}

TEST(InsuredNumberTest, LeadingZerosAreSignificant) {
  EXPECT_FALSE(InsuredNumber::Parse("0012") == InsuredNumber::Parse("12"));
  EXPECT_TRUE(InsuredNumber::Parse("００１２") == InsuredNumber::Parse("0012"));
  EXPECT_EQ(InsuredNumber::Parse(" 5678910 ")->RevealOriginal(), "5678910");
}

TEST(InsuredNumberTest, FoldsHyphensAndWidth) {
  EXPECT_EQ(InsuredNumber::Parse("１２－３")->RevealFolded(), "12-3");
  EXPECT_EQ(InsuredNumber::Parse("12−3")->RevealFolded(), "12-3");
  EXPECT_FALSE(InsuredNumber::Parse("123") == InsuredNumber::Parse("12-3"));
}

TEST(InsuredNumberTest, RefusesBlankLongAndMalformedText) {
  EXPECT_FALSE(InsuredNumber::Parse("").has_value());
  EXPECT_FALSE(InsuredNumber::Parse(" \u3000").has_value());
  EXPECT_FALSE(InsuredNumber::Parse("\u200B").has_value()) << "nothing but invisible characters";
  EXPECT_TRUE(InsuredNumber::Parse(Repeat("1", 20)).has_value());
  EXPECT_FALSE(InsuredNumber::Parse(Repeat("1", 21)).has_value());
  EXPECT_FALSE(InsuredNumber::Parse("\xE3\x81").has_value());
}

struct BranchCase {
  std::string_view text;
  std::string_view digits;  // Empty: refused.
};

constexpr BranchCase kBranchCases[] = {
    {"01", "01"}, {"1", "01"},        {"00", "00"}, {"99", "99"},     {"０１", "01"}, {"１", "01"},
    {" 1", "01"}, {"\u300012", "12"}, {"", ""},     {"  ", ""},       {"001", ""},    {"1a", ""},
    {"-1", ""},   {"一", ""},         {"1 2", ""},  {"\xEF\xBC", ""},
};

TEST(BranchNumberTest, IsTwoDigits) {
  for (const BranchCase& c : kBranchCases) {
    const std::optional<BranchNumber> branch = BranchNumber::Parse(c.text);
    ASSERT_EQ(branch.has_value(), !c.digits.empty()) << "'" << c.text << "'";
    if (branch.has_value()) {
      EXPECT_EQ(branch->Reveal(), c.digits) << "'" << c.text << "'";
    }
  }
}

}  // namespace
}  // namespace kakunin
