// What may happen to a server and its database while clients of every kind ask: nothing that was
// acknowledged is lost, no answer leaves without its audit row, every answer is right at some
// instant of its call, and every refusal says what it is. KAKUNIN_LONG: the full counts.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "domain/civil_day.h"
#include "server/bench/process_usage.h"
#include "server/dev/service_certificates.h"
#include "storage/postgres/migrator.h"
#include "tests/e2e/hostile_peer.h"
#include "tests/faults/clients.h"
#include "tests/faults/crowd.h"
#include "tests/faults/desk_log.h"
#include "tests/faults/fault_fixture.h"
#include "tests/faults/lock_ring.h"
#include "tests/faults/long_crl.h"

namespace kakunin::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(FaultTest, ServersAreKilled) {
  std::vector<double> ready;
  Suffer("a server is killed", Times(6, 100), Fault::kOutage, [&] {
    ready.push_back(installation().KillServer(ready.size() % Installation::kServers).count());
  });
  fmt::print("ready again after {}\n", Spread(ready));
  EXPECT_LE(P99(ready), Bar(20, 2));
}

TEST_F(FaultTest, BackendsAreKilled) {
  const std::vector<double> again = Suffer("a backend is killed", Times(2, 25), Fault::kCrash,
                                           [&] { installation().KillBackend(random_); });
  ASSERT_FALSE(again.empty());
  EXPECT_LE(P99(again), Bar(60, 10));
}

TEST_F(FaultTest, ThePostmasterIsKilled) {
  const std::vector<double> again = Suffer("the postmaster is killed", Times(2, 25), Fault::kCrash,
                                           [&] { installation().KillDatabase(); });
  ASSERT_FALSE(again.empty());
  EXPECT_LE(P99(again), Bar(60, 10));
}

// With deadlines that pass while it does: nobody waits beyond them, and no call of a desk keeps a
// server busy for longer either, which gRPC's client would not show.
TEST_F(FaultTest, TheDatabaseStandsStill) {
  constexpr milliseconds kStill{4000};
  constexpr absl::Duration kBound = absl::Seconds(2);
  const double slack = Bar(1, 0.1);
  std::vector<absl::Time> frozen;
  Suffer(
      "PostgreSQL stands still", Times(1, 10), Fault::kFrozen,
      [&] { frozen.push_back(installation().Freeze(kStill)); }, kBound);
  ASSERT_FALSE(frozen.empty());
  std::map<Act, int> meanwhile;
  absl::Duration longest;
  for (const Call& call : ledger_.calls()) {
    if (std::ranges::find(kActsOfDesks, call.act) == kActsOfDesks.end()) continue;
    for (const absl::Time since : frozen) {
      if (call.returned < since || call.began > since + absl::FromChrono(kStill)) continue;
      ++meanwhile[call.act];
      longest = std::max(longest, call.returned - call.began);
      EXPECT_LE(call.returned - call.began, call.bound + absl::Seconds(slack)) << ActName(call.act);
    }
  }
  for (const auto& [act, calls] : meanwhile) fmt::print("{}: {} meanwhile, ", ActName(act), calls);
  fmt::print("answered within {:.2f} s of {:.0f}\n", absl::ToDoubleSeconds(longest),
             absl::ToDoubleSeconds(kBound));
  EXPECT_GE(meanwhile.size(), static_cast<size_t>(Times(2, kActsOfDesks.size())));
  for (size_t server = 0; server < Installation::kServers; ++server) {
    const LongestCall desk = LongestCallOfDesks(installation().log(server), frozen.front());
    fmt::print("server {}: {} calls, longest {:.0f} ms {}\n", server, desk.calls, desk.milliseconds,
               desk.method);
    EXPECT_GT(desk.calls, 0);
    EXPECT_LE(desk.milliseconds, absl::ToDoubleMilliseconds(kBound) + slack * 1000) << desk.method;
  }
}

TEST_F(FaultTest, ATableIsLocked) {
  Suffer("a table is locked", Times(1, 10), Fault::kOutage,
         [&] { installation().Hold(milliseconds(2000)); });
}

