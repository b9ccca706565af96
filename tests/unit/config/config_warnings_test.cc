#include "server/config/config_warnings.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

Config Everything(EnvironmentKind kind) {
  Config config;
  config.environment.kind = kind;
  config.terminal.emplace();
  config.insurer.emplace();
  config.operator_.emplace();
  config.onboarding.emplace();
  return config;
}

TEST(ConfigWarningsTest, OnboardingBesideDesksIsWarnedOfWhereItMatters) {
  for (const EnvironmentKind kind : {EnvironmentKind::kStaging, EnvironmentKind::kProduction}) {
    const auto warnings = ConfigWarnings(Everything(kind));
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_NE(warnings.front().find("[onboarding]"), std::string::npos);
    EXPECT_NE(warnings.front().find("kakunin-onboarding.service"), std::string::npos);
  }
  EXPECT_TRUE(ConfigWarnings(Everything(EnvironmentKind::kSandbox)).empty());
}

TEST(ConfigWarningsTest, EachApartIsNot) {
  Config desks = Everything(EnvironmentKind::kProduction);
  desks.onboarding.reset();
  EXPECT_TRUE(ConfigWarnings(desks).empty());
  Config apart = Everything(EnvironmentKind::kProduction);
  apart.terminal.reset();
  EXPECT_TRUE(ConfigWarnings(apart).empty());
}

TEST(ConfigWarningsTest, AProxyBeforeTheDesksAloneProtectsNothingElse) {
  Config config = Everything(EnvironmentKind::kProduction);
  config.onboarding.reset();
  config.terminal->behind_proxy = true;
  EXPECT_EQ(ConfigWarnings(config).size(), 1u);
  config.insurer.reset();
  EXPECT_EQ(ConfigWarnings(config).size(), 1u);
  config.operator_.reset();
  EXPECT_TRUE(ConfigWarnings(config).empty());
}

}  // namespace
}  // namespace kakunin
