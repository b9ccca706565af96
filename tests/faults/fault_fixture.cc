#include "tests/faults/fault_fixture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "domain/access_policy.h"

namespace kakunin::faults {
namespace {

constexpr int64_t kPersons = 200;

}  // namespace

int Times(int in_short, int in_long) {
  return std::getenv("KAKUNIN_LONG") == nullptr ? in_short : in_long;
}

double Bar(double in_short, double in_long) {
  return std::getenv("KAKUNIN_LONG") == nullptr ? in_short : in_long;
}

double P99(std::vector<double> figures) {
  std::ranges::sort(figures);
  return figures.at((figures.size() * 99 + 99) / 100 - 1);
}

std::string Spread(std::vector<double> seconds) {
  std::ranges::sort(seconds);
  return fmt::format("{:.2f} s (median), {:.2f} s (p99)", seconds.at(seconds.size() / 2),
                     P99(seconds));
}

Installation* FaultTest::installation_ = nullptr;

void FaultTest::SetUpTestSuite() { installation_ = new Installation(kPersons); }

void FaultTest::TearDownTestSuite() {
  delete installation_;
  installation_ = nullptr;
}

Verdict FaultTest::JudgeCalls(Fault fault) const {
  pqxx::connection database(installation().database_info());
  pqxx::nontransaction work(database);
  return Judge(ledger_.calls(), fault, work);
}

std::vector<double> FaultTest::Suffer(const char* what, int times, Fault explains,
                                      const std::function<void()>& fault,
                                      std::optional<absl::Duration> desks_bound) {
  std::vector<double> desks_again;
  SufferInto(desks_again, what, times, explains, fault, desks_bound);
  return desks_again;
}

void FaultTest::SufferInto(std::vector<double>& desks_again, const char* what, int times,
                           Fault explains, const std::function<void()>& fault,
                           std::optional<absl::Duration> desks_bound) {
  SCOPED_TRACE(SeedTrace());
  std::vector<absl::Time> over;
  {
    Load load(installation(), ledger_, TestSeed(), Load::kListRows, desks_bound);
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
    return after;
  };
  desks_again = again(kActsOfDesks);
  const Verdict verdict = JudgeCalls(explains);
  fmt::print("{} {} times: {}; desks answered again after {}, feeds and lists too after {}\n", what,
             times, verdict.Text(), Spread(desks_again), Spread(again(kEveryAct)));
  EXPECT_TRUE(verdict.clean()) << verdict.Text();
  EXPECT_GT(verdict.answered, times * kAnswersBetween);
}

int64_t FaultTest::RowsAnsweredInLists() {
  pqxx::connection database(installation().database_info());
  return pqxx::nontransaction(database)
      .exec(fmt::format("SELECT count(*) FROM kakunin.audit_event WHERE operation = {}",
                        static_cast<int>(Operation::kConfirmInBulk)))[0][0]
      .as<int64_t>();
}

bool FaultTest::AwaitAnsweredAgain(absl::Time since) {
  while (!ledger_.AnsweredAgain(since)) {
    if (absl::Now() > since + absl::Minutes(1)) return false;
    ledger_.AwaitAnswered(20, std::chrono::seconds(1));
  }
  return true;
}

}  // namespace kakunin::faults
