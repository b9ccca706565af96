// What may happen to a server and its database while clients of every kind ask: nothing that was
// acknowledged is lost, no answer leaves without its audit row, every answer is right at some
// instant of its call, and every refusal says what it is. KAKUNIN_LONG: the full counts.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>

#include "domain/access_policy.h"
#include "tests/faults/installation.h"
#include "tests/faults/load.h"
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
    std::vector<double> again;
    for (const absl::Time since : over) {
      again.push_back(absl::ToDoubleSeconds(*ledger_.AnsweredAgain(since)));
    }
    const Verdict verdict = JudgeCalls(explains);
    fmt::print("{} {} times: {}; all answered again after {}\n", what, times, verdict.Text(),
               Spread(again));
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
  for (const Call& call : ledger_.calls()) {
    if (call.act != Act::kConfirmByNumber && call.act != Act::kBeginCard) continue;
    for (const absl::Time since : frozen) {
      const absl::Time thawed = since + absl::FromChrono(kStill);
      if (call.began < since || call.began > thawed - kSaidSo) continue;
      ++asked_meanwhile;
      EXPECT_EQ(call.code, grpc::StatusCode::UNAVAILABLE);
      EXPECT_LT(call.returned, thawed) << ActName(call.act);
    }
  }
  EXPECT_GT(asked_meanwhile, 0);
}

TEST_F(FaultTest, ATableIsLocked) {
  Suffer("a table is locked", Times(1, 10), Fault::kOutage,
         [&] { installation().Hold(milliseconds(2000)); });
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

// Declared last, so it runs last: what every fault left behind is whole chains.
TEST_F(FaultTest, TheAuditIsWhole) {
  const auto verified =
      dev::ChildProcess::Run({KAKUNIN_BINARY, "audit", "verify", "--config",
                              installation().sandbox().paths().config().string()});
  EXPECT_TRUE(verified.ok()) << verified.status();
}

}  // namespace
}  // namespace kakunin::faults