// What the servers take in one order is taken in the other: PostgreSQL ends a statement of theirs,
// and they run it again.
TEST_F(FaultTest, LocksMakeARing) {
  const ConflictLog log(installation());
  Suffer("locks of lanes make a ring", Times(3, 25), Fault::kOutage,
         [&] { CloseRing(installation(), "audit_event", "confirmation"); });
  const int of_lanes = log.Count("40P01");
  Suffer("locks of a feed make a ring", Times(3, 25), Fault::kOutage,
         [&] { CloseRing(installation(), "answer", "coverage"); });
  const int of_feeds = log.Count("40P01") - of_lanes;
  fmt::print("PostgreSQL ended {} and {} statements of servers by 40P01\n", of_lanes, of_feeds);
  EXPECT_GE(of_lanes, Times(3, 25));
  EXPECT_GE(of_feeds, Times(3, 25));
}

TEST_F(FaultTest, ConsentsEndWhileTheyAreRead) {
  SCOPED_TRACE(SeedTrace());
  std::vector<std::string> handles;
  e2e::RunningSandbox& sandbox = installation().sandbox();
  e2e::Desk desk(sandbox.paths(), installation().ports(0).terminal);
  for (const char* patient : {"TP01", "TP02", "TP08", "TP15"}) {
    v1::ConfirmByCardResponse answer;
    ASSERT_TRUE(
        desk.ByCard(sandbox.TestCard(patient), sandbox.sandbox().nation_day(), answer).ok());
    handles.push_back(answer.patient_handle());
  }
  const ConflictLog log(installation());
  const int wanted = Times(20, 500);
  {
    Load load(installation(), ledger_, TestSeed());
    load.Add(std::make_unique<EndingClient>(load.surroundings(), handles, TestSeed()));
    const absl::Time until = absl::Now() + absl::Minutes(Times(1, 10));
    while (log.Count("40001") < wanted) {
      ASSERT_LT(absl::Now(), until) << log.Count("40001");
      ASSERT_TRUE(ledger_.AwaitAnswered(kAnswersBetween, kPatience));
    }
  }
  const Verdict verdict = JudgeCalls(Fault::kOutage);
  fmt::print("consents end while they are read, {} times 40001: {}\n", log.Count("40001"),
             verdict.Text());
  EXPECT_TRUE(verdict.clean()) << verdict.Text();
}

// From its first chunk to its last result.
TEST_F(FaultTest, ServersAreKilledDuringOneList) {
  SCOPED_TRACE(SeedTrace());
  const int rows = Times(20'000, 200'000);
  int kills = 0;
  const int64_t before = RowsAnsweredInLists();
  {
    const absl::Time until = absl::Now() + absl::Minutes(Times(3, 30));
    Load load(installation(), ledger_, TestSeed(), rows);
    while (ledger_.Answered(Act::kBulkRow) < rows) {
      ASSERT_LT(absl::Now(), until) << kills;
      ASSERT_TRUE(ledger_.AwaitAnswered(kAnswersBetween, kPatience)) << kills;
      installation().KillServer(static_cast<size_t>(kills++) % Installation::kServers);
    }
  }
  const Verdict verdict = JudgeCalls(Fault::kOutage);
  // No row was run twice by two servers either.
  EXPECT_EQ(RowsAnsweredInLists() - before, ledger_.Answered(Act::kBulkRow));
  fmt::print("during a list of {} rows a server is killed {} times: {}\n", rows, kills,
             verdict.Text());
  EXPECT_TRUE(verdict.clean()) << verdict.Text();
  EXPECT_GE(kills, Times(2, 10));
}

TEST_F(FaultTest, TheServersCertificateIsReplaced) {
  Suffer("a certificate is replaced", Times(2, 20), Fault::kNone,
         [&] { installation().RotateServerCertificate(); });
}

// gRPC would live on without ever listening again.
TEST_F(FaultTest, SomebodyIsHeardAgainAfterDescriptorsRanOut) {
  const Installation::Heard heard = installation().Deafen();
  fmt::print("without descriptors for a second: heard again after {:.2f} s, {}\n",
             heard.after.count(), heard.wait_status ? "another process" : "the same process");
  if (heard.wait_status) {
    ASSERT_TRUE(WIFEXITED(*heard.wait_status));
    EXPECT_EQ(WEXITSTATUS(*heard.wait_status), 70);
  }
  // The probe's three misses, and the start of another.
  EXPECT_LE(heard.after.count(), Bar(20, 10));
}

