#include "domain/text/normalise.h"

#include <gtest/gtest.h>
#include <unicode/unistr.h>

#include <optional>
#include <string>
#include <string_view>

namespace kakunin {
namespace {

struct FoldCase {
  std::string_view what;
  std::string_view text;
  std::string_view folded;
};

constexpr FoldCase kFoldCases[] = {
    {"plain digits", "1234", "1234"},
    {"nothing", "", ""},
    {"only white space", " \t\u3000\u00A0", ""},
    {"outer white space", "  12 ", "12"},
    {"inner white space", "1 2\u30003", "123"},
    {"lower case", "abcXYZ", "ABCXYZ"},
    {"full-width lower case", "ａｂｃ１２", "ABC12"},
    {"accented letter, composed", "m\u00FCller", "M\u00DCLLER"},
    {"accented letter, decomposed", "mu\u0308ller", "M\u00DCLLER"},
    {"spacing accent after a letter", "u\u00A8", "\u00DC"},
    {"full-width digits", "０１２３", "0123"},
    {"half-width kana with sound marks", "ｶﾞﾝﾌﾟ", "ガンプ"},
    {"decomposed kana", "か\u3099", "が"},
    {"free-standing sound mark", "カ゛ハ゜", "ガパ"},
    {"half-width sound mark after full-width kana", "カﾞ", "ガ"},
    {"hiragana is not katakana", "けんぽ", "けんぽ"},
    {"circled and parenthesised forms", "①㈱", "1(株)"},
    {"compatibility ideograph", "\uFA19", "神"},
    {"Kangxi radicals, by NFKC", "⼀⼊⾼", "一入高"},
    {"CJK radicals of the source documents", "厚⽣⺠\u2EED", "厚生民歯"},
    {"first and last CJK radical in use", "\u2E81\u2EF3", "厂龟"},
    {"radical that stands for no ideograph", "\u2E80", "\u2E80"},
    {"ideographic variation sequence", "葛\U000E0100飾", "葛飾"},
    {"standardised variation selector", "神\uFE00", "神"},
    {"selector between kana and mark", "か\uFE00\u3099", "が"},
    {"zero-width characters and byte order mark", "\uFEFF1\u200B2\u200D3", "123"},
    {"surrogate pair in UTF-16", "𠮷野", "𠮷野"},
    {"variants of names are kept apart", "髙橋", "髙橋"},
    {"hyphen-minus", "1-2", "1-2"},
    {"hyphen U+2010", "1‐2", "1-2"},
    {"non-breaking hyphen U+2011", "1‑2", "1-2"},
    {"figure dash U+2012", "1‒2", "1-2"},
    {"en dash U+2013", "1–2", "1-2"},
    {"em dash U+2014", "1—2", "1-2"},
    {"horizontal bar U+2015", "1―2", "1-2"},
    {"minus sign U+2212", "1−2", "1-2"},
    {"full-width hyphen-minus U+FF0D", "1－2", "1-2"},
    {"small hyphen-minus U+FE63",
     "1\uFE63"
     "2",
     "1-2"},
    {"small em dash U+FE58",
     "1\uFE58"
     "2",
     "1-2"},
    {"hyphen bullet U+2043",
     "1\u2043"
     "2",
     "1-2"},
    {"superscript minus",
     "1\u207B"
     "2",
     "1-2"},
    {"box drawing U+2500", "1─2", "1-2"},
    {"long-vowel mark between digits", "１ー２", "1-2"},
    {"half-width long-vowel mark", "1ｰ2", "1-2"},
    {"long-vowel mark typed for a hyphen after kana", "アー12", "ア-12"},
    {"the hyphen it was typed for", "ア－12", "ア-12"},
    {"katakana word", "カード", "カ-ド"},
    {"half-width katakana word", "ｶｰﾄﾞ", "カ-ド"},
    {"the kanji for one is not a hyphen", "1一2", "1一2"},
    {"private use", "\uE000", "\uE000"},
};

TEST(FoldForSearchTest, GivesOneSpelling) {
  for (const FoldCase& c : kFoldCases) {
    const std::optional<std::string> folded = FoldForSearch(c.text);
    ASSERT_TRUE(folded.has_value()) << c.what;
    EXPECT_EQ(*folded, c.folded) << c.what;
  }
}

TEST(FoldForSearchTest, RefusesMalformedUtf8) {
  for (const std::string_view text :
       {"\xFF", "12\x80", "\xE3\x81", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
        "\xE3\x81"
        "A"}) {
    EXPECT_EQ(FoldForSearch(text), std::nullopt);
  }
}

TEST(FoldForSearchTest, RefusesControlCharactersOnBothPaths) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {"1\0002"sv, "\x1B"sv, "\x7F"sv, "あ\x01"sv, "\u0080"sv}) {
    EXPECT_EQ(FoldForSearch(text), std::nullopt);
  }
}

std::string Utf8(char32_t c) {
  std::string utf8;
  icu::UnicodeString(static_cast<UChar32>(c)).toUTF8String(utf8);
  return utf8;
}

TEST(FoldForSearchTest, FoldingAFoldedTextChangesNothing) {
  for (char32_t c = 0; c <= 0x2FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::optional<std::string> once = FoldForSearch("カ" + Utf8(c) + "a");
    if (!once.has_value()) continue;
    ASSERT_EQ(FoldForSearch(*once), once) << std::hex << static_cast<uint32_t>(c);
  }
}

// Both paths must agree: an ASCII text gives the same bytes when an invisible character sends it
// past the fast path.
TEST(FoldForSearchTest, AsciiPathAgreesWithTheOther) {
  for (char c = 0; c >= 0 && c < 0x7F; ++c) {
    const std::string text = std::string("x") + c + "-";
    EXPECT_EQ(FoldForSearch(text), FoldForSearch(text + "\u200B")) << static_cast<int>(c);
  }
  EXPECT_EQ(FoldForSearch("\x7F"), FoldForSearch("\x7F\u200B"));
}

TEST(FoldForSearchTest, LeavesNoRadicalThatStandsForAnIdeograph) {
  int left = 0;
  for (char32_t c = 0x2E80; c <= 0x2EF3; ++c) {
    const std::string folded = *FoldForSearch(Utf8(c));
    const icu::UnicodeString text = icu::UnicodeString::fromUTF8(folded);
    if (text.char32At(0) >= 0x2E80 && text.char32At(0) <= 0x2EFF) ++left;
  }
  EXPECT_EQ(left, 2) << "U+2E80 (no equivalent) and U+2E9A (not assigned)";
}

TEST(TrimWhiteSpaceTest, TakesOnlyTheOuterWhiteSpace) {
  EXPECT_EQ(TrimWhiteSpace(" \u3000\t a \u3000b\u3000 \n"), "a \u3000b");
  EXPECT_EQ(TrimWhiteSpace(" \u3000 "), "");
  EXPECT_EQ(TrimWhiteSpace(""), "");
  EXPECT_EQ(TrimWhiteSpace("\x80"), "\x80");
}

}  // namespace
}  // namespace kakunin
