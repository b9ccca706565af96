#include "domain/text/insured_key.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kakunin {
namespace {

InsuredKey Key(std::string_view insurer, std::string_view symbol, std::string_view number,
               std::optional<std::string_view> branch, absl::CivilDay birth_date) {
  return {.insurer = *InsurerNumber::Parse(insurer),
          .symbol = *InsuredSymbol::Parse(symbol),
          .number = *InsuredNumber::Parse(number),
          .branch = branch.has_value() ? BranchNumber::Parse(*branch) : std::nullopt,
          .birth_date = birth_date};
}

const absl::CivilDay kBirth(1970, 1, 1);

TEST(InsuredKeyTest, BytesOfTheSourceDocumentsExample) {
  using namespace std::string_view_literals;
  const InsuredKey key = Key("123456", "1234", "5678910", "01", absl::CivilDay(1970, 1, 2));
  EXPECT_EQ(CanonicalBytes(key, true),
            "\x01"
            "00123456"
            "\0\0\0\0\0\0\0\x01"
            "\x02"
            "01"
            "\0\x04"
            "1234"
            "\0\x07"
            "5678910"sv);
  EXPECT_EQ(CanonicalBytes(key, false),
            "\x01"
            "00123456"
            "\0\0\0\0\0\0\0\x01"
            "\0"
            "\0\x04"
            "1234"
            "\0\x07"
            "5678910"sv);
}

TEST(InsuredKeyTest, SpellingsOfOneKeyGiveTheSameBytes) {
  const std::string expected = CanonicalBytes(Key("123456", "ア-12", "0012", "01", kBirth), true);
  EXPECT_EQ(CanonicalBytes(Key("  123456", "ｱ－１２", "００１２", "1", kBirth), true), expected);
  EXPECT_EQ(CanonicalBytes(Key("００１２３４５６", "ア ー12 ", " 0012", "１", kBirth), true),
            expected);
}

TEST(InsuredKeyTest, DifferentKeysGiveDifferentBytes) {
  const std::vector<InsuredKey> keys = {
      Key("123456", "1234", "567", "01", kBirth),
      Key("123457", "1234", "567", "01", kBirth),
      Key("123456", "123", "4567", "01", kBirth),  // The boundary between symbol and number moved.
      Key("123456", "", "1234567", "01", kBirth),
      Key("123456", "1234", "0567", "01", kBirth),
      Key("123456", "1234", "567", "02", kBirth),
      Key("123456", "1234", "567", std::nullopt, kBirth),
      Key("123456", "01", "1234567", std::nullopt, kBirth),
      Key("123456", "1234", "567", "01", absl::CivilDay(1970, 1, 2)),
      Key("123456", "1234", "567", "01", absl::CivilDay(1969, 12, 31)),
      Key("123456", "1234", "567", "01", absl::CivilDay(1870, 1, 1)),
  };
  std::set<std::string> distinct;
  for (const InsuredKey& key : keys) distinct.insert(CanonicalBytes(key, true));
  EXPECT_EQ(distinct.size(), keys.size());
}

TEST(InsuredKeyTest, BranchCountsOnlyWhenAskedFor) {
  const InsuredKey first = Key("123456", "1234", "567", "01", kBirth);
  const InsuredKey second = Key("123456", "1234", "567", "02", kBirth);
  const InsuredKey none = Key("123456", "1234", "567", std::nullopt, kBirth);
  EXPECT_NE(CanonicalBytes(first, true), CanonicalBytes(second, true));
  EXPECT_EQ(CanonicalBytes(first, false), CanonicalBytes(second, false));
  EXPECT_EQ(CanonicalBytes(first, false), CanonicalBytes(none, false));
  EXPECT_EQ(CanonicalBytes(none, true), CanonicalBytes(none, false));
}

TEST(InsuredKeyTest, AppendsBehindWhatTheBufferHolds) {
  const InsuredKey key = Key("123456", "1234", "567", "01", kBirth);
  std::string buffer = "before";
  AppendCanonicalBytes(key, true, buffer);
  EXPECT_EQ(buffer, "before" + CanonicalBytes(key, true));
}

TEST(InsuredKeyTest, HoldsTheLongestSymbolThatNfkcCanMake) {
  std::string symbol;
  for (int i = 0; i < 20; ++i) symbol += "\uFDFA";  // One character, 18 after NFKC.
  const InsuredKey key = Key("123456", symbol, "1", std::nullopt, kBirth);
  const size_t length = key.symbol.RevealFolded().size();
  EXPECT_GT(length, 255u);
  const std::string bytes = CanonicalBytes(key, false);
  EXPECT_EQ(static_cast<unsigned char>(bytes[18]), length >> 8);
  EXPECT_EQ(static_cast<unsigned char>(bytes[19]), length & 0xFF);
}

}  // namespace
}  // namespace kakunin
