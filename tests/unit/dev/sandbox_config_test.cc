#include "server/dev/sandbox_config.h"

#include <gtest/gtest.h>

#include "server/config/config.h"

namespace kakunin::dev {
namespace {

TEST(SandboxConfig, IsAConfigurationThatTheServerTakes) {
  const SandboxPaths paths("/tmp/somewhere");
  const auto config = ParseConfig(
      SandboxConfig(paths, {17443, 17444, 17445, 17446, 17447, 17448}, "/tmp/pg"), paths.config());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->environment.IsSandbox());
  EXPECT_EQ(config->environment.clock_offset_file, paths.clock_offset());
  EXPECT_EQ(config->terminal->address, "127.0.0.1:17443");
  EXPECT_EQ(config->operator_->client_ca, paths.ca("operator"));
  EXPECT_EQ(config->admin.port, 17446);
  ASSERT_TRUE(config->onboarding.has_value());
  EXPECT_EQ(config->onboarding->listener.address, "127.0.0.1:17448");
  EXPECT_TRUE(config->onboarding->listener.client_ca.empty());
  EXPECT_EQ(config->onboarding->listener.database.user, "kakunin_onboarding");
  ASSERT_TRUE(config->terminal_certificates.has_value());
  EXPECT_EQ(config->terminal_certificates->ca, config->terminal->client_ca);
  ASSERT_TRUE(config->web.has_value());
  EXPECT_EQ(config->web->public_url, "https://localhost:17447");
  EXPECT_EQ(config->web->sandbox_cards, paths.root() / "jpki" / "cards");
  EXPECT_EQ(config->keys.lookup, paths.secret("lookup"));
  EXPECT_EQ(config->cards.crl_directory, paths.card_crls());
  EXPECT_EQ(config->cards.resident_registry, paths.resident_cards());
  EXPECT_EQ(config->feeds.resident_identities, paths.resident_identities());
}

TEST(SandboxConfig, TakesSixFreePorts) {
  const auto ports = FreePorts(41000);
  ASSERT_TRUE(ports.ok());
  EXPECT_GE(ports->terminal, 41000);
  EXPECT_EQ(ports->admin, ports->terminal + 3);
  EXPECT_EQ(ports->web, ports->terminal + 4);
  EXPECT_EQ(ports->onboarding, ports->terminal + 5);
}

}  // namespace
}  // namespace kakunin::dev
