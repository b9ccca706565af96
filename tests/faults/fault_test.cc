// What may happen to a server and its database while clients of every kind ask: nothing that was
// acknowledged is lost, no answer leaves without its audit row, every answer is right at some
// instant of its call, and every refusal says what it is. KAKUNIN_LONG: the full counts.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "domain/access_policy.h"
#include "domain/civil_day.h"
#include "server/bench/process_usage.h"
#include "server/dev/service_certificates.h"
#include "storage/postgres/migrator.h"
#include "tests/e2e/hostile_peer.h"
#include "tests/faults/clients.h"
#include "tests/faults/crowd.h"
#include "tests/faults/installation.h"
#include "tests/faults/load.h"
#include "tests/faults/lock_ring.h"
#include "tests/faults/long_crl.h"
#include "tests/faults/oracles.h"
#include "tests/support/test_seed.h"

namespace kakunin::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int64_t kPersons = 200;
constexpr int kAnswersBetween = 200;
constexpr seconds kPatience{60};

int Times(int in_short, int in_long) {
  return std::getenv("KAKUNIN_LONG") == nullptr ? in_short : in_long;
}

class FaultTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { installation_ = new Installation(kPersons); }
  static void TearDownTestSuite() {
    delete installation_;
    installation_ = nullptr;
  }

  static Installation& installation() { return *installation_; }

  Verdict JudgeCalls(Fault fault) const {
    pqxx::connection database(installation().database_info());
    pqxx::nontransaction work(database);
    return Judge(ledger_.calls(), fault, work);
  }

  // Suffer runs the load while `fault` happens `times` times, with answers between, and judges.
  void Suffer(const char* what, int times, Fault explains, const std::function<void()>& fault) {
    SCOPED_TRACE(SeedTrace());
    std::vector<absl::Time> over;
    {
      Load load(installation(), ledger_, TestSeed());
      for (int i = 0; i < times; ++i) {
        ASSERT_TRUE(ledger_.AwaitAnswered(kAnswersBetween, kPatience)) << what << " " << i;
        fault();
        over.push_back(absl::Now());
        load.GoesOn();
        ASSERT_TRUE(AwaitAnsweredAgain(over.back())) << what << " " << i;
      }
      ASSERT_TRUE(ledger_.AwaitAnswered(kAnswersBetween, kPatience));
    }
    const auto again = [&](std::span<const Act> acts) {
      std::vector<double> after;
      after.reserve(over.size());
      for (const absl::Time since : over) {
        after.push_back(absl::ToDoubleSeconds(*ledger_.AnsweredAgain(since, acts)));
      }
      return Spread(after);
    };
    const Verdict verdict = JudgeCalls(explains);
    fmt::print("{} {} times: {}; desks answered again after {}, feeds and lists too after {}\n",
               what, times, verdict.Text(), again(kActsOfDesks), again(kEveryAct));
    EXPECT_TRUE(verdict.clean()) << verdict.Text();
    EXPECT_GT(verdict.answered, times * kAnswersBetween);
  }

  static int64_t RowsAnsweredInLists() {
    pqxx::connection database(installation().database_info());
    return pqxx::nontransaction(database)
        .exec(fmt::format("SELECT count(*) FROM kakunin.audit_event WHERE operation = {}",
                          static_cast<int>(Operation::kConfirmInBulk)))[0][0]
        .as<int64_t>();
  }

  bool AwaitAnsweredAgain(absl::Time since) {
    while (!ledger_.AnsweredAgain(since)) {
      if (absl::Now() > since + absl::Minutes(1)) return false;
      ledger_.AwaitAnswered(20, seconds(1));
    }
    return true;
  }

  static std::string Spread(std::vector<double> seconds) {
    std::sort(seconds.begin(), seconds.end());
    return fmt::format("{:.2f} s (median), {:.2f} s (p99)", seconds[seconds.size() / 2],
                       seconds[(seconds.size() * 99 + 99) / 100 - 1]);
  }

  static Installation* installation_;
  Ledger ledger_;
  std::mt19937_64 random_{TestSeed()};
};

Installation* FaultTest::installation_ = nullptr;

