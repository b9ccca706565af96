#include "domain/text/insurer_number.h"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>

#include "domain/text/digits.h"

namespace kakunin {
namespace {

struct ShapeCase {
  std::string_view text;
  std::string_view digits;  // Empty: refused.
};

constexpr ShapeCase kShapeCases[] = {
    {"33120015", "33120015"},
    {"123456", "00123456"},
    {"  123456", "00123456"},
    {"00123456", "00123456"},
    {" 123456", "00123456"},
    {"\u3000\u3000123456", "00123456"},
    {"123456  ", "00123456"},
    {"１２３４５６", "00123456"},
    {"３３１２００１５", "33120015"},
    {"33１２0015", "33120015"},
    {"010017", "00010017"},
    {"", ""},
    {"        ", ""},
    {"12345", ""},
    {"1234567", ""},
    {" 1234567", ""},
    {"123456789", ""},
    {"12 34567", ""},
    {"12345 6", ""},
    {"1234567a", ""},
    {"-1234567", ""},
    {"１２３４５あ", ""},
    {"１２３４５：", ""},  // U+FF1A, the code point after the full-width nine.
    {"１２３４５／", ""},  // U+FF0F, the one before the full-width zero.
    {"12345\xEF\xBC", ""},
    {"12345\xFF", ""},
};

TEST(InsurerNumberTest, HasOneCanonicalForm) {
  for (const ShapeCase& c : kShapeCases) {
    const std::optional<InsurerNumber> number = InsurerNumber::Parse(c.text);
    ASSERT_EQ(number.has_value(), !c.digits.empty()) << "'" << c.text << "'";
    if (number.has_value()) {
      EXPECT_EQ(number->Digits(), c.digits) << "'" << c.text << "'";
    }
  }
}

TEST(InsurerNumberTest, SpacesAndZerosAreTheSameNumber) {
  EXPECT_EQ(InsurerNumber::Parse("  123456"), InsurerNumber::Parse("00123456"));
  EXPECT_NE(InsurerNumber::Parse("  123456"), InsurerNumber::Parse("12345600"));
}

struct CheckCase {
  std::string_view text;
  char check_digit;
  bool is_valid;
};

constexpr CheckCase kCheckCases[] = {
    {"33120015", '5', true},  {"02199990", '0', true},  {"01234567", '6', false},
    {"98765432", '1', false}, {"33120016", '5', false}, {"33210015", '4', false},
};

TEST(InsurerNumberTest, ComputesTheCheckDigit) {
  for (const CheckCase& c : kCheckCases) {
    const std::optional<InsurerNumber> number = InsurerNumber::Parse(c.text);
    ASSERT_TRUE(number.has_value()) << "a wrong check digit is no reason to refuse: " << c.text;
    EXPECT_EQ(number->ComputeCheckDigit(), c.check_digit) << c.text;
    EXPECT_EQ(number->HasValidCheckDigit(), c.is_valid) << c.text;
  }
}

TEST(InsurerNumberTest, PaddingDoesNotChangeTheCheckDigit) {
  for (int payload = 0; payload < 100'000; payload += 37) {
    const std::string digits = std::to_string(100'000 + payload).substr(1);
    const std::string six = digits + LuhnCheckDigit(digits);
    EXPECT_TRUE(InsurerNumber::Parse(six)->HasValidCheckDigit()) << six;
    EXPECT_TRUE(InsurerNumber::Parse("  " + six)->HasValidCheckDigit()) << six;
  }
}

TEST(InsurerNumberTest, CheckDigitFindsEveryWrongDigit) {
  const std::string right = "33120015";
  for (size_t i = 0; i < right.size(); ++i) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string wrong = right;
      wrong[i] = digit;
      EXPECT_EQ(InsurerNumber::Parse(wrong)->HasValidCheckDigit(), wrong == right) << wrong;
    }
  }
}

struct KindCase {
  std::string_view text;
  InsurerKind kind;
};

constexpr KindCase kKindCases[] = {
    {"130013", InsurerKind::kNationalHealthMunicipality},
    {"132998", InsurerKind::kNationalHealthMunicipality},
    {"133009", InsurerKind::kNationalHealthSociety},
    {"133991", InsurerKind::kNationalHealthSociety},
    {"134007", InsurerKind::kNationalHealthMunicipality},
    {"01130012", InsurerKind::kHealthInsuranceAssociation},
    {"02199990", InsurerKind::kSeamen},
    {"03130010", InsurerKind::kDayLabourer},
    {"04130019", InsurerKind::kDayLabourerSpecial},
    {"05130018", InsurerKind::kUnknown},
    {"06130017", InsurerKind::kHealthInsuranceSociety},
    {"07130016", InsurerKind::kSelfDefenceForces},
    {"12130019", InsurerKind::kMedicalAid},
    {"31130016", InsurerKind::kNationalServantsMutualAid},
    {"32130015", InsurerKind::kLocalServantsMutualAid},
    {"33120015", InsurerKind::kPoliceMutualAid},
    {"34130013", InsurerKind::kSchoolMutualAid},
    {"39130018", InsurerKind::kLateElderly},
    {"63130010", InsurerKind::kRetiredHealthInsuranceSociety},
    {"67130016", InsurerKind::kRetiredNationalHealth},
    {"71130010", InsurerKind::kUnknown},
    {"72130019", InsurerKind::kRetiredMutualAid},
    {"73130018", InsurerKind::kRetiredMutualAid},
    {"74130017", InsurerKind::kRetiredMutualAid},
    {"75130016", InsurerKind::kRetiredMutualAid},
    {"76130015", InsurerKind::kUnknown},
    {"99130015", InsurerKind::kUnknown},
};

TEST(InsurerNumberTest, KindFollowsTheLawCode) {
  for (const KindCase& c : kKindCases) {
    EXPECT_EQ(InsurerNumber::Parse(c.text)->Kind(), c.kind) << c.text;
  }
}

TEST(InsurerNumberTest, PrefectureIsAsWritten) {
  EXPECT_EQ(InsurerNumber::Parse("130013")->Prefecture(), 13);
  EXPECT_EQ(InsurerNumber::Parse("33470015")->Prefecture(), 47);
  EXPECT_EQ(InsurerNumber::Parse("33990015")->Prefecture(), 99);
}

}  // namespace
}  // namespace kakunin
