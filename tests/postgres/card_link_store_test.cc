#include "storage/postgres/card_link_store.h"

#include <algorithm>
#include <future>

#include "domain/answer_row.h"
#include "domain/error.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

const std::string kIssuer(32, 'i');

class CardLinkStoreTest : public testing::Test {
 protected:
  static CardLinkRow Link(const std::string& serial, int who, const std::string& replaces = "") {
    return {.issuer_key_id = kIssuer,
            .serial = serial,
            .medium = 1,
            .individual = SampleNumber(who),
            .replaces_issuer_key_id = replaces.empty() ? "" : kIssuer,
            .replaces_serial = replaces};
  }
  absl::StatusOr<CardLinkCounts> PutIn(Transaction& tx, const std::vector<CardLinkRow>& links) {
    return store_.Put(tx, links, TestInstant());
  }
  absl::StatusOr<CardLinkCounts> Put(const std::vector<CardLinkRow>& links) {
    absl::StatusOr<CardLinkCounts> counts;
    const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
      counts = PutIn(tx, links);
      return counts.status();
    });
    if (!status.ok()) return status;
    return counts;
  }
  void ExpectCounts(const std::vector<CardLinkRow>& links, int64_t linked, int64_t superseded,
                    int64_t unchanged) {
    const auto counts = Put(links);
    ASSERT_TRUE(counts.ok()) << counts.status();
    EXPECT_EQ(counts->linked, linked);
    EXPECT_EQ(counts->superseded, superseded);
    EXPECT_EQ(counts->unchanged, unchanged);
  }
  // FieldsOf is what an INVALID_ARGUMENT names, each followed by a space.
  static std::string FieldsOf(const absl::Status& status) {
    EXPECT_EQ(ReasonOf(status), Reason::kInvalidFields) << status;
    std::string fields;
    for (const FieldViolation& violation : ViolationsOf(status)) fields += violation.field + " ";
    return fields;
  }
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }

  // ChainFrom follows what superseded what, as "s1>s2".
  std::string ChainFrom(const std::string& serial) {
    const auto next = database_.Exec(
        "SELECT convert_from(superseded_by_serial, 'UTF8') FROM kakunin.card_link WHERE serial = "
        "'" +
        serial + "' AND superseded_at IS NOT NULL");
    return next.empty() ? serial : serial + ">" + ChainFrom(next[0][0].c_str());
  }

  const TestDatabase database_;
  PostgresCardLinkStore store_;
  std::unique_ptr<PostgresDatabase> pool_ = database_.Open("kakunin_operator");
};

TEST_F(CardLinkStoreTest, AnUnknownNumberMakesAPersonWithAnEmptyAnswer) {
  ExpectCounts({Link("s1", 1), Link("s2", 1), Link("s3", 2)}, 3, 0, 0);
  EXPECT_EQ(Count("person"), 2);
  EXPECT_EQ(Count("person_number"), 2);
  EXPECT_EQ(Count("card_link JOIN kakunin.person USING (person_id)"), 3);
  const auto answers = database_.Exec(
      "SELECT DISTINCT format, encode(octets, 'hex')"
      " FROM kakunin.answer");
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0][0].as<int>(), kAnswerFormat);
  std::string hex;
  for (const char octet : EncodeAnswerRow({})) hex += octet == 0 ? "00" : "??";
  EXPECT_EQ(answers[0][1].c_str(), hex);
}

TEST_F(CardLinkStoreTest, APersonWhomAnInsurerNamedIsTakenAsIs) {
  FeedDriver feeds(database_, kInsurerA);
  feeds.Deliver(1, {SampleRow(kInsurerA, "R1", 1)});
  ExpectCounts({Link("s1", 1)}, 1, 0, 0);
  EXPECT_EQ(Count("person"), 1);
  EXPECT_EQ(Count("answer WHERE octets = convert_to('33120015/R1/東京都/;', 'UTF8')"), 1);
}

TEST_F(CardLinkStoreTest, TheSameLinkAgainChangesNothing) {
  ExpectCounts({Link("s1", 1), Link("s2", 1, "s1")}, 2, 1, 0);
  ExpectCounts({Link("s1", 1), Link("s2", 1, "s1"), Link("s2", 1, "s1")}, 0, 0, 3);
  EXPECT_EQ(Count("card_link WHERE superseded_at IS NOT NULL"), 1);
}

