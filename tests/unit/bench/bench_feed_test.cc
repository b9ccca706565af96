#include "server/bench/bench_feed.h"

#include <gtest/gtest.h>

#include <set>

#include "auth/digest.h"
#include "domain/resident_identity.h"
#include "domain/text/insurer_number.h"
#include "server/resident_identity_file.h"
#include "server/rpc/convert_feed.h"
#include "server/usecases/feed_keys.h"
#include "tests/unit/dev/temporary_folder.h"

namespace kakunin::bench {
namespace {

constexpr absl::CivilDay kToday(2026, 11, 21);
constexpr int64_t kRows = 2000;

v1::PushRowsRequest All(const dev::FeedToPush& feed) {
  v1::PushRowsRequest rows;
  const auto source = feed.source();
  while ((*source)(rows).value()) {
  }
  return rows;
}

TEST(BenchFeed, EveryRowIsOneThatAFeedTakesAndOfAPersonOfItsOwn) {
  std::set<std::string> references;
  std::set<std::string> numbers;
  for (int insurer = 0; insurer < 2; ++insurer) {
    v1::PushRowsRequest rows = All(FirstFeed(insurer, kRows, kToday));
    ASSERT_EQ(rows.coverages_size(), kRows);
    references.clear();
    for (v1::CoverageRow& row : *rows.mutable_coverages()) {
      EXPECT_EQ(row.action(), v1::ROW_ACTION_NEW);
      references.insert(row.coverage_reference());
      numbers.insert(row.individual_number());
      EXPECT_TRUE(ReadCoverageRow(row).faults.empty());
    }
    EXPECT_EQ(references.size(), kRows);
  }
  EXPECT_EQ(numbers.size(), 2u * kRows);
}

TEST(BenchFeed, TwoInAHundredHaveMovedSinceTheDeliveryBefore) {
  for (const int64_t number : {2, 3}) {
    const v1::PushRowsRequest before =
        All(number == 2 ? FirstFeed(0, kRows, kToday) : FeedAgain(0, number - 1, kRows, kToday));
    const v1::PushRowsRequest after = All(FeedAgain(0, number, kRows, kToday));
    int moved = 0;
    for (int i = 0; i < before.coverages_size(); ++i) {
      v1::CoverageRow expected = before.coverages(i);
      if (expected.address() == after.coverages(i).address()) {
        EXPECT_EQ(expected.SerializeAsString(), after.coverages(i).SerializeAsString());
        continue;
      }
      ++moved;
      expected.set_address(after.coverages(i).address());
      expected.set_action(v1::ROW_ACTION_CHANGED);
      EXPECT_EQ(expected.SerializeAsString(), after.coverages(i).SerializeAsString());
    }
    EXPECT_EQ(moved, kRows / 50) << number;
  }
}

TEST(BenchFeed, TheRegisterKnowsEverybodyAndNobodyHasADouble) {
  const dev::TemporaryFolder folder;
  const auto file = folder.path() / "residents.csv";
  ASSERT_TRUE(WriteResidents(file, 2, kRows).ok());
  const auth::HmacKey key("key of the test ...............", "k");
  ResidentIdentityFile residents(file, key);
  const absl::Status read = residents.Read();
  ASSERT_TRUE(read.ok()) << read;
  EXPECT_EQ(residents.Count(), 2 * kRows);
  v1::PushRowsRequest rows = All(FirstFeed(1, kRows, kToday));
  std::vector<Digest32> hashes;
  for (v1::CoverageRow& row : *rows.mutable_coverages()) {
    hashes.push_back(HashOf(key, *IndividualNumber::Parse(row.individual_number())).hash);
  }
  const auto found = residents.FindIdentities(hashes);
  ASSERT_TRUE(found.ok());
  for (size_t i = 0; i < found->size(); ++i) {
    ASSERT_TRUE((*found)[i].has_value());
    EXPECT_EQ((*found)[i]->address, rows.coverages(static_cast<int>(i)).address());
    EXPECT_FALSE((*found)[i]->has_double);
  }
}

TEST(BenchFeed, ItsInsurersAreNobodyElse) {
  std::set<std::string> numbers;
  for (const synth::Insurer* insurer : FeedInsurers(10)) {
    EXPECT_TRUE(InsurerNumber::Parse(insurer->number)->HasValidCheckDigit());
    EXPECT_FALSE(synth::FindInsurer(insurer->number).has_value());
    numbers.insert(insurer->number);
  }
  EXPECT_EQ(numbers.size(), 10u);
}

TEST(BenchFeed, SharesAreOfWhatPassedBetweenTheReadings) {
  EXPECT_EQ(StepShares({{"read", 1.0}, {"publish", 2.0}}, {{"read", 2.0}, {"publish", 5.0}}),
            "read 1.0 s 25 %, compare 0.0 s 0 %, gate 0.0 s 0 %, stage 0.0 s 0 %, judge 0.0 s 0 %, "
            "publish 3.0 s 75 %");
}

}  // namespace
}  // namespace kakunin::bench