// Runs first: what finds nothing when something is wrong proves nothing below.
TEST_F(FaultTest, TheOraclesFindWhatIsPlantedAndNothingElse) {
  {
    Load load(installation(), ledger_, TestSeed());
    ASSERT_TRUE(ledger_.AwaitAnswered(1000, kPatience));
  }
  const Verdict clean = JudgeCalls(Fault::kNone);
  ASSERT_TRUE(clean.clean()) << clean.Text();
  EXPECT_EQ(clean.refused, 0);
  fmt::print("nothing planted: {}\n", clean.Text());

  pqxx::connection database(installation().database_info());
  pqxx::work work(database);  // never committed: the audit stays whole
  std::vector<std::string> ids;
  for (const Call& call : ledger_.calls()) {
    if (call.act == Act::kConfirmByNumber && call.confirmed) ids.push_back(call.audit_id);
  }
  ASSERT_GE(ids.size(), 5u);
  const auto plant = [&](const std::string& statement, const std::string& id) {
    const size_t hyphen = id.find('-');
    work.exec(fmt::format("{} WHERE stream = '{}' AND number = {}", statement, id.substr(0, hyphen),
                          id.substr(hyphen + 1)));
  };
  plant("DELETE FROM kakunin.confirmation", ids[0]);
  plant("DELETE FROM kakunin.audit_event", ids[1]);
  plant(
      "INSERT INTO kakunin.confirmation SELECT person_id, at + interval '1 us', stream, number,"
      " facility_code, day, validity, answer_digest FROM kakunin.confirmation",
      ids[3]);
  // An act that nobody was told of, and one whose answer came before its audit row.
  std::vector<Call> calls = ledger_.calls();
  std::erase_if(calls, [&](const Call& call) { return call.audit_id == ids[2]; });
  for (Call& call : calls) {
    if (call.audit_id == ids[4]) call.returned = call.began;
  }
  const absl::Time now = absl::Now();
  const Call refused{.act = Act::kReadDrugs, .began = now, .returned = now};
  calls.insert(calls.end(), 4, refused);
  calls[calls.size() - 4].code = grpc::StatusCode::INTERNAL;
  calls[calls.size() - 3].code = grpc::StatusCode::UNAVAILABLE;  // without any fault
  calls[calls.size() - 2].code = grpc::StatusCode::PERMISSION_DENIED;
  calls[calls.size() - 2].against_the_model = "a consent is not there";
  calls[calls.size() - 1].code = grpc::StatusCode::PERMISSION_DENIED;
  calls[calls.size() - 1].reason = "ROLE_NOT_ALLOWED";  // not the patient's decision
  const Verdict verdict = Judge(calls, Fault::kNone, work);
  EXPECT_EQ(verdict.lost.size(), 3u) << verdict.Text();
  EXPECT_EQ(verdict.unaudited.size(), 2u) << verdict.Text();
  EXPECT_EQ(verdict.miscoded.size(), 3u) << verdict.Text();
  EXPECT_EQ(verdict.wrong.size(), 1u) << verdict.Text();
}

TEST_F(FaultTest, ServersAreKilled) {
  std::vector<double> ready;
  Suffer("a server is killed", Times(6, 100), Fault::kOutage, [&] {
    ready.push_back(installation().KillServer(ready.size() % Installation::kServers).count());
  });
  fmt::print("ready again after {}\n", Spread(ready));
}

TEST_F(FaultTest, BackendsAreKilled) {
  Suffer("a backend is killed", Times(2, 25), Fault::kCrash,
         [&] { installation().KillBackend(random_); });
}

TEST_F(FaultTest, ThePostmasterIsKilled) {
  Suffer("the postmaster is killed", Times(2, 25), Fault::kCrash,
         [&] { installation().KillDatabase(); });
}

TEST_F(FaultTest, TheDatabaseStandsStill) {
  constexpr milliseconds kStill{4000};
  // A statement may take the lanes a second; as much again for a machine that is busy.
  constexpr absl::Duration kSaidSo = absl::Seconds(2);
  std::vector<absl::Time> frozen;
  Suffer("PostgreSQL stands still", Times(1, 10), Fault::kOutage,
         [&] { frozen.push_back(installation().Freeze(kStill)); });
  // Nobody at a desk waits until it goes on.
  int asked_meanwhile = 0;
  absl::Duration longest;
  for (const Call& call : ledger_.calls()) {
    if (call.act != Act::kConfirmByNumber && call.act != Act::kBeginCard) continue;
    for (const absl::Time since : frozen) {
      const absl::Time thawed = since + absl::FromChrono(kStill);
      if (call.began < since || call.began > thawed - kSaidSo) continue;
      ++asked_meanwhile;
      longest = std::max(longest, call.returned - call.began);
      EXPECT_EQ(call.code, grpc::StatusCode::UNAVAILABLE);
      EXPECT_LT(call.returned, thawed) << ActName(call.act);
    }
  }
  EXPECT_GT(asked_meanwhile, 0);
  fmt::print("{} desks asked meanwhile and were told so within {:.2f} s\n", asked_meanwhile,
             absl::ToDoubleSeconds(longest));
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

TEST_F(FaultTest, TheDiskIsFull) {
  const Installation::FullDisk disk(installation());
  Suffer("the disk is full", Times(1, 5), Fault::kCrash, [&] {
    disk.RunOut();
    disk.MakeRoom();
  });
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
  EXPECT_LT(heard.after, std::chrono::seconds(20));
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
  // Fifteen on a machine that does nothing else; this one has the desks as well, and may compile.
  EXPECT_LE(again.back(), 60);
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
