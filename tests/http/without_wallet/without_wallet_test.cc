// A build without the sandbox's wallet (-DKAKUNIN_SANDBOX_WALLET=OFF) has nothing of it.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "server/http/sandbox_wallet.h"
#include "server/http/web_files.h"

namespace kakunin {
namespace {

TEST(WithoutWallet, HasThePageAndNoFileOfTheSandbox) {
  EXPECT_FALSE(AllWebFiles().empty());
  for (const WebFile& file : AllWebFiles()) {
    EXPECT_FALSE(file.path.starts_with("/sandbox/")) << file.path;
  }
}

// What signs is not in the program at all: the wallet's own words are looked for, and those of the
// door, which show that the search finds what is there.
TEST(WithoutWallet, HoldsNothingThatSigns) {
  std::ifstream in("/proc/self/exe", std::ios::binary);
  std::ostringstream program;
  program << in.rdbuf();
  const std::string octets = program.str();
  const auto holds = [&](std::string first, const char* rest) {
    return octets.find(first + rest) != std::string::npos;  // else it would find itself here
  };
  EXPECT_TRUE(holds("NO_SUCH", "_CARD"));
  EXPECT_FALSE(holds("PIN_", "LOCKED"));
  EXPECT_FALSE(holds("wallet-", "sign"));
}

TEST(WithoutWallet, RefusesAConfigurationThatNamesSyntheticCards) {
  const auto wallet = MakeSandboxWallet("cards");
  EXPECT_EQ(wallet.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(wallet.status().message().find("sandbox_cards"), std::string_view::npos);
}

}  // namespace
}  // namespace kakunin
