// KAKUNIN_PREVIOUS names the program of the version before this one. An installation that it laid
// down and serves is moved on to this version while clients ask, one server after the other.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "server/dev/child_process.h"
#include "tests/faults/load.h"
#include "tests/faults/oracles.h"
#include "tests/support/test_seed.h"

namespace kakunin::faults {
namespace {

TEST(UpgradeFaultTest, OldAndNewServersServeOneDatabase) {
  SCOPED_TRACE(SeedTrace());
  const char* previous = std::getenv("KAKUNIN_PREVIOUS");
  ASSERT_NE(previous, nullptr) << "tests/faults/run --previous PROGRAM";
  constexpr int64_t kPersons = 200;
  constexpr int kAnswersBetween = 1000;
  constexpr std::chrono::seconds kPatience{60};
  Installation installation(kPersons, previous);
  Ledger ledger;
  {
    Load load(installation, ledger, TestSeed());
    const auto serves = [&](const char* what) {
      ASSERT_TRUE(ledger.AwaitAnswered(kAnswersBetween, kPatience)) << what;
    };
    serves("the previous version");
    const auto moved = dev::ChildProcess::Run(
        {KAKUNIN_BINARY, "migrate", "up", "--config", installation.sandbox().paths().config()});
    ASSERT_TRUE(moved.ok()) << moved.status();
    fmt::print("{}", *moved);
    serves("the previous version on the new schema");
    installation.ReplaceServer(0, KAKUNIN_BINARY);
    serves("one server of each version");
    installation.ReplaceServer(0, previous);
    serves("the previous version once more");
    installation.ReplaceServer(0, KAKUNIN_BINARY);
    installation.ReplaceServer(1, KAKUNIN_BINARY);
    serves("this version");
  }
  pqxx::connection database(installation.database_info());
  pqxx::nontransaction work(database);
  const Verdict verdict = Judge(ledger.calls(), Fault::kOutage, work);
  fmt::print("an installation is moved on: {}\n", verdict.Text());
  EXPECT_TRUE(verdict.clean()) << verdict.Text();
  const auto audit = dev::ChildProcess::Run({KAKUNIN_BINARY, "audit", "verify", "--config",
                                             installation.sandbox().paths().config().string()});
  EXPECT_TRUE(audit.ok()) << audit.status();
}

}  // namespace
}  // namespace kakunin::faults
