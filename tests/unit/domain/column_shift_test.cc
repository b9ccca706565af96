#include "domain/column_shift.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

Coverage Plain() {
  Coverage coverage;
  coverage.name = {"確認　太郎", "カクニン　タロウ"};
  coverage.address = "東京都千代田区１－１";
  return coverage;
}

TEST(LooksShifted, APlainRowDoesNot) {
  EXPECT_FALSE(LooksShifted(Plain()));
  EXPECT_FALSE(LooksShifted({}));
}

TEST(LooksShifted, NamesOfAllKindsDoNot) {
  Coverage row = Plain();
  for (const PersonName& name :
       {PersonName{"JOHN SMITH", "ジョン　スミス"}, PersonName{"さくら", "ｻｸﾗ"},
        PersonName{"𠮷田　髙子", "ヨシダ　タカコ"}, PersonName{"山々〆ノ井", ""}}) {
    row.name = name;
    EXPECT_FALSE(LooksShifted(row));
  }
}

TEST(LooksShifted, ColumnsThatMovedByOneDo) {
  Coverage kana_in_name = Plain();
  kana_in_name.name = {"カクニン　タロウ", "1970-01-01"};
  EXPECT_TRUE(LooksShifted(kana_in_name));
  Coverage number_in_name = Plain();
  number_in_name.name = {"１２３４５", "確認　太郎"};
  EXPECT_TRUE(LooksShifted(number_in_name));
  Coverage name_in_kana = Plain();
  name_in_kana.name.kana = "確認　太郎";
  EXPECT_TRUE(LooksShifted(name_in_kana));
  Coverage insured = Plain();
  insured.insured_name.kana = "５６";
  EXPECT_TRUE(LooksShifted(insured));
  Coverage postal_code_in_address = Plain();
  postal_code_in_address.address = "100-0001";
  EXPECT_TRUE(LooksShifted(postal_code_in_address));
}

}  // namespace
}  // namespace kakunin
