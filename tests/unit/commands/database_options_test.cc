#include "server/commands/database_options.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace kakunin {
namespace {

TEST(DatabaseOptionsTest, TellsTheConfiguredRetentionOrTheDefault) {
  const auto file = std::filesystem::path(testing::TempDir()) / "database_options_test.toml";
  std::string text(ExampleConfig());
  const std::string commented = "# five_years_from = 2024-10-01";
  const size_t at = text.find(commented);
  ASSERT_NE(at, std::string::npos);
  std::ofstream(file) << text.replace(at, commented.size(), "five_years_from = 2024-04-01");
  const auto configured = AccessAs({.config = file.string()}, &Config::migrate);
  std::filesystem::remove(file);
  ASSERT_TRUE(configured.ok()) << configured.status();
  EXPECT_EQ(configured->retention.five_years_from, absl::CivilDay(2024, 4, 1));

  const auto named = AccessAs({.database = "dbname=kakunin"}, &Config::migrate);
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(named->retention.five_years_from, kLatestFiveYearDay);
}

}  // namespace
}  // namespace kakunin