TEST_F(CardLinkStoreTest, AReplacementMarksTheOldCardAlsoInTheSameBatch) {
  ExpectCounts({Link("s1", 1)}, 1, 0, 0);
  ExpectCounts({Link("s3", 1, "s2"), Link("s2", 1, "s1")}, 2, 2, 0);
  EXPECT_EQ(Count("card_link WHERE serial = 's1' AND superseded_by_serial = 's2'"), 1);
  EXPECT_EQ(Count("card_link WHERE serial = 's2' AND superseded_by_serial = 's3'"), 1);
  EXPECT_EQ(Count("card_link WHERE serial = 's3' AND superseded_at IS NULL"), 1);
}

TEST_F(CardLinkStoreTest, ACardThatIsNamedBeforeItsOwnLinkComesIsSupersededFromThenOn) {
  ExpectCounts({Link("s2", 1, "s1")}, 1, 1, 0);
  EXPECT_EQ(ChainFrom("s1"), "s1>s2");
  EXPECT_EQ(Count("card_link WHERE serial = 's1' AND medium = 0"), 1);
  ExpectCounts({Link("s1", 1)}, 1, 0, 0);
  EXPECT_EQ(ChainFrom("s1"), "s1>s2");
  EXPECT_EQ(Count("card_link WHERE serial = 's1' AND medium = 1"), 1);
  ExpectCounts({Link("s1", 1)}, 0, 0, 1);
  EXPECT_EQ(Count("person"), 1);
}

TEST_F(CardLinkStoreTest, AChainOfThreeIsTheSameInWhateverOrderItsLinksCome) {
  std::vector<CardLinkRow> chain = {Link("s1", 1), Link("s2", 1, "s1"), Link("s3", 1, "s2")};
  std::vector<size_t> order = {0, 1, 2};
  do {
    database_.Exec("DELETE FROM kakunin.card_link");
    int64_t linked = 0;
    int64_t superseded = 0;
    for (const size_t next : order) {
      const auto counts = Put({chain[next]});
      ASSERT_TRUE(counts.ok()) << counts.status();
      linked += counts->linked;
      superseded += counts->superseded;
    }
    EXPECT_EQ(ChainFrom("s1"), "s1>s2>s3");
    EXPECT_EQ(Count("card_link WHERE superseded_at IS NULL AND serial = 's3'"), 1);
    EXPECT_EQ(Count("card_link WHERE medium = 1"), 3);
    EXPECT_EQ(linked, 3);
    EXPECT_EQ(superseded, 2);
  } while (std::ranges::next_permutation(order).found);
  std::ranges::reverse(chain);
  database_.Exec("DELETE FROM kakunin.card_link");
  ExpectCounts(chain, 3, 2, 0);
  EXPECT_EQ(ChainFrom("s1"), "s1>s2>s3");
}

TEST_F(CardLinkStoreTest, ACardThatWasNamedAsSomebodysStaysThatPersons) {
  ExpectCounts({Link("s2", 1, "s1")}, 1, 1, 0);
  EXPECT_EQ(ReasonOf(Put({Link("s1", 2)}).status()), Reason::kPersonConflict);
  EXPECT_EQ(Count("card_link WHERE serial = 's1' AND medium = 0"), 1);
  EXPECT_EQ(Count("person"), 1);
}

TEST_F(CardLinkStoreTest, TheOldCardsOwnLinkAtTheSameMomentDoesNotWin) {
  std::future<absl::StatusOr<CardLinkCounts>> own;
  const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
    const auto counts = PutIn(tx, {Link("s2", 1, "s1")});
    own = std::async(std::launch::async, [&] { return Put({Link("s1", 1)}); });
    AwaitBlocked(database_, 1);
    return counts.status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(own.get().ok());
  EXPECT_EQ(ChainFrom("s1"), "s1>s2");
}

TEST_F(CardLinkStoreTest, OneConflictRefusesAll) {
  ExpectCounts({Link("s1", 1)}, 1, 0, 0);
  const std::vector<std::vector<CardLinkRow>> conflicts = {
      {Link("s8", 3), Link("s1", 2)},               // somebody else's card
      {Link("s9", 2, "s1")},                        // replaces somebody else's card
      {Link("s7", 2), Link("s7", 3)},               // two holders in one batch
      {Link("s5", 4), Link("s6", 5, "s5")},         // likewise
      {Link("s5", 4, "s0"), Link("s6", 5, "s0")}};  // two holders replace one card
  for (const auto& links : conflicts) {
    const absl::Status status = Put(links).status();
    EXPECT_EQ(ReasonOf(status), Reason::kPersonConflict) << status;
  }
  EXPECT_EQ(Count("card_link"), 1);
  EXPECT_EQ(Count("person"), 1);
}

