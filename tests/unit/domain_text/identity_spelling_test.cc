#include "domain/text/identity_spelling.h"

#include <gtest/gtest.h>

#include <string_view>

#include "domain/text/jis_variants.h"
#include "domain/text/kanji_variants.h"

namespace kakunin {
namespace {

struct Same {
  std::string_view one;
  std::string_view other;
};

TEST(SpellName, OneShapeOfKanjiRadicalsWidthsAndSpaces) {
  constexpr Same kCases[] = {
      {"渡邉　花子", "渡辺 花子"},
      {"渡邊花子", "渡邉花子"},
      {"齋藤　一", "斉藤一"},
      {"斎藤一", "齊藤一"},
      {"髙橋", "高橋"},
      {"山﨑", "山崎"},
      {"𠮷田", "吉田"},
      {"濵田", "浜田"},
      {"濱田", "浜田"},
      {"⻑谷川", "長谷川"},
      {"葛󠄀城", "葛城"},
      {"神\uFA19", "神神"},
      {"ＬＥＥ　ＡＮＮ", "Lee Ann"},
      {"小澤", "小沢"},
  };
  for (const Same& same : kCases) {
    EXPECT_EQ(SpellName(same.one), SpellName(same.other)) << same.one << ' ' << same.other;
  }
}

TEST(SpellName, KeepsDifferentNamesApart) {
  constexpr Same kCases[] = {
      {"佐藤一", "佐藤二"}, {"太田", "大田"}, {"美香", "美加"}, {"一", "ー"}, {"正", "政"},
  };
  for (const Same& same : kCases) {
    EXPECT_NE(SpellName(same.one), SpellName(same.other)) << same.one << ' ' << same.other;
  }
}

TEST(SpellName, RefusesWhatIsNoText) {
  EXPECT_EQ(SpellName("\xff"), std::nullopt);
  EXPECT_EQ(SpellKana("ア\x01"), std::nullopt);
  EXPECT_EQ(SpellAddress("\xe3\x81"), std::nullopt);
}

TEST(SpellKana, OneSpellingOfWidthsSmallLettersAndLongVowels) {
  constexpr Same kCases[] = {
      {"ﾜﾀﾅﾍﾞ ﾊﾅｺ", "ワタナベ　ハナコ"},
      {"わたなべ", "ワタナベ"},
      {"キョウコ", "ｷﾖｳｺ"},
      {"オオノ", "オーノ"},
      {"オウノ", "オオノ"},
      {"ユウコ", "ユーコ"},
      {"ケイコ", "ケーコ"},
      {"リョウヘイ", "リヨオヘー"},
      {"シヅカ", "シズカ"},
      {"カヲル", "カオル"},
      {"ハットリ", "ハツトリ"},
      {"アン・リー", "アンリイ"},
      {"ｵｵﾉ", "オ－ノ"},
      {"ガ", "カ゛"},
  };
  for (const Same& same : kCases) {
    EXPECT_EQ(SpellKana(same.one), SpellKana(same.other)) << same.one << ' ' << same.other;
  }
}

TEST(SpellKana, KeepsDifferentNamesApart) {
  constexpr Same kCases[] = {
      {"ハナコ", "バナコ"}, {"ハナ", "ハナコ"}, {"アオイ", "アオ"},
      {"ユキ", "ユウキ"},   {"ケン", "ケイン"},
  };
  for (const Same& same : kCases) {
    EXPECT_NE(SpellKana(same.one), SpellKana(same.other)) << same.one << ' ' << same.other;
  }
}

TEST(SpellAddress, OneSpellingOfNumbersAndPlaces) {
  constexpr Same kCases[] = {
      {"東京都千代田区霞が関一丁目２番３号", "千代田区霞ヶ関1-2-3"},
      {"東京都千代田区霞ケ関１－２－３", "東京都千代田区霞が関一丁目2の3"},
      {"札幌市中央区北十一条西二十丁目1番地", "北海道札幌市中央区北11条西20-1"},
      {"みどり野市大字上原字下1番地の2", "みどり野市上原下1-2"},
      {"緑町3丁目4-5 コーポ緑101号室", "緑町３－４－５　コーポ緑１０１"},
      {"津市丸之内1番1号", "三重県津市丸の内1ー1"},
      {"神奈川県川崎市高津区溝口２丁目１", "川崎市高津区溝口2-1"},
      {"鎌ケ谷市", "鎌ヶ谷市"},
      {"渋谷区廣尾5", "澁谷区広尾5"},
  };
  for (const Same& same : kCases) {
    EXPECT_EQ(SpellAddress(same.one), SpellAddress(same.other)) << same.one << ' ' << same.other;
  }
}

TEST(SpellAddress, KeepsDifferentPlacesApart) {
  constexpr Same kCases[] = {
      {"緑町1-23", "緑町12-3"},     {"緑町1丁目2", "緑町12"},
      {"緑町1-2", "緑町1-2-3"},     {"千代田区三番町1", "千代田区3町1"},
      {"緑町一丁目", "緑町二丁目"}, {"緑町1-2", "青町1-2"},
      {"北1条西2", "北12条西2"},
  };
  for (const Same& same : kCases) {
    EXPECT_NE(SpellAddress(same.one), SpellAddress(same.other)) << same.one << ' ' << same.other;
  }
}

TEST(IdentitySpelling, IsItsOwnSpelling) {
  for (const std::string_view text :
       {"東京都千代田区霞が関一丁目２番３号", "渡邉　花子", "ｵｵﾉ ｷﾖｳｺ", "リョウヘイ", "二十丁目",
        "みどり野市大字上原字下1番地の2", ""}) {
    for (const auto spell : {SpellName, SpellKana, SpellAddress}) {
      const auto once = spell(text);
      ASSERT_TRUE(once);
      EXPECT_EQ(spell(*once), once) << text;
    }
  }
}

TEST(UsualKanji, LeadsToOneShapeAndNoFurther) {
  int others = 0;
  for (char32_t c = 0x4E00; c < 0xA000; ++c) {
    const char32_t usual = UsualKanji(c);
    others += usual == c ? 0 : 1;
    EXPECT_EQ(UsualKanji(usual), usual) << static_cast<uint32_t>(c);
    if (const char32_t variant = JisVariant(c); variant != 0) {
      EXPECT_EQ(UsualKanji(c), c) << "told twice: " << static_cast<uint32_t>(c);
    }
  }
  EXPECT_EQ(others, 260);
}

}  // namespace
}  // namespace kakunin
