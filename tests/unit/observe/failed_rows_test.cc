#include "server/observe/failed_rows.h"

#include <gtest/gtest.h>

#include <string>

namespace kakunin {
namespace {

TEST(FailedRowsTest, CountsEachTerminalAndAllOfThem) {
  FailedRows rows;
  Metrics metrics;
  rows.AddTo(metrics);
  rows.Add("1310000003/T1");
  rows.Add("1310000003/T1");
  rows.Add("1310000003/T2");
  EXPECT_EQ(rows.Of("1310000003/T1"), 2);
  EXPECT_EQ(rows.Of("1310000003/T2"), 1);
  EXPECT_EQ(rows.Of("1310000003/T3"), 0);
  const std::string text = metrics.Text();
  EXPECT_NE(text.find("\nkakunin_rows_failed_alone_total 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nkakunin_rows_failed_alone_terminals 2\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("1310000003"), std::string::npos);
}

TEST(FailedRowsTest, RemembersABoundedNumberOfTerminalsAndCountsOn) {
  FailedRows rows;
  constexpr auto kMost = static_cast<int64_t>(FailedRows::kMostTerminals);
  for (int64_t i = 0; i <= kMost; ++i) rows.Add("1310000003/" + std::to_string(i));
  EXPECT_EQ(rows.Terminals(), kMost);
  EXPECT_EQ(rows.Total(), kMost + 1);
  EXPECT_EQ(rows.Of("1310000003/0"), 1);
  EXPECT_EQ(rows.Of("1310000003/" + std::to_string(kMost)), 0);
}

}  // namespace
}  // namespace kakunin
