#include "storage/postgres/number_store.h"

#include <future>

#include "storage/postgres/card_link_store.h"
#include "storage/postgres/text_value.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

using enum NumberChangeOutcome;
using Outcomes = std::vector<NumberChangeOutcome>;

const absl::CivilDay kDay(2026, 3, 31);

class NumberStoreTest : public testing::Test {
 protected:
  static NumberChange Change(int from, int to) {
    return {.from = SampleNumber(from), .to = SampleNumber(to), .day = kDay};
  }
  Outcomes Push(const std::vector<NumberChange>& changes, absl::Time at = TestInstant()) {
    Outcomes outcomes;
    const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
      const auto done = store_.Change(tx, changes, at);
      if (done.ok()) outcomes = *done;
      return done.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return outcomes;
  }
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }
  // Who somebody's number leads to, and whether it is theirs still.
  std::string PersonOf(int number) {
    const auto rows = Row(number);
    return rows.empty() ? "" : rows[0][0].c_str();
  }
  bool Current(int number) {
    const auto rows = Row(number);
    return !rows.empty() && rows[0][1].is_null();
  }
  pqxx::result Row(int number) {
    return database_.Exec(
        "SELECT person_id::text, known_to, replaced_by, replaced_on, known_from"
        " FROM kakunin.person_number WHERE number_hash = '" +
        ByteaText(SampleNumber(number).hash) + "'");
  }
  void InsureUnder(int number, const std::string& reference, int64_t feed) {
    FeedDriver(database_, kInsurerA).Deliver(feed, {SampleRow(kInsurerA, reference, number)});
  }

  const TestDatabase database_;
  PostgresNumberStore store_;
  std::unique_ptr<PostgresDatabase> pool_ = database_.Open("kakunin_operator");
};

TEST_F(NumberStoreTest, BothNumbersLeadToThePersonAndTheOldOneHasItsEnd) {
  InsureUnder(1, "R1", 1);
  const std::string person = PersonOf(1);
  const absl::Time at = TestInstant() + absl::Hours(30);
  EXPECT_EQ(Push({Change(1, 2)}, at), Outcomes{kChanged});
  EXPECT_EQ(PersonOf(1), person);
  EXPECT_EQ(PersonOf(2), person);
  EXPECT_TRUE(Current(2));
  const auto old = Row(1);
  EXPECT_EQ(InstantFromText(old[0][1].c_str()), at);
  EXPECT_EQ(DigestFromText<32>(old[0][2].c_str()), SampleNumber(2).hash);
  EXPECT_EQ(DayFromText(old[0][3].c_str()), kDay);
  EXPECT_EQ(InstantFromText(Row(2)[0][4].c_str()), at);
  EXPECT_EQ(Count("person"), 1);
}

TEST_F(NumberStoreTest, WhatComesUnderEitherNumberAfterwardsIsThePersons) {
  InsureUnder(1, "R1", 1);
  Push({Change(1, 2)});
  InsureUnder(2, "R2", 2);
  InsureUnder(1, "R3", 3);
  PostgresCardLinkStore links;
  const CardLinkRow link{.issuer_key_id = std::string(32, 'i'),
                         .serial = "s1",
                         .medium = 1,
                         .individual = SampleNumber(2)};
  const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
    return links.Put(tx, std::span(&link, 1), TestInstant()).status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Count("person"), 1);
  EXPECT_EQ(Count("coverage c WHERE person_id = '" + PersonOf(1) + "' AND known_to IS NULL"), 3);
  EXPECT_EQ(Count("card_link WHERE person_id = '" + PersonOf(1) + "'"), 1);
}

TEST_F(NumberStoreTest, ANewNumberThatWasHeardOfFirstTakesTheOldOne) {
  InsureUnder(2, "R2", 1);
  EXPECT_EQ(Push({Change(1, 2)}), Outcomes{kChanged});
  EXPECT_EQ(PersonOf(1), PersonOf(2));
  EXPECT_FALSE(Current(1));
  EXPECT_TRUE(Current(2));
  EXPECT_EQ(Count("person"), 1);
}

