#include "domain/reference_number.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace kakunin {
namespace {

using Numbers = std::vector<std::string>;
using enum ReferenceNumberAction;

TEST(AfterChange, ReplacingKeepsWhatIsNamedAgainInItsPlace) {
  EXPECT_EQ(AfterChange(Numbers{"b", "a"}, kReplace, Numbers{"c", "a", "A"}),
            (Numbers{"a", "A", "c"}));
  EXPECT_EQ(AfterChange(Numbers{}, kReplace, Numbers{"a", "a"}), Numbers{"a"});
}

TEST(AfterChange, AddingTwiceAddsOnce) {
  EXPECT_EQ(AfterChange(Numbers{"b"}, kAdd, Numbers{"a"}), (Numbers{"b", "a"}));
  EXPECT_EQ(AfterChange(Numbers{"b", "a"}, kAdd, Numbers{"a"}), (Numbers{"b", "a"}));
}

TEST(AfterChange, DeletingWithoutANameDeletesAll) {
  EXPECT_EQ(AfterChange(Numbers{"b", "a"}, kDelete, Numbers{"b", "x"}), Numbers{"a"});
  EXPECT_EQ(AfterChange(Numbers{"b", "a"}, kDelete, Numbers{}), Numbers{});
}

TEST(AfterChange, IsTheSameWithinBlanksAndWidthsOnlyForTheSameOctets) {
  EXPECT_EQ(AfterChange(Numbers{"A1"}, kAdd, Numbers{"A1 ", "Ａ１"}),
            (Numbers{"A1", "A1 ", "Ａ１"}));
}

TEST(AfterChange, RefusesTheEleventhNumberAndLetsAMergesManyShrink) {
  Numbers ten;
  for (int i = 10; i < 20; ++i) ten.push_back(fmt::format("{}", i));
  EXPECT_EQ(AfterChange(Numbers(ten.begin(), ten.end() - 1), kAdd, Numbers{"19"}), ten);
  EXPECT_EQ(AfterChange(ten, kAdd, Numbers{"19"}), ten);
  EXPECT_EQ(AfterChange(ten, kAdd, Numbers{"20"}), std::nullopt);
  Numbers many = ten;
  many.insert(many.end(), {"x", "y"});
  EXPECT_EQ(AfterChange(many, kAdd, Numbers{"z"}), std::nullopt);
  EXPECT_EQ(AfterChange(many, kDelete, Numbers{"x"})->size(), 11u);
  EXPECT_EQ(AfterChange(many, kReplace, ten), ten);
}

}  // namespace
}  // namespace kakunin
