#include "server/partition_watch.h"

#include <gtest/gtest.h>

#include "tests/support/test_database.h"

namespace kakunin {
namespace {

class StillClock final : public Clock {
 public:
  absl::Time Now() const override { return TestInstant(); }
};

TEST(PartitionWatch, TellsTheTablesWhoseDefaultPartitionHoldsRowsAndHowOldThatIs) {
  const TestDatabase database;
  const auto pool = database.Open("kakunin_terminal");
  const StillClock clock;
  {
    const PartitionWatch watch(*pool, clock);
    EXPECT_EQ(watch.DefaultsHoldingRows(), 0);
    EXPECT_GT(watch.DaysLeft(), 14);
    EXPECT_LT(watch.Age(), absl::Seconds(20));
  }
  database.Exec(
      "INSERT INTO kakunin.confirmation VALUES (gen_random_uuid(), '2031-01-01', gen_random_uuid(),"
      " 1, '1312345678', '2031-01-01', 1, gen_random_uuid())");
  EXPECT_EQ(PartitionWatch(*pool, clock).DefaultsHoldingRows(), 1);
}

TEST(PartitionWatch, KnowsNothingWithoutADatabase) {
  const TestDatabase database;
  PostgresOptions options = database.Options("kakunin_terminal");
  options.conninfo = "host=/nonexistent dbname=kakunin";
  PostgresDatabase nowhere(options);
  const StillClock clock;
  const PartitionWatch watch(nowhere, clock);
  EXPECT_EQ(watch.DaysLeft(), 0);
  EXPECT_EQ(watch.Age(), absl::InfiniteDuration());
}

}  // namespace
}  // namespace kakunin
