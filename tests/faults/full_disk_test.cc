// PostgreSQL's disk is full: where its tables lie it refuses what has no room (SQLSTATE 53100) and
// lives, where its log lies it dies.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/faults/fault_fixture.h"

namespace kakunin::faults {
namespace {

// Refused is whether such a call, begun since then, was told to ask again later:
// DATABASE_UNAVAILABLE or, when nobody could be looked up for a while, REGISTRY_STALE.
bool Refused(const Ledger& ledger, Act act, absl::Time since) {
  const std::vector<Call> calls = ledger.calls();
  return std::ranges::any_of(calls, [&](const Call& call) {
    return call.act == act && call.began >= since && call.code == grpc::StatusCode::UNAVAILABLE &&
           call.retry_after > absl::ZeroDuration();
  });
}

// EverybodyIsRefused waits until every kind of call that writes was: by each lane, a feed, a list.
testing::AssertionResult EverybodyIsRefused(Ledger& ledger, absl::Time since) {
  const auto list = [&] {
    return Refused(ledger, Act::kListAct, since) || Refused(ledger, Act::kFetchResults, since) ||
           Refused(ledger, Act::kBulkRow, since);
  };
  const Act lanes_and_feeds[] = {Act::kConfirmByNumber, Act::kBeginCard, Act::kReadDrugs,
                                 Act::kPushFeed};
  const absl::Time until = since + absl::Minutes(2);
  for (;;) {
    std::string missing;
    for (const Act act : lanes_and_feeds) {
      if (!Refused(ledger, act, since)) missing += fmt::format(" {},", ActName(act));
    }
    if (!list()) missing += " a list";
    if (missing.empty()) return testing::AssertionSuccess();
    if (absl::Now() > until) return testing::AssertionFailure() << "not refused:" << missing;
    ledger.AwaitAnswered(1, std::chrono::seconds(1));
  }
}

// Whether every server's log says so.
bool ServersSay(const Installation& installation, std::string_view what) {
  for (size_t server = 0; server < Installation::kServers; ++server) {
    if (e2e::FileText(installation.log(server)).find(what) == std::string::npos) return false;
  }
  return true;
}

// Nobody starts anything again.
TEST_F(FaultTest, TheDiskOfTheTablesIsFull) {
  const Installation::FullDisk disk(installation(), "base");
  const pid_t postmaster = installation().Postmaster();
  const pid_t servers[] = {installation().pid(0), installation().pid(1)};
  Suffer("the disk of the tables is full", Times(1, 5), Fault::kOutage, [&] {
    const absl::Time since = absl::Now();
    disk.RunOut();
    EXPECT_TRUE(EverybodyIsRefused(ledger_, since));
    disk.MakeRoom();
  });
  EXPECT_EQ(installation().Postmaster(), postmaster);
  EXPECT_EQ(installation().pid(0), servers[0]);
  EXPECT_EQ(installation().pid(1), servers[1]);
  EXPECT_TRUE(ServersSay(installation(), "\"sqlstate\":\"53100\""));
  EXPECT_TRUE(
      ServersSay(installation(), "no room left on its disk (SQLSTATE 53100): make room there"));
}

TEST_F(FaultTest, TheDiskIsFull) {
  const Installation::FullDisk disk(installation(), "pg_wal");
  Suffer("the disk of the log is full, PostgreSQL dies", Times(1, 5), Fault::kCrash, [&] {
    // From here on: a patient's client that had no answer to an act waits until PostgreSQL is back.
    const absl::Time since = absl::Now();
    disk.RunOut();
    disk.AwaitEnd();
    EXPECT_TRUE(EverybodyIsRefused(ledger_, since));
    disk.MakeRoom();
    installation().StartDatabase();  // as its supervisor does
  });
  EXPECT_TRUE(ServersSay(installation(), "see that PostgreSQL runs there, has room on its disks"));
}

}  // namespace
}  // namespace kakunin::faults
