#include "domain/text/clear_number.h"

#include <gtest/gtest.h>

#include <string>

namespace kakunin {
namespace {

constexpr char kNumber[] = "123456789018";  // its check digit is right

TEST(ClearNumber, IsFoundInAnyWidthAndSpelling) {
  for (const char* text :
       {"123456789018", "A-123456789018/x", "1234-5678-9018", "１２３４５６７８９０１８",
        "1234 5678　9018", "１２３４－５６７８－９０１８", "0123456789018", "1234567890189"}) {
    EXPECT_TRUE(HoldsNumber(text, kNumber)) << text;
  }
  for (const char* text : {"", "12345678901", "123456789017", "12345678a9018", "渡辺花子",
                           "123456\n789018", "\xEF\xBC", "1234567890\xEF\xBC"}) {
    EXPECT_FALSE(HoldsNumber(text, kNumber)) << text;
  }
}

TEST(ClearNumber, IsFoundAmongOtherOctets) {
  const std::string octets = std::string("\x0a\x0c", 2) + kNumber + std::string("\x12\0\xff", 3);
  EXPECT_TRUE(HoldsNumber(octets, kNumber));
}

TEST(ClearNumber, TwelveDigitsWithARightCheckDigitLookLikeOne) {
  EXPECT_TRUE(LooksLikeIndividualNumber(kNumber));
  EXPECT_TRUE(LooksLikeIndividualNumber("dr-123456789018"));
  EXPECT_FALSE(LooksLikeIndividualNumber("123456789017"));
  EXPECT_FALSE(LooksLikeIndividualNumber("1234567890180"));
  EXPECT_FALSE(LooksLikeIndividualNumber("D0012"));
  EXPECT_FALSE(LooksLikeIndividualNumber(""));
}

}  // namespace
}  // namespace kakunin
