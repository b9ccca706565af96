// How deliveries go: how far, how late, what waits, what is hidden; and who is told of delays.

#include "storage/postgres/delivery_store.h"

#include "domain/civil_day.h"
#include "server/delivery_watch.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

class HeldClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Time now = TestInstant();
};

class DeliveryStoreTest : public testing::Test {
 protected:
  template <class Read>
  auto Ask(Read read) {
    decltype(read(std::declval<Transaction&>())) answer;
    const absl::Status status = a_.pool().Read(Soon(), [&](Transaction& tx) {
      answer = read(tx);
      return answer.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return *std::move(answer);
  }
  DeliveryStatus Status(const std::string& party = kInsurerA,
                        absl::Time since = absl::InfinitePast()) {
    return Ask([&](Transaction& tx) { return deliveries_.Status(tx, party, since); });
  }
  std::vector<HiddenRow> Hidden(const std::string& after = "", int limit = 100) {
    return Ask(
        [&](Transaction& tx) { return deliveries_.HiddenRows(tx, kInsurerA, after, limit); });
  }
  // A row of somebody whose coverage began `days` before the delivery.
  static StagedCoverage Late(int who, int days, int64_t feed_number) {
    StagedCoverage row = SampleRow(kInsurerA, "R" + std::to_string(who), who);
    row.record.qualification_date = CivilDayAt(FeedDriver::InstantOf(feed_number)) - days;
    return row;
  }
  static StagedCoverage Lost(int who, int days, int64_t feed_number) {
    StagedCoverage row = SampleRow(kInsurerA, "R" + std::to_string(who), who, RowAction::kLost);
    row.record.disqualification_date = CivilDayAt(FeedDriver::InstantOf(feed_number)) - days;
    row.record.reason_of_loss = 99;
    return row;
  }
  static StagedCoverage WithoutNumber(int who) {
    StagedCoverage row = SampleRow(kInsurerA, "R" + std::to_string(who), who);
    row.individual.reset();
    return row;
  }

  const TestDatabase database_;
  FeedDriver a_{database_, kInsurerA};
  PostgresDeliveryStore deliveries_;
};

TEST_F(DeliveryStoreTest, LagsAreCountedByDaysFromTheSecondDeliveryOn) {
  a_.Deliver(1, {Late(1, 4000, 1), Late(2, 4000, 1)});
  EXPECT_EQ(Status().begun, LagCounts{});
  a_.Deliver(2, {Late(3, -3, 2), Late(4, 0, 2), Late(5, 1, 2), Late(6, 5, 2), Late(7, 6, 2),
                 Late(8, 10, 2), Late(9, 11, 2), Late(10, 30, 2), Late(11, 31, 2), Late(12, 90, 2),
                 Late(13, 91, 2), Lost(1, 12, 2)});
  EXPECT_EQ(Status().begun, (LagCounts{2, 2, 2, 2, 2, 1}));
  EXPECT_EQ(Status().ended, (LagCounts{0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(Status(kInsurerA, FeedDriver::InstantOf(2)).begun, Status().begun);
  EXPECT_EQ(Status(kInsurerA, FeedDriver::InstantOf(2) + absl::Microseconds(1)).begun, LagCounts{});
  EXPECT_EQ(Status(kInsurerB).begun, LagCounts{});
}

TEST_F(DeliveryStoreTest, WhatIsToldAgainIsNotLate) {
  a_.Deliver(1, {Late(1, 4000, 1)});
  a_.Deliver(2, {Lost(1, 7, 2)});
  a_.Deliver(3, {Lost(1, 7, 3)});
  EXPECT_EQ(Status().ended, (LagCounts{0, 0, 1, 0, 0, 0}));
}

TEST_F(DeliveryStoreTest, AnUndoneFeedNeitherDeliveredNorWasLate) {
  a_.Deliver(1, {Late(1, 4000, 1)});
  const FeedId second = a_.Stage(2, std::vector<StagedCoverage>{Late(2, 7, 2)});
  ASSERT_TRUE(a_.Publish(second, FeedDriver::InstantOf(2)).ok());
  database_.Exec(
      "UPDATE kakunin.feed SET began_at = '2026-11-20Z' WHERE feed_number = 2;"
      "UPDATE kakunin.feed SET began_at = '2026-11-10Z' WHERE feed_number = 1");
  const absl::Status undone = a_.pool().Write(Soon(), [&](Transaction& tx) {
    const auto feed = a_.store().Find(tx, kInsurerA, second, true);
    return a_.store()
        .Undo(tx, **feed, FeedDriver::InstantOf(3), {.answer = &SampleAnswer}, UndoMode::kUntouched)
        .status();
  });
  ASSERT_TRUE(undone.ok()) << undone;
  EXPECT_EQ(Status().begun, LagCounts{});
  ASSERT_EQ(Status().progress.size(), 1u);
  EXPECT_EQ(Status().progress[0].through,
            absl::FromCivil(absl::CivilDay(2026, 11, 10), absl::UTCTimeZone()));
}

TEST_F(DeliveryStoreTest, TellsTheFeedThatWaitsLongest) {
  EXPECT_FALSE(Status().waiting);
  a_.Deliver(1, {Late(1, 1, 1)});
  EXPECT_FALSE(Status().waiting);
  a_.Begin(2);
  a_.Begin(3);
  database_.Exec("UPDATE kakunin.feed SET began_at = '2026-01-01Z' WHERE feed_number = 3");
  ASSERT_TRUE(Status().waiting);
  EXPECT_EQ(Status().waiting->feed_number, 3);
  EXPECT_EQ(Status().waiting->state, FeedState::kOpen);
}

TEST_F(DeliveryStoreTest, TellsWhatIsHiddenAndWhy) {
  StagedCoverage doubtful = SampleRow(kInsurerA, "R3", 3);
  doubtful.doubt = IdentityDoubt{.fields = 1, .identity = SampleKey(77)};
  a_.Deliver(1, {WithoutNumber(1), WithoutNumber(2), doubtful, SampleRow(kInsurerA, "R4", 4)});
  EXPECT_EQ(Status().hidden, (std::map<std::string, int64_t>{{"IDENTITY_MISMATCH", 1},
                                                             {"NO_INDIVIDUAL_NUMBER", 2}}));
  const std::vector<HiddenRow> first = Hidden("", 2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].reference, "R1");
  EXPECT_EQ(first[0].reason, "NO_INDIVIDUAL_NUMBER");
  const std::vector<HiddenRow> rest = Hidden(first[1].reference);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].reason, "IDENTITY_MISMATCH");
  a_.Deliver(2, {SampleRow(kInsurerA, "R1", 1, RowAction::kChanged)});
  EXPECT_EQ(Status().hidden.at("NO_INDIVIDUAL_NUMBER"), 1);
  EXPECT_TRUE(Status(kInsurerB).hidden.empty());
}

TEST_F(DeliveryStoreTest, OnlyRegisteredInsurersThatAreBehindAreTold) {
  database_.Exec(
      "INSERT INTO kakunin.party SELECT 2, n, 'x', decode(repeat(f, 32), 'hex'), '2026-01-01',"
      " '2027-01-01', n <> '06139463', 1"
      " FROM (VALUES ('33120015', '0a'), ('06139994', '0b'), ('06139463', '0c')) v (n, f)");
  a_.Deliver(1, {Late(1, 1, 1)});
  HeldClock clock;
  const auto pool = database_.Open("kakunin_terminal");
  const absl::CivilDay began = CivilDayAt(TestInstant());
  clock.now = absl::FromCivil(began + 6, JapanTime()) - absl::Seconds(1);
  {
    const DeliveryWatch watch(*pool, deliveries_, clock, 5);
    EXPECT_FALSE(watch.Of(kInsurerA));
    EXPECT_FALSE(watch.Of("01130012"));  // nobody's
    EXPECT_FALSE(watch.Of("06139463"));  // not active any more
    ASSERT_TRUE(watch.Of(kInsurerB));
    EXPECT_FALSE(watch.Of(kInsurerB)->last_delivery);
    EXPECT_EQ(watch.Behind(), 1);
  }
  clock.now += absl::Seconds(1);
  const DeliveryWatch watch(*pool, deliveries_, clock, 5);
  ASSERT_TRUE(watch.Of(kInsurerA));
  EXPECT_EQ(watch.Of(kInsurerA)->days, 6);
  EXPECT_EQ(watch.Behind(), 2);
}

TEST_F(DeliveryStoreTest, WithoutADatabaseNobodyIsToldOff) {
  PostgresOptions options = database_.Options("kakunin_terminal");
  options.conninfo = "host=/nonexistent dbname=kakunin";
  PostgresDatabase nowhere(options);
  const HeldClock clock;
  const DeliveryWatch watch(nowhere, deliveries_, clock, 5);
  EXPECT_FALSE(watch.Of(kInsurerA));
  EXPECT_EQ(watch.Age(), absl::InfiniteDuration());
}

}  // namespace
}  // namespace kakunin
