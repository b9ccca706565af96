#include "server/observe/metrics.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace kakunin {
namespace {

constexpr char kMethod[] = "/kakunin.v1.EligibilityService/ConfirmByInsuredNumber";

bool Holds(const Metrics& metrics, const std::string& line) {
  return ("\n" + metrics.Text()).find("\n" + line + "\n") != std::string::npos;
}

TEST(MetricsTest, CountsCallsByMethodAndReasonFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        metrics.CallEnded(kMethod, std::nullopt, std::chrono::milliseconds(3));
        metrics.CallEnded(kMethod, Reason::kInquiryLimit, std::chrono::milliseconds(3));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string labels = "{method=\"" + std::string(kMethod) + "\"";
  EXPECT_TRUE(Holds(metrics, "kakunin_calls_total" + labels + ",reason=\"OK\"} 40000"))
      << metrics.Text();
  EXPECT_TRUE(Holds(metrics, "kakunin_calls_total" + labels + ",reason=\"INQUIRY_LIMIT\"} 40000"));
  EXPECT_TRUE(Holds(metrics, "kakunin_call_seconds_count" + labels + "} 80000"));
  EXPECT_TRUE(Holds(metrics, "kakunin_call_seconds_bucket" + labels + ",le=\"0.002\"} 0"));
  EXPECT_TRUE(Holds(metrics, "kakunin_call_seconds_bucket" + labels + ",le=\"0.005\"} 80000"));
}

TEST(MetricsTest, ReasonsThatNeverHappenedAreNotListed) {
  Metrics metrics;
  EXPECT_EQ(metrics.Text().find("CARD_REVOKED"), std::string::npos);
}

TEST(MetricsTest, ANameThatTheCallerChoseBecomesNoLabel) {
  Metrics metrics;
  metrics.CallEnded("/evil/\"} 1\n", Reason::kNoCertificate, {});
  EXPECT_EQ(metrics.Text().find("evil"), std::string::npos);
  EXPECT_TRUE(Holds(metrics, "kakunin_calls_total{method=\"other\",reason=\"NO_CERTIFICATE\"} 1"));
}

TEST(MetricsTest, LanesHaveSeriesOfTheirOwn) {
  Metrics metrics;
  metrics.Lane("0").BatchRan(64, std::chrono::milliseconds(2), std::chrono::milliseconds(5));
  metrics.Lane("1").BatchRan(1, std::chrono::microseconds(1), std::chrono::milliseconds(1));
  EXPECT_TRUE(Holds(metrics, "kakunin_lane_batch_size_sum{lane=\"0\"} 64")) << metrics.Text();
  EXPECT_TRUE(Holds(metrics, "kakunin_lane_batch_size_bucket{lane=\"0\",le=\"32\"} 0"));
  EXPECT_TRUE(Holds(metrics, "kakunin_lane_batch_size_bucket{lane=\"1\",le=\"1\"} 1"));
  EXPECT_TRUE(Holds(metrics, "kakunin_lane_queue_seconds_bucket{lane=\"0\",le=\"0.002\"} 1"));
  EXPECT_TRUE(Holds(metrics, "kakunin_lane_batch_seconds_bucket{lane=\"0\",le=\"0.002\"} 0"));
}

TEST(MetricsTest, ReadsGaugesAndCountersWhenAsked) {
  Metrics metrics;
  double value = 1;
  metrics.AddGauge("kakunin_age_seconds", "Age.", {{"of", "a"}}, [&] { return value; });
  metrics.AddGauge("kakunin_age_seconds", "Age.", {{"of", "b"}}, [] { return 7.0; });
  metrics.AddCounter("kakunin_dropped_total", "Dropped.", {}, [&] { return value * 10; });
  value = 2;
  EXPECT_TRUE(Holds(metrics, "kakunin_age_seconds{of=\"a\"} 2")) << metrics.Text();
  EXPECT_TRUE(Holds(metrics, "kakunin_age_seconds{of=\"b\"} 7"));
  EXPECT_TRUE(Holds(metrics, "kakunin_dropped_total 20"));
  EXPECT_TRUE(Holds(metrics, "# TYPE kakunin_dropped_total counter"));
}

}  // namespace
}  // namespace kakunin
