#include "server/bench/load_plan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kakunin::bench {
namespace {

LoadOutcome RunOf(int64_t requests, double server_us, float ms) {
  return {.requests = requests,
          .seconds = 3,
          .server_us = server_us,
          .memory_mb = server_us,
          .took = std::vector<float>(static_cast<size_t>(requests), ms)};
}

TEST(Quantile, IsOfWhatLiesBelow) {
  std::vector<float> values = {4, 1, 3, 2};
  EXPECT_EQ(Quantile(values, 0.5), 3);
  EXPECT_EQ(Quantile(values, 1), 4);
  values.clear();
  EXPECT_EQ(Quantile(values, 0.99), 0);
}

// A slow run among many counts by its calls, not as a run.
TEST(Together, TakesLatenciesOfAllCalls) {
  std::vector<LoadOutcome> runs(199, RunOf(100, 10, 2));
  runs.push_back(RunOf(100, 30, 50));
  const LoadOutcome all = Together(runs);
  EXPECT_EQ(all.requests, 20'000);
  EXPECT_EQ(all.p99_ms, 2);
  runs.push_back(RunOf(200, 30, 50));
  EXPECT_EQ(Together(runs).p99_ms, 50);
}

TEST(Together, WeighsFiguresOfARequest) {
  LoadOutcome wrong = RunOf(300, 20, 1);
  wrong.errors = 2;
  wrong.first_error = "UNAVAILABLE";
  const LoadOutcome all = Together({RunOf(100, 40, 1), wrong});
  EXPECT_DOUBLE_EQ(all.server_us, 25);
  EXPECT_EQ(all.seconds, 6);
  EXPECT_EQ(all.errors, 2);
  EXPECT_EQ(all.first_error, "UNAVAILABLE");
  EXPECT_EQ(all.memory_mb, 40);
}

TEST(Outcome, IsCarriedOver) {
  LoadOutcome sent = RunOf(3, 40, 1.25F);
  sent.first_error = "a b";
  sent.p99_ms = 1.25;
  const absl::StatusOr<LoadOutcome> got = OutcomeFromText(ToText(sent));
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->requests, 3);
  EXPECT_EQ(got->first_error, "a b");
  EXPECT_EQ(got->shares, "");
  EXPECT_EQ(got->took, sent.took);
  EXPECT_FALSE(OutcomeFromText("3 x").ok());
}

}  // namespace
}  // namespace kakunin::bench
