#include "domain/four_items.h"

#include <gtest/gtest.h>

#include "domain/text/identity_spelling.h"

namespace kakunin {
namespace {

const absl::CivilDay kBorn(1970, 1, 2);

// As an insurer registered them.
constexpr NameAndAddress kRegistered{.name = "髙田　花子",
                                     .name_kana = "ﾀｶﾀﾞ ﾊﾅｺ",
                                     .other_name = "ＳＭＩＴＨ　ＨＡＮＡ",
                                     .other_name_kana = "",
                                     .address = "石川県輪島市二ツ屋町二丁目２９番地３号"};

bool Finds(std::string_view name, std::string_view address) {
  const auto items = ReadFourItems(name, kBorn, Sex::kFemale, address);
  return items && Agree(*items, kRegistered);
}

TEST(FourItems, AgreeInWhateverSpelling) {
  constexpr std::string_view kAddress = "輪島市二ツ屋町2-29-3";
  EXPECT_TRUE(Finds("高田 花子", kAddress));
  EXPECT_TRUE(Finds("タカダハナコ", kAddress));
  EXPECT_TRUE(Finds("Smith Hana", kAddress));
  EXPECT_TRUE(Finds("髙田花子", "石川県輪島市二ツ屋町２丁目２９－３"));
}

TEST(FourItems, NameAndAddressMustBothAgree) {
  constexpr std::string_view kAddress = "輪島市二ツ屋町2-29-3";
  EXPECT_FALSE(Finds("高田 花", kAddress));
  EXPECT_FALSE(Finds("高田", kAddress));
  EXPECT_FALSE(Finds("タカタハナコ", kAddress));
  EXPECT_FALSE(Finds("高田 花子", "輪島市二ツ屋町2-29"));
  EXPECT_FALSE(Finds("高田 花子", "輪島市二ツ屋町2-29-33"));
  EXPECT_FALSE(Finds("高田 花子", "七尾市二ツ屋町2-29-3"));
}

TEST(FourItems, WhatIsEmptyAgreesWithNothing) {
  EXPECT_FALSE(ReadFourItems("", kBorn, Sex::kFemale, "輪島市二ツ屋町2-29-3"));
  EXPECT_FALSE(ReadFourItems("　 ", kBorn, Sex::kFemale, "輪島市二ツ屋町2-29-3"));
  EXPECT_FALSE(ReadFourItems("高田 花子", kBorn, Sex::kFemale, ""));
  const auto items = ReadFourItems("高田 花子", kBorn, Sex::kFemale, "輪島市二ツ屋町2-29-3");
  ASSERT_TRUE(items);
  EXPECT_FALSE(Agree(*items, {}));
  EXPECT_FALSE(Agree(*items, {.name = "高田花子"}));
}

}  // namespace
}  // namespace kakunin
