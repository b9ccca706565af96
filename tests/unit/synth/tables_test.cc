#include <gtest/gtest.h>

#include <set>
#include <string>

#include "domain/text/facility_code.h"
#include "domain/text/individual_number.h"
#include "domain/text/insurer_number.h"
#include "domain/text/person_name.h"
#include "server/synth/facility_table.h"
#include "server/synth/identity_numbers.h"
#include "server/synth/insurer_table.h"
#include "server/synth/name_table.h"

namespace kakunin::synth {
namespace {

TEST(InsurerTable, NumbersAreValidUniqueAndSayTheirKind) {
  std::set<std::string> seen;
  for (const Insurer& insurer : Insurers()) {
    const auto number = InsurerNumber::Parse(insurer.number);
    ASSERT_TRUE(number) << insurer.name;
    EXPECT_EQ(number->Digits(), insurer.number);
    EXPECT_TRUE(number->HasValidCheckDigit()) << insurer.name;
    EXPECT_EQ(number->Kind(), insurer.kind) << insurer.name;
    EXPECT_GE(number->Prefecture(), 1) << insurer.name;
    EXPECT_LE(number->Prefecture(), 47) << insurer.name;
    EXPECT_TRUE(seen.insert(insurer.number).second) << insurer.name;
  }
}

TEST(InsurerTable, HasEveryKindBesideTheTestPersonsInsurers) {
  for (int kind = static_cast<int>(InsurerKind::kNationalHealthMunicipality);
       kind <= static_cast<int>(InsurerKind::kRetiredMutualAid); ++kind) {
    EXPECT_FALSE(InsurersOf(static_cast<InsurerKind>(kind)).empty()) << "kind " << kind;
    EXPECT_NE(KindName(static_cast<InsurerKind>(kind)), "不明");
  }
}

TEST(InsurerTable, FindsTheInsurerOfAPlace) {
  for (const Municipality& place : Municipalities()) {
    const auto all = Insurers();
    EXPECT_EQ(all[InsurerIn(InsurerKind::kNationalHealthMunicipality, place)].place, &place);
    const Insurer& union_ = all[InsurerIn(InsurerKind::kLateElderly, place)];
    EXPECT_EQ(union_.kind, InsurerKind::kLateElderly);
    EXPECT_EQ(union_.place->prefecture_code, place.prefecture_code);
  }
}

TEST(FacilityTable, HasHundredsOfValidUniqueCodes) {
  std::set<std::string> seen;
  for (const Facility& facility : Facilities()) {
    const auto code = FacilityCode::Parse(facility.code);
    ASSERT_TRUE(code) << facility.name;
    EXPECT_TRUE(code->HasValidCheckDigit()) << facility.code;
    EXPECT_NE(code->Table(), FeeTable::kUnknown) << facility.code;
    EXPECT_TRUE(seen.insert(facility.code).second) << facility.code;
    EXPECT_FALSE(facility.terminals.empty());
  }
  EXPECT_GE(seen.size(), 300u);
  for (const std::string_view code :
       {test_facility::kClinic, test_facility::kOtherClinic, test_facility::kDental,
        test_facility::kPharmacy, test_facility::kHomeNursing}) {
    EXPECT_TRUE(seen.contains(std::string(code))) << code;
  }
}

TEST(NameTable, IsWideEnoughAndInKana) {
  EXPECT_GE(FamilyNames().size(), 100u);
  size_t given = 0;
  for (const Sex sex : {Sex::kMale, Sex::kFemale}) {
    given += GivenNames(sex, 1950).size() + GivenNames(sex, 2000).size();
  }
  EXPECT_GE(given, 200u);
  for (const NameSpelling& name : FamilyNames()) {
    // Nothing but kana becomes half-width: no character of three octets other than U+FF61-FF9F.
    for (const char c : ToHalfWidthKana(name.kana)) {
      ASSERT_TRUE(c == '\xEF' || c == '\xBD' || c == '\xBE' || (c & 0xC0) == 0x80) << name.text;
    }
  }
}

TEST(NameTable, EveryRareNameIsOutsideOfJisOrKnownToBeVariant) {
  int replaced = 0;
  for (const NameSpelling& name : RareFamilyNames()) {
    const JisSafeName safe = ToJisX0208(name.text);
    replaced += safe.replaced ? 1 : 0;
    EXPECT_FALSE(safe.text.empty());
  }
  // 渡邉 渡邊 邊見 齋藤 齊藤 濵田's 濱 are within level 2 or fold to it; the rest is outside.
  EXPECT_GE(replaced, 14);
}

TEST(IdentityNumbers, IndividualNumbersAreValidAndNeverRepeat) {
  std::set<std::string> seen;
  const auto take = [&](const std::string& text) {
    const auto number = IndividualNumber::Parse(text);
    ASSERT_TRUE(number);
    EXPECT_TRUE(number->HasValidCheckDigit());
    EXPECT_TRUE(seen.insert(text).second);
  };
  for (int64_t person = 0; person < 20'000; ++person) take(IndividualNumberOf(1, person));
  for (int n = 0; n < 100; ++n) take(TestIndividualNumber(n));
  EXPECT_NE(IndividualNumberOf(1, 0), IndividualNumberOf(2, 0));
}

TEST(IdentityNumbers, RandomPersonsNeverGetATestPersonsNumber) {
  // Test persons have 99 before; the others stay below 90.
  EXPECT_EQ(TestIndividualNumber(1).substr(0, 2), "99");
  for (const uint64_t seed : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
    for (int64_t person = 0; person < 20'000; ++person) {
      ASSERT_LT(IndividualNumberOf(seed, person)[0], '9');
    }
  }
}

}  // namespace
}  // namespace kakunin::synth
