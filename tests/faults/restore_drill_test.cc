// A machine that is lost: what was acknowledged before a moment is in the database that is restored
// to that moment from a base backup and the archived log. KAKUNIN_LONG: five moments.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/e2e/backups.h"
#include "tests/faults/installation.h"
#include "tests/faults/load.h"
#include "tests/faults/oracles.h"
#include "tests/support/test_seed.h"

namespace kakunin::faults {
namespace {

constexpr int64_t kPersons = 100;
constexpr std::chrono::seconds kPatience{60};
constexpr int kLeastBetween = 60;  // answers
constexpr int kMostBetween = 300;

int Moments() { return std::getenv("KAKUNIN_LONG") == nullptr ? 2 : 5; }

// Before is what clients knew at `moment`: whatever had not returned then was not acknowledged.
std::vector<Call> Before(absl::Time moment, const std::vector<Call>& calls) {
  std::vector<Call> before;
  for (Call call : calls) {
    if (call.began > moment) continue;
    if (call.returned > moment) {
      call.code = grpc::StatusCode::UNAVAILABLE;
      call.returned = moment;
      call.reason.clear();
      call.audit_id.clear();
      call.against_the_model.clear();
    }
    before.push_back(std::move(call));
  }
  return before;
}

TEST(RestoreDrill, EverythingAcknowledgedBeforeAMomentIsThere) {
  SCOPED_TRACE(SeedTrace());
  std::mt19937_64 random(TestSeed());
  Installation installation(kPersons);
  const e2e::Backups backups(installation.sandbox());
  Ledger ledger;
  std::vector<absl::Time> moments;
  {
    Load load(installation, ledger, TestSeed());
    ASSERT_TRUE(ledger.AwaitAnswered(kLeastBetween, kPatience));
    backups.Base();  // while everybody asks
    for (int i = 0; i < Moments(); ++i) {
      const auto answers =
          static_cast<int>(kLeastBetween + random() % (kMostBetween - kLeastBetween));
      ASSERT_TRUE(ledger.AwaitAnswered(answers, kPatience));
      moments.push_back(absl::Now());
    }
    ASSERT_TRUE(ledger.AwaitAnswered(kLeastBetween, kPatience));
  }
  backups.Archive();

  size_t acknowledged = 0;
  for (size_t i = 0; i < moments.size(); ++i) {
    const absl::Time began = absl::Now();
    const auto data =
        backups.Restore(fmt::format("drill-{}", i),
                        {"--wal", backups.wal(), "--until",
                         absl::FormatTime(absl::RFC3339_full, moments[i], absl::UTCTimeZone())});
    const std::string info = backups.Start(data);
    const absl::Duration took = absl::Now() - began;
    const std::vector<Call> calls = Before(moments[i], ledger.calls());
    Verdict verdict;
    {
      pqxx::connection database(info);
      pqxx::nontransaction work(database);
      verdict = Judge(calls, Fault::kOutage, work);
      // The moment is not the end: what came after it is not there.
      EXPECT_EQ(work.exec(fmt::format("SELECT FROM kakunin.audit_event WHERE"
                                      " pg_xact_commit_timestamp(xmin) > to_timestamp({:.6f})",
                                      absl::ToUnixMicros(moments[i]) / 1e6))
                    .size(),
                0u);
      // Nor do the oracles pass over what is not there.
      EXPECT_FALSE(Judge(ledger.calls(), Fault::kOutage, work).lost.empty());
    }
    fmt::print("restored to moment {}: {}; in {}\n", i + 1, verdict.Text(),
               absl::FormatDuration(absl::Trunc(took, absl::Milliseconds(10))));
    EXPECT_TRUE(verdict.lost.empty() && verdict.unaudited.empty() && verdict.wrong.empty())
        << verdict.Text();
    EXPECT_GT(verdict.answered, acknowledged) << "later moments hold more";
    acknowledged = static_cast<size_t>(verdict.answered);
    const auto as_auditor = backups.Info(data.string() + ".s", "kakunin_auditor");
    const e2e::Outcome audit = backups.Kakunin({"audit", "verify", "--database", as_auditor});
    EXPECT_EQ(audit.exit_code, 0) << audit.output;
    backups.Stop(data);
  }
}

}  // namespace
}  // namespace kakunin::faults
