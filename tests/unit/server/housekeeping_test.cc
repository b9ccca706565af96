#include "server/housekeeping.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/server/gated_database.h"

namespace kakunin {
namespace {

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1'800'000'000); }
};

// ScriptedStore writes down what it is asked for and answers from a script: how many rows it
// deleted, or nothing for a failure. After the script nothing is left to delete.
class ScriptedStore final : public HousekeepingStore {
 public:
  using Script = std::deque<std::optional<int64_t>>;

  absl::StatusOr<int64_t> DeleteChallenges(Transaction&, absl::Time, int limit) override {
    most = limit;
    return Next("challenges", challenges);
  }
  absl::StatusOr<int64_t> DeleteRequestOutcomes(Transaction&, absl::Time, int) override {
    return Next("outcomes", outcomes);
  }
  absl::StatusOr<int64_t> DeleteInquiryCounts(Transaction&, int64_t) override {
    return Next("counts", counts);
  }

  Script challenges;
  Script outcomes;
  Script counts;
  int most = 0;
  std::vector<std::string> asked;

 private:
  absl::StatusOr<int64_t> Next(const char* what, Script& script) {
    asked.emplace_back(what);
    if (script.empty()) return 0;
    const std::optional<int64_t> next = script.front();
    script.pop_front();
    if (!next) return StoreError(StoreFailure::kDenied);
    return *next;
  }
};

using Asked = std::vector<std::string>;

class HousekeepingTest : public testing::Test {
 protected:
  GatedDatabase database_;
  ScriptedStore store_;
  FixedClock clock_;
  Housekeeping housekeeping_{database_, store_, clock_};
};

TEST_F(HousekeepingTest, AFailedDeletionIsCountedAndStopsNoOther) {
  store_.challenges = {std::nullopt};
  store_.outcomes = {std::nullopt};
  EXPECT_EQ(StoreFailureOf(housekeeping_.Tidy()), StoreFailure::kDenied);
  EXPECT_EQ(store_.asked, (Asked{"challenges", "outcomes", "counts"}));
  EXPECT_EQ(housekeeping_.Failures(), 2);
  EXPECT_TRUE(housekeeping_.Tidy().ok());
  EXPECT_EQ(housekeeping_.Failures(), 2);
}

TEST_F(HousekeepingTest, AFullBatchIsFollowedByAnother) {
  ASSERT_TRUE(housekeeping_.Tidy().ok());
  store_.asked.clear();
  store_.challenges = {store_.most, store_.most, store_.most - 1};
  EXPECT_TRUE(housekeeping_.Tidy().ok());
  EXPECT_EQ(store_.asked, (Asked{"challenges", "challenges", "challenges", "outcomes", "counts"}));
}

}  // namespace
}  // namespace kakunin
