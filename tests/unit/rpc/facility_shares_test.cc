#include "server/rpc/facility_shares.h"

#include <gtest/gtest.h>

#include <vector>

namespace kakunin {
namespace {

TEST(FacilityShares, OneFacilityTakesNothingFromOthers) {
  FacilityShares shares(2);
  std::vector<std::shared_ptr<void>> held = {shares.Take("a"), shares.Take("a")};
  EXPECT_NE(held[0], nullptr);
  EXPECT_NE(held[1], nullptr);
  EXPECT_EQ(shares.Take("a"), nullptr);
  EXPECT_NE(shares.Take("b"), nullptr);
  held.pop_back();
  const auto again = shares.Take("a");
  EXPECT_NE(again, nullptr);
  EXPECT_EQ(shares.Take("a"), nullptr);
}

}  // namespace
}  // namespace kakunin
