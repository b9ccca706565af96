#include "domain/resident_identity.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>

namespace kakunin {
namespace {

ResidentIdentity Known() {
  return {.name = {"渡辺　花子", "ワタナベ　ハナコ"},
          .birth_date = absl::CivilDay(1980, 2, 3),
          .sex = Sex::kFemale,
          .address = "東京都みどり野市緑町一丁目２番３号"};
}

Coverage Told() {
  Coverage told;
  told.name = {"渡辺　花子", "ワタナベ　ハナコ"};
  told.birth_date = absl::CivilDay(1980, 2, 3);
  told.sex = Sex::kFemale;
  told.address = "東京都みどり野市緑町一丁目２番３号";
  return told;
}

TEST(DifferingFields, NothingDiffersOctetForOctetOrInSpellingOnly) {
  EXPECT_EQ(DifferingFields(Told(), Known()), 0);
  Coverage spelled = Told();
  spelled.name = {"渡邉花子", "ﾜﾀﾅﾍﾞ ﾊﾅｺ"};
  spelled.address = "みどり野市緑町１－２－３";
  EXPECT_EQ(DifferingFields(spelled, Known()), 0);
}

TEST(DifferingFields, EachFieldDiffersByItself) {
  Coverage told = Told();
  told.name.original = "渡辺　華子";
  EXPECT_EQ(DifferingFields(told, Known()), kIdentityName);
  told = Told();
  told.name.kana = "ワタナベ　ハルコ";
  EXPECT_EQ(DifferingFields(told, Known()), kIdentityKana);
  told = Told();
  told.birth_date = absl::CivilDay(1980, 2, 4);
  EXPECT_EQ(DifferingFields(told, Known()), kIdentityBirthDate);
  told = Told();
  told.sex = Sex::kMale;
  EXPECT_EQ(DifferingFields(told, Known()), kIdentitySex);
  told = Told();
  told.address = "東京都みどり野市緑町一丁目２番４号";
  EXPECT_EQ(DifferingFields(told, Known()), kIdentityAddress);
}

TEST(DifferingFields, WhatIsNotToldDoesNotAgree) {
  Coverage nothing;
  nothing.birth_date = absl::CivilDay(1980, 2, 3);
  EXPECT_EQ(DifferingFields(nothing, Known()), kAllIdentityFields & ~kIdentityBirthDate);
  ResidentIdentity bare = Known();
  bare.name = {};
  bare.address.clear();
  Coverage told = Told();
  told.name = {};
  told.address.clear();
  EXPECT_EQ(DifferingFields(told, bare), kIdentityName | kIdentityKana | kIdentityAddress);
  // Nor does what is nothing once it is spelled.
  told = Told();
  told.address = "　";
  bare.address = " ";
  bare.name = Known().name;
  EXPECT_EQ(DifferingFields(told, bare), kIdentityAddress);
}

TEST(DifferingFields, ANameMayBeTheOneByWhichSomebodyGoes) {
  ResidentIdentity known = Known();
  known.name = {"ＬＥＥ　ＡＮＮ", "リー　アン"};
  known.other_name = {"山田　杏", "ヤマダ　アン"};
  Coverage told = Told();
  told.name = {"山田　杏", "ﾔﾏﾀﾞ ｱﾝ"};
  EXPECT_EQ(DifferingFields(told, known), 0);
  told.name = {"LEE ANN", "ﾘｰ ｱﾝ"};
  EXPECT_EQ(DifferingFields(told, known), 0);
  told.name = {"鈴木　杏", "スズキ　アン"};
  told.other_name = {"山田　杏", "ヤマダ　アン"};
  EXPECT_EQ(DifferingFields(told, known), 0);
  told.other_name = {};
  EXPECT_EQ(DifferingFields(told, known), kIdentityName | kIdentityKana);
}

TEST(DifferingFields, TheSexMayBeOnTheBackOnly) {
  Coverage told = Told();
  told.sex = Sex::kNotSet;
  EXPECT_EQ(DifferingFields(told, Known()), kIdentitySex);
  told.sex_back = Sex::kFemale;
  EXPECT_EQ(DifferingFields(told, Known()), 0);
  told.sex_back = Sex::kMale;
  EXPECT_EQ(DifferingFields(told, Known()), kIdentitySex);
}

TEST(IsSamePerson, FourOfFiveAgreeAndAllWhereFourFitAnother) {
  for (int fields = 0; fields <= kAllIdentityFields; ++fields) {
    const int differing = std::popcount(static_cast<unsigned>(fields));
    EXPECT_EQ(IsSamePerson(fields, false), differing <= 1) << fields;
    EXPECT_EQ(IsSamePerson(fields, true), differing == 0) << fields;
  }
  EXPECT_FALSE(IsSamePerson(kResidentUnknown, false));
}

TEST(IsSamePerson, NeverByNameBirthDateAndSexAlone) {
  Coverage told = Told();
  told.address = "大阪府あおい市青町9";
  told.name.original = "渡部　花子";
  EXPECT_FALSE(IsSamePerson(DifferingFields(told, Known()), false));
}

TEST(IsSamePerson, TellsTwinsApart) {
  // Of one sound: only the kanji differ.
  ResidentIdentity known = Known();
  known.has_double = true;
  Coverage twin = Told();
  twin.name.original = "渡辺　華子";
  EXPECT_FALSE(IsSamePerson(DifferingFields(twin, known), known.has_double));
  // Of different names.
  twin.name.kana = "ワタナベ　ハルコ";
  EXPECT_FALSE(IsSamePerson(DifferingFields(twin, known), false));
}

}  // namespace
}  // namespace kakunin
