#include "domain/password_rule.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace kakunin {
namespace {

using Faults = std::vector<PasswordFault>;

Faults Judge(std::string_view typed) {
  const auto text = ReadPassword(typed);
  EXPECT_TRUE(text) << typed;
  return text ? PasswordFaults(*text, "tanaka", "1312345678") : Faults();
}

TEST(PasswordRule, TakesWhatIsLongAndNotObvious) {
  for (const char* good : {"correct horse battery", "k7f-Q2w-z9Lm", "あさがおの花が三つ咲いた朝",
                           "tana kaeru noka 77", "Sakura-no-ki-9"}) {
    EXPECT_EQ(Judge(good), Faults()) << good;
  }
}

TEST(PasswordRule, CountsCodePointsAfterNormalising) {
  EXPECT_EQ(Judge("k7f-Q2w-z9L"), Faults{PasswordFault::kTooShort});  // eleven
  EXPECT_EQ(Judge("k7f-Q2w-z9Lm"), Faults());                         // twelve
  // Ten characters of three and four octets are ten; a ㌔ is two.
  EXPECT_EQ(Judge("𠮷野家の牛丼大盛りを"), Faults{PasswordFault::kTooShort});
  EXPECT_EQ(Judge("𠮷野家の牛丼大盛り㌔を"), Faults());
  std::string long_one = "k7f-Q2w-z9Lm";
  while (long_one.size() < 128) long_one += static_cast<char>('a' + long_one.size() * 7 % 26);
  EXPECT_EQ(Judge(long_one), Faults());
  EXPECT_EQ(Judge(long_one + "q"), Faults{PasswordFault::kTooLong});
}

TEST(PasswordRule, FullWidthIsTheSamePassword) {
  const auto full = ReadPassword("ｋ７ｆ－Ｑ２ｗ－ｚ９Ｌｍ");
  const auto half = ReadPassword("k7f-Q2w-z9Lm");
  ASSERT_TRUE(full && half);
  EXPECT_EQ(full->utf8, half->utf8);
  EXPECT_EQ(full->characters, 12u);
  // Half-width kana with its mark is one character.
  EXPECT_EQ(ReadPassword("ﾊﾟ")->characters, 1u);
  EXPECT_EQ(ReadPassword("ﾊﾟ")->utf8, "パ");
  // Case and inner spaces are part of it.
  EXPECT_NE(ReadPassword("A b")->utf8, ReadPassword("a b")->utf8);
  EXPECT_NE(ReadPassword("A b")->utf8, ReadPassword("Ab")->utf8);
}

TEST(PasswordRule, RefusesWhatIsNoText) {
  EXPECT_FALSE(ReadPassword("abc\ndefghijkl"));
  EXPECT_FALSE(ReadPassword(std::string("abc\0defghijkl", 13)));
  EXPECT_FALSE(
      ReadPassword("abc\xff"
                   "defghijkl"));
}

TEST(PasswordRule, RefusesWhatIsTriedFirst) {
  const auto has = [](const char* typed, PasswordFault fault) {
    for (const PasswordFault one : Judge(typed)) {
      if (one == fault) return true;
    }
    return false;
  };
  for (const char* name : {"Tanaka-no-himitsu", "xx1312345678yy"}) {
    EXPECT_TRUE(has(name, PasswordFault::kNamesTheUser)) << name;
  }
  for (const char* run : {"123456789012", "234567890123", "abcdefghijklmn", "nmlkjihgfedcba",
                          "k7Qwk7Qwk7Qw", "aiueo1aiueo1aiueo1"}) {
    EXPECT_TRUE(has(run, PasswordFault::kRunOrRepetition)) << run;
  }
  for (const char* few : {"aaaaaaaaaaaa", "aabbccddaabb", "いいいいいいいいいいいい"}) {
    EXPECT_TRUE(has(few, PasswordFault::kTooFewDifferent)) << few;
  }
  for (const char* common : {"Password1234", "P a s s w o r d 2026!", "administrator1",
                             "パスワード1234567", "kakunin202611", "Qwertyuiop12"}) {
    EXPECT_TRUE(has(common, PasswordFault::kCommon)) << common;
  }
  // Everything that is wrong at once.
  EXPECT_EQ(Judge("111"), (Faults{PasswordFault::kTooShort, PasswordFault::kTooFewDifferent,
                                  PasswordFault::kRunOrRepetition}));
}

TEST(PasswordRule, EveryFaultHasASentenceOfItsOwn) {
  std::set<std::string_view> sentences;
  for (int number = 1; number <= 6; ++number) {
    EXPECT_TRUE(sentences.insert(SentenceOf(static_cast<PasswordFault>(number))).second);
  }
}

}  // namespace
}  // namespace kakunin
