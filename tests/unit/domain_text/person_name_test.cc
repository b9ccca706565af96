#include "domain/text/person_name.h"

#include <gtest/gtest.h>
#include <iconv.h>
#include <unicode/unistr.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "domain/text/jis_variants.h"

namespace kakunin {
namespace {

struct NameCase {
  std::string_view what;
  std::string_view original;
  std::string_view text;
};

// Golden: these spellings are what facilities print. A change here is a change of the interface.
constexpr NameCase kReplaced[] = {
    {"popular form of 高", "髙橋", "高橋"},
    {"popular form of 崎, not a compatibility form in spite of its place", "山﨑", "山崎"},
    {"outside the BMP", "𠮷野家", "吉野家"},
    {"濵 is drawn after 濱, not 浜", "濵田", "濱田"},
    {"old form", "德川", "徳川"},
    {"old form, JIS X 0213 only", "瀨戶", "瀬戸"},
    {"variant outside the BMP", "𣘺本", "橋本"},
    {"compatibility ideograph", "\uFA19谷", "神谷"},
    {"compatibility ideograph", "大\uFA10", "大塚"},
    {"ideographic variation sequence", "葛\U000E0100城", "葛城"},
    {"variation sequence on a character of the table", "髙\U000E0101橋", "高橋"},
    {"standardised variation sequence", "神\uFE00", "神"},
    {"CJK radical", "⺠\u2EED", "民歯"},
    {"Kangxi radical", "⼭⽥", "山田"},
    {"half-width kana", "ｶﾞﾊﾟﾝ", "ガパン"},
    {"half-width mark after full-width kana", "カﾞ", "ガ"},
    {"mark without kana", "ﾞ", "゛"},
    {"decomposed kana", "か\u3099", "が"},
    {"hiragana vu", "ゔ", "ヴ"},
    {"numerals in circles", "①", "1"},
    {"company sign", "㈱", "(株)"},
    {"Latin letters with accents", "M\u00DCLLER Jos\u00E9", "MULLER Jose"},
    {"no-break space", "A\u00A0B", "A B"},
    {"en dash", "A–B", "A-B"},
    {"zero-width space", "太\u200B郎", "太郎"},
    {"nothing agreed: kanji", "草彅", "草〓"},
    {"nothing agreed: outside the BMP", "𪚲", "〓"},
    {"nothing agreed: hangul", "김", "〓"},
    {"nothing agreed: Latin without decomposition", "\u00D8", "〓"},
    {"nothing agreed: private use", "\uE000", "〓"},
    {"nothing agreed: component form of a radical", "\u2EA1", "〓"},
    {"control character", "太\x01", "太〓"},
    {"malformed UTF-8", "太\xFF", "太〓"},
};

TEST(JisSafeNameTest, SpellsWhatJisX0208Lacks) {
  for (const NameCase& c : kReplaced) {
    const JisSafeName name = ToJisX0208(c.original);
    EXPECT_EQ(name.text, c.text) << c.what;
    EXPECT_TRUE(name.replaced) << c.what;
  }
}

constexpr std::string_view kKept[] = {
    "厚労　太郎",
    "オンシカ タロウ",
    "JOHN SMITH-O'NEIL",
    "渡邉",
    "渡邊",
    "濱田",
    "浜田",
    "齋藤齊",
    "嶋舘桧檜",
    "カード々〆〇ヶ",
    "Ａ１",
    "〓",
    "Ωя",
    "",
    "～〜",
    "－−",
    "—―",
    "∥‖",
};

TEST(JisSafeNameTest, KeepsWhatJisX0208Has) {
  for (const std::string_view original : kKept) {
    const JisSafeName name = ToJisX0208(original);
    EXPECT_EQ(name.text, original);
    EXPECT_FALSE(name.replaced) << original;
  }
}

TEST(JisSafeNameTest, NeverWritesABlackCircle) {
  for (const NameCase& c : kReplaced) {
    EXPECT_EQ(ToJisX0208(c.original).text.find("●"), std::string::npos) << c.what;
  }
}

std::string Utf8(char32_t c) {
  std::string utf8;
  icu::UnicodeString(static_cast<UChar32>(c)).toUTF8String(utf8);
  return utf8;
}

// glibc's converter is the second opinion on what is in the standard; ours is made from ICU's.
class Iso2022Jp {
 public:
  Iso2022Jp() : converter_(iconv_open("ISO-2022-JP", "UTF-8")) {}
  ~Iso2022Jp() { iconv_close(converter_); }
  Iso2022Jp(const Iso2022Jp&) = delete;
  Iso2022Jp& operator=(const Iso2022Jp&) = delete;

  // Holds says whether `text` can be written in ASCII and JIS X 0208.
  bool Holds(std::string text) {
    char out[256];
    char* in_at = text.data();
    char* out_at = out;
    size_t in_left = text.size();
    size_t out_left = sizeof(out);
    iconv(converter_, nullptr, nullptr, nullptr, nullptr);
    if (iconv(converter_, &in_at, &in_left, &out_at, &out_left) == static_cast<size_t>(-1)) {
      return false;
    }
    // ESC ( J is JIS X 0201, which is not asked for.
    return std::string_view(out, sizeof(out) - out_left).find("\x1B(J") == std::string_view::npos;
  }

