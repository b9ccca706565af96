#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/faults/installation.h"
#include "tests/faults/load.h"
#include "tests/faults/oracles.h"
#include "tests/support/test_seed.h"

namespace kakunin::faults {

inline constexpr int kAnswersBetween = 200;
inline constexpr std::chrono::seconds kPatience{60};

// Times is how often something happens; KAKUNIN_LONG: the full counts.
int Times(int in_short, int in_long);

// Bar is what the service promises on a machine that does nothing else, as the full counts are run.
// The short form shares its machine with compilers, and shows only that nothing hangs.
double Bar(double in_short, double in_long);

// P99 of at least one figure.
double P99(std::vector<double> figures);

// Spread is the median and P99 of seconds, to be printed.
std::string Spread(std::vector<double> seconds);

// FaultTest is one installation for all tests, and a ledger for each.
class FaultTest : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  static Installation& installation() { return *installation_; }

  Verdict JudgeCalls(Fault fault) const;

  // Suffer runs the load while `fault` happens `times` times, with answers between, and judges.
  // Desks' calls have `desks_bound`, or as long as everybody's. Returns how many seconds behind
  // each fault every kind of a desk's call had been answered; fewer when the test has failed.
  std::vector<double> Suffer(const char* what, int times, Fault explains,
                             const std::function<void()>& fault,
                             std::optional<absl::Duration> desks_bound = {});

  static int64_t RowsAnsweredInLists();

  bool AwaitAnsweredAgain(absl::Time since);

  static Installation* installation_;
  Ledger ledger_;
  std::mt19937_64 random_{TestSeed()};

 private:
  void SufferInto(std::vector<double>& desks_again, const char* what, int times, Fault explains,
                  const std::function<void()>& fault, std::optional<absl::Duration> desks_bound);
};

}  // namespace kakunin::faults