// gRPC does not bound a peer's headers: the kernel ends the process at its unit's MemoryMax (this
// test does, at a gigabyte) and systemd starts another, which the peer goes on filling.
TEST_F(FaultTest, APeerFillsAServersMemory) {
  constexpr int64_t kMemoryMax = int64_t{1} << 30;
  const std::string stranger = "terminal-0000000000-stranger";
  const dev::SandboxPaths& paths = installation().sandbox().paths();
  const auto certificates = dev::ServiceCertificates::Open(paths, absl::Now());
  ASSERT_TRUE(certificates.ok()) << certificates.status();
  ASSERT_TRUE(certificates->Terminal("0000000000", "stranger").ok());
  std::vector<double> ready;
  Suffer("a peer fills a server's memory", Times(1, 5), Fault::kOutage, [&] {
    std::atomic<bool> again{false};  // the one that was started in its place has seen the peer, too
    std::thread peer([&] {
      e2e::BeHostile(e2e::Hostility::kEndlessHeaders, installation().ports(0).terminal,
                     paths.certificate(stranger), paths.key(stranger),
                     [&] { return again.load(); });
    });
    const absl::Time until = absl::Now() + absl::FromChrono(kPatience);
    while (bench::ResidentOctets(installation().pid(0)) < kMemoryMax && absl::Now() < until) {
      ledger_.AwaitAnswered(1, seconds(1));
    }
    EXPECT_LT(absl::Now(), until) << "the peer did not fill it";
    ready.push_back(installation().KillServer(0).count());
    again = true;
    peer.join();
  });
  fmt::print("ready again after {}\n", Spread(ready));
  EXPECT_LT(*std::max_element(ready.begin(), ready.end()), 10);
}

TEST_F(FaultTest, ServersThatHoldAMillionSerialsAreKilled) {
  IssueLongCrl(installation(), 1'000'000);
  std::vector<double> ready;
  Suffer(
      "a server that holds a CRL of 1,000,000 serials is killed", Times(3, 100), Fault::kOutage,
      [&] {
        ready.push_back(installation().KillServer(ready.size() % Installation::kServers).count());
      });
  fmt::print("ready again after {}\n", Spread(ready));
  EXPECT_LE(P99(ready), Bar(20, 2));
}

// After a server's end every desk of it comes again at the same moment, with a handshake each.
TEST_F(FaultTest, DesksReconnectAtOnce) {
  const int desks = Times(200, 2000);
  Crowd crowd(installation(), 0, desks);
  const std::vector<double> first = crowd.AskAll();
  ASSERT_EQ(static_cast<int>(first.size()), desks);
  const double ready = installation().KillServer(0).count();
  const std::vector<double> again = crowd.AskAll();
  ASSERT_EQ(static_cast<int>(again.size()), desks);
  fmt::print(
      "{} desks connect at once: all served after {:.2f} s; after the server was killed and"
      " ready again {:.2f} s later: {:.2f} s ({:.2f} s the median)\n",
      desks, first.back(), ready, again.back(), again[again.size() / 2]);
  EXPECT_LE(first.back(), Bar(60, 15));
  EXPECT_LE(again.back(), Bar(60, 15));
}

// The next version's step, applied while this version serves, as the previous binary does while an
// installation is moved on. It takes its tables in the order of the lanes.
TEST_F(FaultTest, AMigrationIsApplied) {
  std::vector<Migration> steps(EmbeddedMigrations().begin(), EmbeddedMigrations().end());
  constexpr char kStep[] =
      "SET LOCAL ROLE kakunin_owner;"
      "ALTER TABLE kakunin.audit_event ADD COLUMN told_next text;"
      "ALTER TABLE kakunin.confirmation ADD COLUMN told_next text;"
      "ALTER TABLE kakunin.consent_act ADD COLUMN told_next text;"
      "CREATE INDEX consent_end_next ON kakunin.consent_end (at);"
      "CREATE TABLE kakunin.next (id uuid PRIMARY KEY)";
  steps.push_back({.version = static_cast<int>(steps.size()) + 1,
                   .name = "next",
                   .checksum = "00",
                   .sql = kStep});
  Suffer("a migration is applied", 1, Fault::kOutage, [&] {
    const auto migrator = Migrator::Connect(installation().database_info("kakunin_migrate"), steps);
    ASSERT_TRUE(migrator.ok()) << migrator.status();
    const auto applied = (*migrator)->Up(absl::Now(), /*dry_run=*/false);
    ASSERT_TRUE(applied.ok()) << applied.status();
    EXPECT_EQ(applied->size(), 1u);
  });
}

