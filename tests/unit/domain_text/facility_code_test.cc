#include "domain/text/facility_code.h"

#include <gtest/gtest.h>

#include <string_view>

namespace kakunin {
namespace {

TEST(FacilityCodeTest, ReadsTenAsciiDigitsOnly) {
  EXPECT_EQ(FacilityCode::Parse("0110113719")->Digits(), "0110113719");
  for (const std::string_view text :
       {"", "011011371", "01101137190", " 0110113719", "0110113719 ", "011011371a",
        "０１１０１１３７１９", "-110113719", "01101137\xEF\xBC"}) {
    EXPECT_EQ(FacilityCode::Parse(text), std::nullopt) << "'" << text << "'";
  }
}

TEST(FacilityCodeTest, CheckDigitIsOverAllTenDigits) {
  EXPECT_TRUE(FacilityCode::Parse("0110113719")->HasValidCheckDigit());
  EXPECT_EQ(FacilityCode::Parse("0110113710")->ComputeCheckDigit(), '9');
  // Codes of public examples, which do not respect it and are read all the same.
  for (const std::string_view text : {"1311111111", "0110012345"}) {
    ASSERT_TRUE(FacilityCode::Parse(text).has_value());
    EXPECT_FALSE(FacilityCode::Parse(text)->HasValidCheckDigit()) << text;
  }
  // The prefecture and the fee table take part.
  EXPECT_FALSE(FacilityCode::Parse("0210113719")->HasValidCheckDigit());
  EXPECT_FALSE(FacilityCode::Parse("0140113719")->HasValidCheckDigit());
}

TEST(FacilityCodeTest, NamesPrefectureAndFeeTable) {
  EXPECT_EQ(FacilityCode::Parse("1311111111")->Prefecture(), 13);
  EXPECT_EQ(FacilityCode::Parse("1311111111")->Table(), FeeTable::kMedical);
  EXPECT_EQ(FacilityCode::Parse("1331111111")->Table(), FeeTable::kDental);
  EXPECT_EQ(FacilityCode::Parse("1341111111")->Table(), FeeTable::kPharmacy);
  EXPECT_EQ(FacilityCode::Parse("1361111111")->Table(), FeeTable::kHomeNursing);
  for (const std::string_view text :
       {"1301111111", "1321111111", "1351111111", "1371111111", "1381111111", "1391111111"}) {
    EXPECT_EQ(FacilityCode::Parse(text)->Table(), FeeTable::kUnknown) << text;
  }
}

}  // namespace
}  // namespace kakunin