 private:
  iconv_t converter_;
};

// WithGlibcsCells writes the code points that glibc maps to a JIS cell where another table of the
// same standard has a different one: both stand for the one cell.
std::string WithGlibcsCells(std::string_view utf8) {
  constexpr std::u32string_view kOthers = U"～∥－￠￡￢—";
  constexpr std::u32string_view kGlibcs = U"〜‖−¢£¬―";
  static_assert(kOthers.size() == kGlibcs.size());
  icu::UnicodeString text = icu::UnicodeString::fromUTF8(std::string(utf8));
  for (size_t i = 0; i < kOthers.size(); ++i) {
    text.findAndReplace(static_cast<UChar32>(kOthers[i]), static_cast<UChar32>(kGlibcs[i]));
  }
  std::string written;
  text.toUTF8String(written);
  return written;
}

TEST(JisSafeNameTest, EveryCharacterComesOutInsideTheStandard) {
  Iso2022Jp standard;
  int kept = 0;
  for (char32_t c = 0x20; c <= 0x2FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string original = Utf8(c);
    const JisSafeName name = ToJisX0208(original);
    ASSERT_TRUE(standard.Holds(WithGlibcsCells(name.text)))
        << std::hex << static_cast<uint32_t>(c) << name.text;
    ASSERT_EQ(name.replaced, name.text != original) << std::hex << static_cast<uint32_t>(c);
    if (c > 0x7F && !name.replaced && standard.Holds(original)) ++kept;
    if (c != 0x7F && standard.Holds(WithGlibcsCells(original))) {
      ASSERT_FALSE(name.replaced) << std::hex << static_cast<uint32_t>(c);
    }
  }
  EXPECT_EQ(kept, 6879) << "the number of characters in JIS X 0208";
}

TEST(JisVariantTest, LeadsFromOutsideTheStandardToInside) {
  Iso2022Jp standard;
  int pairs = 0;
  for (char32_t c = 0; c <= 0x2FFFF; ++c) {
    const char32_t variant = JisVariant(c);
    if (variant == 0) continue;
    ++pairs;
    EXPECT_FALSE(standard.Holds(Utf8(c))) << Utf8(c);
    EXPECT_TRUE(standard.Holds(Utf8(variant))) << Utf8(c);
  }
  EXPECT_GT(pairs, 100);
}

struct KanaCase {
  std::string_view what;
  std::string_view kana;
  std::string_view half_width;
};

constexpr KanaCase kKanaCases[] = {
    {"katakana with ideographic space", "コウロウ　タロウ", "ｺｳﾛｳ ﾀﾛｳ"},
    {"hiragana", "おんしか　たろう", "ｵﾝｼｶ ﾀﾛｳ"},
    {"sound marks", "ガギグゲゴパピプペポヴ", "ｶﾞｷﾞｸﾞｹﾞｺﾞﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟｳﾞ"},
    {"hiragana sound marks", "がぱゔ", "ｶﾞﾊﾟｳﾞ"},
    {"decomposed sound mark", "カ\u3099", "ｶﾞ"},
    {"free-standing sound mark", "カ゛ハ゜", "ｶﾞﾊﾟ"},
    {"small kana", "ッャュョァィゥェォっゃ", "ｯｬｭｮｧｨｩｪｫｯｬ"},
    {"long-vowel mark", "コーポ", "ｺｰﾎﾟ"},
    {"kana without a half-width form", "ヰヱヮヵヶゐゑゎゕゖ", "ｲｴﾜｶｹｲｴﾜｶｹ"},
    {"already half-width", "ｺｳﾛｳ ﾀﾛｳ", "ｺｳﾛｳ ﾀﾛｳ"},
    {"half-width sound mark after full-width kana", "カﾞ", "ｶﾞ"},
    {"full-width Latin", "ＪＯＨＮ　ＳＭＩＴＨ", "JOHN SMITH"},
    {"punctuation", "ア・イ、ウ。「エ」", "ｱ･ｲ､ｳ｡｢ｴ｣"},
    {"hyphens", "ア－イ−ウ‐エ", "ｱ-ｲ-ｳ-ｴ"},
    {"kanji pass", "漢字", "漢字"},
    {"nothing", "", ""},
    {"malformed UTF-8", "ア\xFF", "ｱ\uFFFD"},
};

TEST(HalfWidthKanaTest, SpellsKanaHalfWidth) {
  for (const KanaCase& c : kKanaCases) {
    EXPECT_EQ(ToHalfWidthKana(c.kana), c.half_width) << c.what;
  }
}

TEST(HalfWidthKanaTest, EveryCommonKanaComesOutHalfWidth) {
  for (char32_t c = 0x3041; c <= 0x30F6; ++c) {
    if ((c >= 0x3097 && c <= 0x3098) || (c >= 0x309D && c <= 0x30A0)) continue;
    const std::string half = ToHalfWidthKana(Utf8(c));
    const icu::UnicodeString text = icu::UnicodeString::fromUTF8(half);
    for (int32_t i = 0; i < text.length(); ++i) {
      EXPECT_TRUE(text.charAt(i) >= 0xFF66 && text.charAt(i) <= 0xFF9F) << half;
    }
  }
}

TEST(PersonNameTest, MayBeCalledFromSeveralThreads) {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int& count : wrong) {
    threads.emplace_back([&count] {
      for (int i = 0; i < 500; ++i) {
        if (ToHalfWidthKana("コウロウ　ガ") != "ｺｳﾛｳ ｶﾞ") ++count;
        if (ToJisX0208("髙橋").text != "高橋") ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace kakunin