// What rests on the clock follows it, forward and back; what must not hang or break does not.
// Behind the others: what was declined or ended at an instant yet to come stays so until then.
TEST_F(FaultTest, TheClockJumps) {
  SCOPED_TRACE(SeedTrace());
  constexpr absl::Duration kConsent = absl::Hours(24);  // domain/consent.cc, outpatients
  // To just before midnight in Japan, so that the day changes under the load.
  const absl::Time today_ends =
      absl::FromCivil(installation().sandbox().sandbox().Today() + 1, JapanTime());
  std::vector<double> again;
  {
    Load load(installation(), ledger_, TestSeed());
    const auto jump = [&](absl::Duration offset) {
      load.ClockJumps();
      installation().SetClock(offset);
      load.ClockJumps();
      const absl::Time since = absl::Now();
      ASSERT_TRUE(AwaitAnsweredAgain(since)) << offset;
      again.push_back(absl::ToDoubleSeconds(*ledger_.AnsweredAgain(since)));
    };
    PatientClient patient(load.surroundings(), {"TP06"}, TestSeed());
    // A server may hold CRLs of the time before for as long as it takes to look for others.
    const auto looks = [&] {
      const absl::Time until = absl::Now() + absl::FromChrono(kPatience);
      for (;;) {
        Call call = patient.SeesDrugs();
        if (call.reason != "REVOCATION_UNKNOWN" || absl::Now() > until) return call;
      }
    };
    const auto desk = [&] {
      return e2e::Desk(installation().sandbox().paths(), installation().ports(0).terminal);
    };
    ASSERT_TRUE(ledger_.AwaitAnswered(kAnswersBetween, kPatience));
    ASSERT_EQ(patient.Agree().code, grpc::StatusCode::OK);
    EXPECT_EQ(looks().code, grpc::StatusCode::OK);
    v1::BeginCardAuthenticationResponse challenge;
    ASSERT_TRUE(desk().Begin(challenge).ok());

    jump(absl::Hours(3));
    v1::ConfirmByCardResponse none;
    EXPECT_EQ(DescribeError(desk().Confirm(installation().sandbox().TestCard("TP06"), challenge,
                                           installation().sandbox().sandbox().nation_day(), none))
                  .reason,
              "CHALLENGE_REFUSED");
    EXPECT_EQ(looks().code, grpc::StatusCode::OK) << "three hours of 24";
    jump(absl::ZeroDuration());
    EXPECT_EQ(looks().code, grpc::StatusCode::OK);
    jump(today_ends - absl::Now() - absl::Seconds(2));
    jump(kConsent + absl::Hours(1));
    // The consent is over, and with it the handle by which the desk asks.
    EXPECT_EQ(looks().reason, "PATIENT_HANDLE_REFUSED");
    // Three hours back, but not into the day before: the desks ask for today, which would be to
    // come.
    const absl::Time day_began = StartOfDay(installation().sandbox().sandbox().nation_day());
    jump(std::max(absl::Hours(-3), day_began + absl::Seconds(1) - absl::Now()));
    EXPECT_EQ(looks().reason, "NO_CONSENT") << "it is yet to come";
    jump(absl::ZeroDuration());
    EXPECT_EQ(looks().code, grpc::StatusCode::OK) << "and open as before";
  }
  const Verdict verdict = JudgeCalls(Fault::kClock);
  fmt::print("the clock jumps {} times: {}; all answered again after {}\n", again.size(),
             verdict.Text(), Spread(again));
  EXPECT_TRUE(verdict.clean()) << verdict.Text();
}

// Declared last, so it runs last: what every fault left behind is whole chains.
TEST_F(FaultTest, TheAuditIsWhole) {
  const auto verified =
      dev::ChildProcess::Run({KAKUNIN_BINARY, "audit", "verify", "--config",
                              installation().sandbox().paths().config().string()});
  EXPECT_TRUE(verified.ok()) << verified.status();
}

}  // namespace
}  // namespace kakunin::faults
