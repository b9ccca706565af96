#include "domain/text/individual_number.h"

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace kakunin {
namespace {

constexpr std::string_view kWiped("\0\0\0\0\0\0\0\0\0\0\0\0", 12);

static_assert(!std::is_copy_constructible_v<IndividualNumber>);
static_assert(!std::is_copy_assignable_v<IndividualNumber>);
static_assert(std::is_nothrow_move_constructible_v<IndividualNumber>);
static_assert(std::is_nothrow_move_assignable_v<IndividualNumber>);
static_assert(!std::is_convertible_v<IndividualNumber, std::string_view>);
static_assert(!std::is_convertible_v<IndividualNumber, std::string>);

TEST(IndividualNumberTest, ReadsTwelveAsciiDigitsOnly) {
  EXPECT_EQ(IndividualNumber::Parse("123456789018")->Reveal().size(), 12u);
  for (const std::string_view text : {"", "12345678901", "1234567890180", " 123456789018",
                                      "12345678901a", "１２３４", "1234-5678-90"}) {
    EXPECT_FALSE(IndividualNumber::Parse(text).has_value()) << text;
  }
}

struct CheckCase {
  std::string_view text;
  bool is_valid;
};

// Computed by hand from the ordinance's formula: sum of digit x weight, remainder by 11.
constexpr CheckCase kCheckCases[] = {
    {"123456789018", true},   // Sum 212, remainder 3, 11 - 3.
    {"123456789019", false},  //
    {"000000000000", true},   // Sum 0, remainder 0 gives 0.
    {"000000000001", false},  //
    {"000001000004", true},   // Sum 7, remainder 7, 11 - 7.
    {"000002000008", true},   // Sum 14, remainder 3.
    {"100001000009", true},   // Sum 13, remainder 2 gives 9, the edge above the rule for 0 and 1.
    {"000010100000", false},  // Sum 8, remainder 8 gives 3.
    {"000010100003", true},   //
    {"100000100000", true},   // Sum 12, remainder 1 gives 0, not 10.
    {"100000100001", false},  //
};

TEST(IndividualNumberTest, CheckDigitFollowsTheOrdinance) {
  for (const CheckCase& c : kCheckCases) {
    EXPECT_EQ(IndividualNumber::Parse(c.text)->HasValidCheckDigit(), c.is_valid) << c.text;
  }
}

TEST(IndividualNumberTest, MovedFromObjectIsWiped) {
  std::optional<IndividualNumber> first = IndividualNumber::Parse("123456789018");
  IndividualNumber second = *std::move(first);
  EXPECT_EQ(first->Reveal(), kWiped);  // NOLINT(bugprone-use-after-move): that is the test.
  EXPECT_FALSE(first->HasValidCheckDigit());
  EXPECT_EQ(second.Reveal(), "123456789018");

  std::optional<IndividualNumber> third = IndividualNumber::Parse("000000000000");
  *third = std::move(second);
  EXPECT_EQ(second.Reveal(), kWiped);  // NOLINT(bugprone-use-after-move): that is the test.
  EXPECT_EQ(third->Reveal(), "123456789018");
}

TEST(IndividualNumberTest, MovingToItselfKeepsTheNumber) {
  std::optional<IndividualNumber> number = IndividualNumber::Parse("123456789018");
  IndividualNumber& same = *number;
  *number = std::move(same);
  EXPECT_EQ(number->Reveal(), "123456789018");
}

TEST(IndividualNumberTest, DestructionWipesTheMemory) {
  alignas(IndividualNumber) char memory[sizeof(IndividualNumber)];
  auto* number = new (memory) IndividualNumber(std::move(*IndividualNumber::Parse("123456789018")));
  EXPECT_EQ(number->Reveal().data(), memory);
  std::destroy_at(number);
  EXPECT_EQ(std::string_view(memory, 12), kWiped);
}

}  // namespace
}  // namespace kakunin