TEST_F(CardLinkStoreTest, CardsThatReplaceEachOtherAreRefused) {
  ExpectCounts({Link("s1", 1), Link("s2", 1, "s1"), Link("s3", 1, "s2")}, 3, 2, 0);
  using Links = std::vector<CardLinkRow>;
  const std::pair<Links, std::string> circles[] = {
      {Links{Link("s1", 1, "s2")}, "links[0].replaces_serial "},
      {Links{Link("s9", 1), Link("s1", 1, "s3")}, "links[1].replaces_serial "},  // by way of s2
      {Links{Link("s4", 1, "s5"), Link("s5", 1, "s4")},
       "links[0].replaces_serial links[1].replaces_serial "}};
  for (const auto& [links, fields] : circles) EXPECT_EQ(FieldsOf(Put(links).status()), fields);
  EXPECT_EQ(Count("card_link"), 3);
  ASSERT_EQ(Count("card_link WHERE superseded_at IS NULL AND serial = 's3'"), 1);
  EXPECT_EQ(ChainFrom("s1"), "s1>s2>s3");
}

TEST_F(CardLinkStoreTest, OfTwoThatReplaceEachOtherAtOnceOneIsRefused) {
  ExpectCounts({Link("s1", 1), Link("s2", 1)}, 2, 0, 0);
  std::future<absl::StatusOr<CardLinkCounts>> other;
  const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
    const auto counts = PutIn(tx, {Link("s2", 1, "s1")});
    other = std::async(std::launch::async, [&] { return Put({Link("s1", 1, "s2")}); });
    AwaitBlocked(database_, 1);
    return counts.status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(FieldsOf(other.get().status()), "links[0].replaces_serial ");
  EXPECT_EQ(Count("card_link WHERE superseded_at IS NULL AND serial = 's2'"), 1);
}

TEST_F(CardLinkStoreTest, AnotherMediumIsRefusedAndNotCalledUnchanged) {
  CardLinkRow phone = Link("s1", 1);
  phone.medium = 2;
  ExpectCounts({Link("s1", 1), Link("s2", 1, "s0")}, 2, 1, 0);
  EXPECT_EQ(FieldsOf(Put({Link("s3", 1), phone}).status()), "links[1].medium ");
  EXPECT_EQ(FieldsOf(Put({phone, Link("s1", 1)}).status()), "links[0].medium ");
  // Of one that was only named no medium is known yet, and of one batch it must be one.
  CardLinkRow named = Link("s0", 1);
  named.medium = 2;
  EXPECT_EQ(FieldsOf(Put({named, Link("s0", 1)}).status()), "links[1].medium ");
  ExpectCounts({named}, 1, 0, 0);
  EXPECT_EQ(Count("card_link WHERE serial = 's0' AND medium = 2"), 1);
  EXPECT_EQ(Count("card_link WHERE serial = 's1' AND medium = 1"), 1);
  EXPECT_EQ(Count("card_link"), 3);
}

TEST_F(CardLinkStoreTest, OfTwoHoldersAtOnceOneIsRefused) {
  std::future<absl::StatusOr<CardLinkCounts>> other;
  const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
    const auto counts = PutIn(tx, {Link("s1", 1)});
    other = std::async(std::launch::async, [&] { return Put({Link("s1", 2)}); });
    AwaitBlocked(database_, 1);
    return counts.status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(ReasonOf(other.get().status()), Reason::kPersonConflict);
  EXPECT_EQ(Count("card_link"), 1);
}

TEST_F(CardLinkStoreTest, ACardAndAFeedThatBringTheSamePersonAtOnceMeetInOne) {
  FeedDriver feeds(database_, kInsurerA);
  const FeedId feed = feeds.Stage(1, {SampleRow(kInsurerA, "R1", 1)});
  std::future<absl::StatusOr<FeedRow>> published;
  const absl::Status status = pool_->Write(Soon(), [&](Transaction& tx) {
    const auto counts = PutIn(tx, {Link("s1", 1)});
    published = std::async(std::launch::async, [&] { return feeds.Publish(feed); });
    AwaitBlocked(database_, 1);
    return counts.status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(published.get().ok());
  EXPECT_EQ(Count("person"), 1);
  EXPECT_EQ(Count("answer WHERE octets = convert_to('33120015/R1/東京都/;', 'UTF8')"), 1);
}

}  // namespace
}  // namespace kakunin
