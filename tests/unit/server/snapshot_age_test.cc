#include "server/snapshot_age.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

TEST(SnapshotAge, IsInfiniteUntilRenewedAndCountsFromTheAsking) {
  SnapshotAge age;
  EXPECT_EQ(age.Age(), absl::InfiniteDuration());
  age.Renew(std::chrono::steady_clock::now() - std::chrono::seconds(30));
  EXPECT_GE(age.Age(), absl::Seconds(30));
  age.Renew(std::chrono::steady_clock::now());
  EXPECT_GE(age.Age(), absl::ZeroDuration());
  EXPECT_LT(age.Age(), absl::Seconds(30));
}

}  // namespace
}  // namespace kakunin
