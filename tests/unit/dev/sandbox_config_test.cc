#include "server/dev/sandbox_config.h"

#include <gtest/gtest.h>

#include "server/config/config.h"

namespace kakunin::dev {
namespace {

TEST(SandboxConfig, IsAConfigurationThatTheServerTakes) {
  const SandboxPaths paths("/tmp/somewhere");
  const auto config =
      ParseConfig(SandboxConfig(paths, {17443, 17444, 17445, 17446}, "/tmp/pg"), paths.config());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->environment.IsSandbox());
  EXPECT_EQ(config->environment.clock_offset_file, paths.clock_offset());
  EXPECT_EQ(config->terminal->address, "127.0.0.1:17443");
  EXPECT_EQ(config->operator_->client_ca, paths.ca("operator"));
  EXPECT_EQ(config->admin.port, 17446);
  EXPECT_EQ(config->keys.lookup, paths.secret("lookup"));
  EXPECT_EQ(config->cards.crl_directory, paths.card_crls());
  EXPECT_EQ(config->cards.resident_registry, paths.resident_cards());
  EXPECT_EQ(config->feeds.resident_identities, paths.resident_identities());
}

TEST(SandboxConfig, TakesFourFreePorts) {
  const auto ports = FreePorts(41000);
  ASSERT_TRUE(ports.ok());
  EXPECT_GE(ports->terminal, 41000);
  EXPECT_EQ(ports->admin, ports->terminal + 3);
}

}  // namespace
}  // namespace kakunin::dev