TEST_F(NumberStoreTest, TwoUnknownNumbersMakeOnePersonWithAnEmptyAnswer) {
  EXPECT_EQ(Push({Change(1, 2)}), Outcomes{kChanged});
  EXPECT_EQ(PersonOf(1), PersonOf(2));
  EXPECT_EQ(Count("person"), 1);
  EXPECT_EQ(Count("answer WHERE octets = '\\x00000000'"), 1);
  InsureUnder(1, "R1", 1);
  EXPECT_EQ(Count("person"), 1);
}

TEST_F(NumberStoreTest, AChangeToldAgainChangesNothing) {
  Push({Change(1, 2)});
  EXPECT_EQ(Push({Change(1, 2)}, TestInstant() + absl::Hours(1)), Outcomes{kUnchanged});
  EXPECT_EQ(InstantFromText(Row(1)[0][1].c_str()), TestInstant());
}

TEST_F(NumberStoreTest, TwoPersonsAreNotMergedAndTheOthersOfTheRequestAreMade) {
  InsureUnder(1, "R1", 1);
  InsureUnder(2, "R2", 2);
  InsureUnder(3, "R3", 3);
  EXPECT_EQ(Push({Change(1, 2), Change(3, 4)}), (Outcomes{kTwoPersons, kChanged}));
  EXPECT_NE(PersonOf(1), PersonOf(2));
  EXPECT_TRUE(Current(1));
  EXPECT_TRUE(Current(2));
  EXPECT_EQ(PersonOf(4), PersonOf(3));
  EXPECT_EQ(Count("person"), 3);
}

TEST_F(NumberStoreTest, ANumberIsReplacedOnce) {
  Push({Change(1, 2)});
  EXPECT_EQ(Push({Change(1, 3)}), Outcomes{kAlreadyReplaced});
  EXPECT_EQ(PersonOf(3), "");
}

TEST_F(NumberStoreTest, AnOldNumberNeverReturns) {
  EXPECT_EQ(Push({Change(1, 2), Change(2, 3), Change(3, 1), Change(2, 1)}),
            (Outcomes{kChanged, kChanged, kWouldReturn, kAlreadyReplaced}));
  EXPECT_TRUE(Current(3));
}

TEST_F(NumberStoreTest, ChangesOfOnePersonMayComeInAnyOrder) {
  EXPECT_EQ(Push({Change(2, 3), Change(1, 2)}), (Outcomes{kChanged, kChanged}));
  EXPECT_EQ(PersonOf(1), PersonOf(3));
  EXPECT_FALSE(Current(1));
  EXPECT_FALSE(Current(2));
  EXPECT_TRUE(Current(3));
  EXPECT_EQ(Count("person"), 1);
}

TEST_F(NumberStoreTest, AFeedThatBringsTheNewNumberAtTheSameMomentMeetsThePerson) {
  InsureUnder(1, "R1", 1);
  FeedDriver feeds(database_, kInsurerA);
  const FeedId feed = feeds.Stage(2, {SampleRow(kInsurerA, "R2", 2)});
  std::future<absl::StatusOr<FeedRow>> published;
  const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
    const auto done = store_.Change(tx, std::vector{Change(1, 2)}, TestInstant());
    published = std::async(std::launch::async,
                           [&] { return feeds.Publish(feed, FeedDriver::InstantOf(2)); });
    AwaitBlocked(database_, 1);
    return done.status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(published.get().ok());
  EXPECT_EQ(Count("person"), 1);
  EXPECT_EQ(PersonOf(2), PersonOf(1));
}

TEST_F(NumberStoreTest, AChangeThatMeetsAFeedsNewPersonIsRefused) {
  InsureUnder(1, "R1", 1);
  FeedDriver feeds(database_, kInsurerA);
  const FeedId feed = feeds.Stage(2, {SampleRow(kInsurerA, "R2", 2)});
  std::future<Outcomes> outcomes;
  const absl::Status status = feeds.pool().Write(Soon(), [&](Transaction& tx) {
    const auto published = feeds.PublishIn(tx, feed, FeedDriver::InstantOf(2));
    outcomes = std::async(std::launch::async, [&] { return Push({Change(1, 2)}); });
    AwaitBlocked(database_, 1);
    return published.status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(outcomes.get(), Outcomes{kTwoPersons});
  EXPECT_TRUE(Current(1));
}

}  // namespace
}  // namespace kakunin
