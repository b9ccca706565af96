#include "storage/postgres/inquiry_store.h"

#include <gtest/gtest.h>

#include "storage/postgres/text_value.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

constexpr int64_t kHour = 493'000;
const StreamId kOne{{1}};
const StreamId kTwo{{2}};
const StreamId kThree{{3}};

class InquiryStoreTest : public testing::Test {
 protected:
  void Put(const StreamId& writer, const std::vector<InquiryCount>& counts) {
    const absl::Status status =
        pool_->Write(Soon(), [&](Transaction& tx) { return store_.Put(tx, writer, counts); });
    EXPECT_TRUE(status.ok()) << status;
  }
  std::vector<InquiryCount> OfOthers(const StreamId& writer, int64_t hour = kHour) {
    std::vector<InquiryCount> counts;
    const absl::Status status = pool_->Read(Soon(), [&](Transaction& tx) {
      auto read = store_.OfOthers(tx, writer, hour);
      if (read.ok()) counts = *std::move(read);
      return read.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return counts;
  }

  const TestDatabase database_;
  PostgresInquiryStore store_;
  std::unique_ptr<PostgresDatabase> pool_ = database_.Open("kakunin_terminal");
};

TEST_F(InquiryStoreTest, SumsWhatTheOthersCountedInTheHour) {
  Put(kOne, {{"1312345678", "T1", kHour, 3, 10}, {"1312345678", "T2", kHour, 1, 1}});
  Put(kTwo, {{"1312345678", "T1", kHour, 4, 20}, {"1312345678", "T1", kHour - 1, 99, 99}});
  const auto seen_by_three = OfOthers(kThree);
  ASSERT_EQ(seen_by_three.size(), 2u);
  EXPECT_EQ(seen_by_three[0].terminal_id, "T1");
  EXPECT_EQ(seen_by_three[0].no_match, 7);
  EXPECT_EQ(seen_by_three[0].persons, 30);
  EXPECT_EQ(seen_by_three[0].hour, kHour);
  const auto seen_by_one = OfOthers(kOne);
  ASSERT_EQ(seen_by_one.size(), 1u);
  EXPECT_EQ(seen_by_one[0].no_match, 4);
  EXPECT_TRUE(OfOthers(kOne, kHour + 1).empty());
}

TEST_F(InquiryStoreTest, ALaterCountReplacesTheWritersEarlierOne) {
  Put(kOne, {{"1312345678", "T1", kHour, 3, 10}});
  Put(kOne, {{"1312345678", "T1", kHour, 5, 12}});
  Put(kOne, {});
  const auto counts = OfOthers(kTwo);
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_EQ(counts[0].no_match, 5);
  EXPECT_EQ(counts[0].persons, 12);
}

TEST_F(InquiryStoreTest, AnAlarmIsRaisedOnceATerminalHourAndKind) {
  for (const char* kind : {"INQUIRY_LIMIT", "INQUIRY_LIMIT", "OTHER"}) {
    const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
      return store_.RaiseAlarm(tx, kind, "1312345678", "T1", kHour, TestInstant());
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_EQ(database_.Exec("SELECT FROM kakunin.alarm").size(), 2u);
}

TEST(TextValue, ArraysTakeAnyText) {
  const TestDatabase database;
  const std::string array = TextArray(std::vector<std::string>{"a,b", "\"\\{}", "", "NULL", "髙"});
  const pqxx::result rows = database.Exec("SELECT x FROM unnest($q$" + array + "$q$::text[]) AS x");
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_STREQ(rows[1][0].c_str(), "\"\\{}");
  EXPECT_STREQ(rows[2][0].c_str(), "");
  EXPECT_STREQ(rows[3][0].c_str(), "NULL");
}

TEST(TextValue, InstantsSurviveTheDatabase) {
  const TestDatabase database;
  const auto pool = database.Open("kakunin_terminal");
  const absl::Status status = pool->Read(Soon(), [&](Transaction& tx) {
    for (const absl::Time at :
         {TestInstant(), TestInstant() + absl::Microseconds(1),
          TestInstant() + absl::Microseconds(120'000), absl::FromUnixMicros(-1),
          absl::InfiniteFuture(), absl::InfinitePast()}) {
      EXPECT_EQ(InstantFromText(PostgresTransaction::Work(tx)
                                    .exec_params("SELECT $1::timestamptz", InstantText(at))[0][0]
                                    .c_str()),
                at);
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace kakunin
