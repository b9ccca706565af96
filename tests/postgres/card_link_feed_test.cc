// Card links that a provider delivers: which are taken, whose a card stays, what an undo brings
// back.

#include <fmt/format.h>

#include "domain/feed_risk.h"
#include "storage/postgres/card_link_store.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

constexpr char kProvider[] = "j-lis";
const std::string kIssuer(32, 'i');

class CardLinkFeedTest : public testing::Test {
 protected:
  static StagedCardLink Link(const std::string& serial, int who, const std::string& replaces = "",
                             int medium = 1) {
    return {.individual = SampleNumber(who),
            .record = {.reference = CardLinkReference(kIssuer, serial),
                       .issuer_key_id = kIssuer,
                       .serial = serial,
                       .medium = medium,
                       .replaces_issuer_key_id = replaces.empty() ? "" : kIssuer,
                       .replaces_serial = replaces}};
  }

  // Publishes a feed of these links; what it came to is in counts_ and reasons_.
  FeedId Publish(const std::vector<StagedCardLink>& links) {
    const FeedId id = driver_.Stage(++number_, links);
    const auto published = driver_.Publish(id, FeedDriver::InstantOf(number_));
    EXPECT_TRUE(published.ok()) << published.status();
    if (published.ok()) counts_ = published->counts;
    reasons_.clear();
    for (const Finding& finding : driver_.Findings(id)) {
      reasons_ += std::to_string(finding.row_index) + ":" + finding.reason + " ";
    }
    return id;
  }
  FeedFigures Judge(const std::vector<StagedCardLink>& links) {
    const FeedId id = driver_.Stage(++number_, links);
    FeedFigures figures;
    const absl::Status status = driver_.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto feed = driver_.store().Find(tx, kProvider, id, true);
      if (!feed.ok()) return feed.status();
      const auto judged = driver_.store().Judge(tx, **feed, TestInstant());
      if (judged.ok()) figures = *judged;
      return judged.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return figures;
  }
  FeedUndone Undo(const FeedId& id, UndoMode mode = UndoMode::kUntouched) {
    FeedUndone undone;
    ++number_;
    const CopyBuilders build{.answer = &SampleAnswer};
    const absl::Status status = driver_.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto feed = driver_.store().Find(tx, kProvider, id, true);
      if (!feed.ok()) return feed.status();
      const auto done =
          driver_.store().Undo(tx, **feed, FeedDriver::InstantOf(number_), build, mode);
      if (done.ok()) undone = *done;
      return done.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return undone;
  }
  // As an operator links a card.
  absl::Status Put(const std::string& serial, int who, const std::string& replaces = "") {
    const CardLinkRow row{.issuer_key_id = kIssuer,
                          .serial = serial,
                          .medium = 1,
                          .individual = SampleNumber(who),
                          .replaces_issuer_key_id = replaces.empty() ? "" : kIssuer,
                          .replaces_serial = replaces};
    PostgresCardLinkStore links;
    return operators_->Write(Soon(), [&](Transaction& tx) {
      return links.Put(tx, std::span(&row, 1), FeedDriver::InstantOf(number_)).status();
    });
  }

  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }
  // "s1/1>s2 s2/1 " for two links of person 1, of which the first is superseded by the second; a
  // medium that is not known is "?".
  std::string Links() {
    std::string all;
    for (const auto& row :
         database_.Exec("SELECT convert_from(c.serial, 'UTF8'), get_byte(n.number_hash, 0), medium,"
                        " coalesce('>' || convert_from(superseded_by_serial, 'UTF8'), '')"
                        " FROM kakunin.card_link c JOIN kakunin.person_number n USING (person_id)"
                        " ORDER BY 1")) {
      all += fmt::format("{}/{}{}{} ", row[0].c_str(), row[1].c_str(),
                         row[2].as<int>() == 0 ? "?" : "", row[3].c_str());
    }
    return all;
  }
  int64_t OpenCases() { return Count("identity_case WHERE state = 1 AND kind = 4"); }

  const TestDatabase database_;
  FeedDriver driver_{database_, kProvider, FeedKind::kCardLinks, {.answer = &SampleAnswer}};
  const std::unique_ptr<PostgresDatabase> operators_ = database_.Open("kakunin_operator");
  int64_t number_ = 0;
  FeedCounts counts_;
  std::string reasons_;
};

TEST_F(CardLinkFeedTest, LinksAreJudgedAndPutAsAnOperatorsAre) {
  Publish({Link("s1", 1), Link("s2", 2)});
  EXPECT_EQ(counts_.new_rows, 2);
  EXPECT_EQ(counts_.new_persons, 2);
  EXPECT_EQ(Count("answer"), 2) << "a person whom no insurer has named has an empty answer";
  EXPECT_EQ(Links(), "s1/1 s2/2 ");

  Publish({Link("s1", 1), Link("s3", 2, "s2"), Link("s4", 3, "s0")});
  EXPECT_EQ(counts_.unchanged_rows, 1);
  EXPECT_EQ(counts_.changed_rows, 1);
  EXPECT_EQ(counts_.new_rows, 1);
  EXPECT_EQ(counts_.new_persons, 1);
  EXPECT_EQ(Links(), "s0/3?>s4 s1/1 s2/2>s3 s3/2 s4/3 ");
  EXPECT_EQ(Count("feed_card_link_row"), 0);

  // The one that was only named comes itself, and stays superseded.
  Publish({Link("s0", 3)});
  EXPECT_EQ(counts_.new_rows, 1);
  EXPECT_EQ(Links(), "s0/3>s4 s1/1 s2/2>s3 s3/2 s4/3 ");
  Publish({Link("s0", 3), Link("s3", 2, "s2"), Link("s4", 3, "s0"), Link("s1", 1)});
  EXPECT_EQ(counts_.unchanged_rows, 4);
  EXPECT_EQ(reasons_, "");
}

TEST_F(CardLinkFeedTest, ACardIsNeverLedToAnotherPersonAndOpensOneCase) {
  Publish({Link("s1", 1), Link("s2", 2)});
  Publish({Link("s1", 2), Link("s3", 3)});
  EXPECT_EQ(reasons_, "0:PERSON_CONFLICT ");
  EXPECT_EQ(counts_.refused_rows, 1);
  EXPECT_EQ(counts_.new_rows, 1) << "others are taken";
  EXPECT_EQ(Links(), "s1/1 s2/2 s3/3 ");
  EXPECT_EQ(OpenCases(), 1);
  EXPECT_EQ(Count("identity_case_person WHERE ended_at IS NULL"), 2) << "both are in question";
  Publish({Link("s1", 2)});
  EXPECT_EQ(OpenCases(), 1) << "what is told twice is one case";
  // A card that is replaced is somebody's, too.
  Publish({Link("s9", 3, "s2")});
  EXPECT_EQ(reasons_, "0:PERSON_CONFLICT ");
  EXPECT_EQ(OpenCases(), 2);
  EXPECT_EQ(Links(), "s1/1 s2/2 s3/3 ");
  // As it is known: the first case is over.
  Publish({Link("s1", 1)});
  EXPECT_EQ(OpenCases(), 1);
  EXPECT_EQ(Count("identity_case_person WHERE ended_at IS NULL"), 2);
}

TEST_F(CardLinkFeedTest, WhatCannotBeIsRefusedWithItsReason) {
  Publish({Link("s1", 1), Link("s2", 1, "s1")});
  Publish({Link("s2", 1, "", /*medium=*/2)});
  EXPECT_EQ(reasons_, "0:CARD_MEDIUM_DIFFERS ");
  Publish({Link("s1", 1, "s2")});
  EXPECT_EQ(reasons_, "0:CARD_REPLACED_IN_CIRCLE ");
  Publish({Link("a", 2, "b"), Link("b", 2, "a")});
  EXPECT_EQ(reasons_, "0:CARD_REPLACED_IN_CIRCLE 1:CARD_REPLACED_IN_CIRCLE ");
  // A ring of three by one feed, and one that closes over what is known.
  Publish({Link("a", 2, "b"), Link("b", 2, "c"), Link("c", 2, "a"), Link("h", 5, "h0")});
  EXPECT_EQ(reasons_,
            "0:CARD_REPLACED_IN_CIRCLE 1:CARD_REPLACED_IN_CIRCLE 2:CARD_REPLACED_IN_CIRCLE ");
  Publish({Link("s3", 1, "s2")});
  Publish({Link("s4", 1, "s3"), Link("s1", 1, "s4"), Link("s5", 5, "h")});
  EXPECT_EQ(reasons_, "0:CARD_REPLACED_IN_CIRCLE 1:CARD_REPLACED_IN_CIRCLE ");
  Publish({Link("c", 2), Link("c", 3)});
  EXPECT_EQ(reasons_, "0:DUPLICATE_REFERENCE 1:DUPLICATE_REFERENCE ");
  // Two persons' cards replace one that nobody knows: neither can be believed.
  Publish({Link("d", 2, "e"), Link("f", 3, "e"), Link("g", 4)});
  EXPECT_EQ(reasons_, "0:PERSON_CONFLICT 1:PERSON_CONFLICT ");
  EXPECT_EQ(OpenCases(), 0) << "nobody holds it";
  EXPECT_EQ(Links(), "g/4 h/5>s5 h0/5?>h s1/1>s2 s2/1>s3 s3/1 s5/5 ");
}

TEST_F(CardLinkFeedTest, TheRowsOfOnePersonStandOrFallTogether) {
  Publish({Link("s1", 1)});
  Publish({Link("s1", 2), Link("s2", 2), Link("s3", 3)});
  EXPECT_EQ(reasons_, "0:PERSON_CONFLICT 1:REFUSED_BESIDE ");
  EXPECT_EQ(Links(), "s1/1 s3/3 ");
}

TEST_F(CardLinkFeedTest, ManyLinksOfOnePersonAndMassSupersedingAreFound) {
  std::vector<StagedCardLink> of_one;
  for (int i = 0; i < kMostLinksInForce; ++i) of_one.push_back(Link(fmt::format("a{:02}", i), 1));
  EXPECT_EQ(Judge(of_one).piled_up, 0);
  of_one.push_back(Link("a99", 1));
  EXPECT_EQ(Judge(of_one).piled_up, kMostLinksInForce + 1);
  // A history in which each replaces the one before leaves one in force.
  std::vector<StagedCardLink> history;
  for (int i = 0; i < 3 * kMostLinksInForce; ++i) {
    history.push_back(
        Link(fmt::format("h{:02}", i), 2, i == 0 ? "" : fmt::format("h{:02}", i - 1)));
  }
  EXPECT_EQ(Judge(history).piled_up, 0);
  // What is known counts with it.
  of_one.pop_back();
  Publish(of_one);
  EXPECT_EQ(Judge({Link("a98", 1)}).piled_up, 1);
  EXPECT_EQ(Judge({Link("a98", 1, "a01")}).piled_up, 0) << "a renewal";

  std::vector<StagedCardLink> many;
  std::vector<StagedCardLink> renewed;
  for (int i = 0; i < kLeastSupersedingToAsk; ++i) {
    many.push_back(Link(fmt::format("m{:02}", i), 100 + i));
    renewed.push_back(Link(fmt::format("n{:02}", i), 100 + i, fmt::format("m{:02}", i)));
  }
  Publish(many);
  const FeedFigures figures = Judge(renewed);
  EXPECT_EQ(figures.superseding, kLeastSupersedingToAsk);
  EXPECT_EQ(figures.links_in_force, kLeastSupersedingToAsk + kMostLinksInForce);
  EXPECT_TRUE(AssessFeed(figures).IsHigh());
  renewed.pop_back();
  EXPECT_EQ(AssessFeed(Judge(renewed)).score, 0);
}

// A month's renewals are few of the nation's cards: they are told by what they would replace.
TEST_F(CardLinkFeedTest, ExchangedColumnsOfOldAndNewWaitInQuarantine) {
  std::vector<StagedCardLink> known;
  for (int i = 0; i < 500; ++i) known.push_back(Link(fmt::format("k{:03}", i), 100 + i));
  Publish(known);
  std::vector<StagedCardLink> exchanged;
  for (int i = 0; i < kLeastSupersedingToAsk; ++i) {
    exchanged.push_back(Link(fmt::format("k{:03}", i), 100 + i, fmt::format("n{:03}", i)));
  }
  const FeedFigures figures = Judge(exchanged);
  EXPECT_EQ(figures.superseding, kLeastSupersedingToAsk);
  EXPECT_EQ(figures.counts.refused_rows, kLeastSupersedingToAsk) << "nothing of it would be taken";
  const FeedRisk risk = AssessFeed(figures);
  EXPECT_TRUE(risk.IsHigh());
  ASSERT_EQ(risk.findings.size(), 1u);
  EXPECT_EQ(risk.findings[0].reason, "COLUMNS_SHIFTED");
  // The right way round.
  std::vector<StagedCardLink> renewed;
  for (int i = 0; i < kLeastSupersedingToAsk; ++i) {
    renewed.push_back(Link(fmt::format("n{:03}", i), 100 + i, fmt::format("k{:03}", i)));
  }
  EXPECT_EQ(AssessFeed(Judge(renewed)).score, 0);
  EXPECT_EQ(Judge({Link("n1", 100, "k000"), Link("n2", 100, "k000")}).superseding, 1)
      << "one card ends";
}

// Few exchanged rows do not wait: taken, they would end the new card before it is known.
TEST_F(CardLinkFeedTest, AnExchangedRowDoesNotEndTheNewCard) {
  Publish({Link("old", 1), Link("b", 2)});
  Publish({Link("old", 1, "new"), Link("b2", 2, "b")});
  EXPECT_EQ(reasons_, "0:CARD_REPLACES_UNKNOWN ");
  EXPECT_EQ(Links(), "b/2>b2 b2/2 old/1 ");
  // The right row then, and the card that people got is in force.
  Publish({Link("new", 1, "old")});
  EXPECT_EQ(reasons_, "");
  EXPECT_EQ(Links(), "b/2>b2 b2/2 new/1 old/1>new ");
  // Who tells the past of a known card tells the link before it, too.
  Publish({Link("b", 2, "b0"), Link("b0", 2)});
  EXPECT_EQ(reasons_, "");
  EXPECT_EQ(Links(), "b/2>b2 b0/2>b b2/2 new/1 old/1>new ");
}

TEST_F(CardLinkFeedTest, AnUndoOpensTheCaseAnewThatTheFeedHadEnded) {
  Publish({Link("s1", 1), Link("s2", 2)});
  const FeedId conflict = Publish({Link("s1", 2)});
  const FeedId ending = Publish({Link("s1", 1)});
  EXPECT_EQ(OpenCases(), 0);
  EXPECT_TRUE(Undo(ending).done);
  EXPECT_EQ(OpenCases(), 1);
  EXPECT_EQ(Count("identity_case_person WHERE ended_at IS NULL"), 2) << "both are in question";
  EXPECT_TRUE(Undo(conflict).done);
  EXPECT_EQ(OpenCases(), 0);
  // Nobody stands for what an undone feed had told.
  const FeedId told = Publish({Link("s1", 2)});
  const FeedId known = Publish({Link("s1", 1)});
  EXPECT_TRUE(Undo(told).done);
  EXPECT_TRUE(Undo(known).done);
  EXPECT_EQ(OpenCases(), 0);
}

TEST_F(CardLinkFeedTest, AnEarlierFeedDoesNotEndTheCaseOfALaterOne) {
  Publish({Link("s1", 1), Link("s2", 2)});
  const FeedId waiting = driver_.Stage(++number_, std::vector{Link("s1", 1)});
  Publish({Link("s1", 2)});
  const auto published = driver_.Publish(waiting, FeedDriver::InstantOf(++number_));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(driver_.Findings(waiting).at(0).reason, "ROW_OUTDATED");
  EXPECT_EQ(OpenCases(), 1);
}

TEST_F(CardLinkFeedTest, ARowThatStandsTwiceIsASwapAllTheSame) {
  Publish({Link("s1", 1), Link("s2", 2)});
  EXPECT_EQ(Judge({Link("s1", 3), Link("s1", 3), Link("s2", 3)}).swapped, 2);
  Publish({Link("s1", 3), Link("s1", 3)});
  EXPECT_EQ(reasons_, "0:DUPLICATE_REFERENCE 1:DUPLICATE_REFERENCE ");
  EXPECT_EQ(OpenCases(), 1);
  Publish({Link("s1", 3), Link("s1", 3)});
  EXPECT_EQ(OpenCases(), 1);
}

TEST_F(CardLinkFeedTest, WhatReplacesACardThatAnotherRowMovesIsNotTaken) {
  Publish({Link("s1", 1)});
  Publish({Link("s1", 2), Link("s3", 1, "s1"), Link("s4", 4)});
  EXPECT_EQ(reasons_, "0:PERSON_CONFLICT 1:PERSON_CONFLICT ");
  EXPECT_EQ(OpenCases(), 1);
  EXPECT_EQ(Links(), "s1/1 s4/4 ");
}

// More than are put by one statement; what one replaces stands on another page, before or behind.
TEST_F(CardLinkFeedTest, LinksOfSeveralPagesArePutAndTakenBack) {
  std::vector<StagedCardLink> links;
  for (int i = 0; i < 5100; ++i) {
    links.push_back(Link(fmt::format("k{:04}", i), 1000 + i));
  }
  links.push_back(Link("a", 1, "z"));
  links.push_back(Link("z", 1));
  links.push_back(Link("b", 2));
  links.push_back(Link("y", 2, "b"));
  const FeedId id = Publish(links);
  EXPECT_EQ(counts_.new_rows, 5104);
  EXPECT_EQ(Count("card_link WHERE medium = 1"), 5104);
  EXPECT_EQ(Count("card_link WHERE superseded_at IS NOT NULL"), 2);
  EXPECT_EQ(Count("card_link WHERE serial = 'z' AND superseded_by_serial = 'a'"), 1);
  EXPECT_EQ(Count("card_link WHERE serial = 'b' AND superseded_by_serial = 'y'"), 1);
  const FeedUndone undone = Undo(id);
  EXPECT_TRUE(undone.done);
  EXPECT_EQ(undone.removed_rows, 5104);
  EXPECT_EQ(Count("card_link"), 0);
}

TEST_F(CardLinkFeedTest, AnUndoBringsLinksBackAsTheyWere) {
  Publish({Link("s1", 1), Link("s2", 2)});
  const std::string before = Links();
  const FeedId id = Publish({Link("s3", 1, "s1"), Link("s4", 3, "s0"), Link("s2", 3)});
  EXPECT_EQ(reasons_, "1:REFUSED_BESIDE 2:PERSON_CONFLICT ");
  EXPECT_EQ(Links(), "s1/1>s3 s2/2 s3/1 ");
  EXPECT_EQ(OpenCases(), 1);
  const FeedUndone look = Undo(id, UndoMode::kLook);
  EXPECT_FALSE(look.done);
  EXPECT_EQ(look.restored_rows, 1);
  EXPECT_EQ(look.removed_rows, 1);
  EXPECT_EQ(look.touched_later, 0);
  EXPECT_TRUE(Undo(id).done);
  EXPECT_EQ(Links(), before);
  EXPECT_EQ(OpenCases(), 0);
  EXPECT_EQ(Count("card_link_change WHERE made AND person_id IN"
                  " (SELECT person_id FROM kakunin.card_link)"),
            3)
      << "whose the link was said to be stays known";
  // It may come again.
  Publish({Link("s3", 1, "s1")});
  EXPECT_EQ(Links(), "s1/1>s3 s2/2 s3/1 ");
}

TEST_F(CardLinkFeedTest, AnUndoOfWhatWasTouchedLaterIsRefusedWithoutForce) {
  Publish({Link("s1", 1)});
  const FeedId id = Publish({Link("s2", 1, "s1")});
  ASSERT_TRUE(Put("s3", 1, "s2").ok());
  const FeedUndone refused = Undo(id);
  EXPECT_FALSE(refused.done);
  EXPECT_EQ(refused.touched_later, 1);
  ASSERT_EQ(refused.touched_references.size(), 1u);
  EXPECT_EQ(refused.touched_references[0], CardLinkReference(kIssuer, "s2"));
  EXPECT_EQ(Links(), "s1/1>s2 s2/1>s3 s3/1 ");
  EXPECT_TRUE(Undo(id, UndoMode::kForce).done);
  EXPECT_EQ(Links(), "s1/1 s3/1 ");
}

// Whoever repaired who is who has looked at the link since: it is not taken away unasked.
TEST_F(CardLinkFeedTest, AnUndoOfALinkThatARepairHasLedToAnotherPersonIsRefusedWithoutForce) {
  Publish({Link("s1", 1), Link("s2", 2)});
  const FeedId id = Publish({Link("s3", 1, "s1")});
  database_.Exec(
      "UPDATE kakunin.card_link SET person_id = n.person_id FROM kakunin.person_number n"
      " WHERE get_byte(n.number_hash, 0) = 2 AND convert_from(serial, 'UTF8') <> 's2'");
  EXPECT_EQ(Links(), "s1/2>s3 s2/2 s3/2 ");
  EXPECT_FALSE(Undo(id).done);
  EXPECT_EQ(Undo(id).touched_later, 2);
  EXPECT_EQ(Links(), "s1/2>s3 s2/2 s3/2 ");
  EXPECT_TRUE(Undo(id, UndoMode::kForce).done);
  EXPECT_EQ(Links(), "s1/2 s2/2 ");
}

TEST_F(CardLinkFeedTest, AnUndoDoesNotTakeAwayWhatOthersSayReplacesAnother) {
  // By a later feed.
  Publish({Link("s1", 1)});
  const FeedId made = Publish({Link("s2", 1)});
  const FeedId later = Publish({Link("s2", 1, "s1")});
  EXPECT_EQ(Links(), "s1/1>s2 s2/1 ");
  FeedUndone refused = Undo(made);
  EXPECT_FALSE(refused.done);
  EXPECT_EQ(refused.touched_later, 1);
  EXPECT_EQ(Links(), "s1/1>s2 s2/1 ");
  EXPECT_TRUE(Undo(later).done);
  EXPECT_EQ(Links(), "s1/1 s2/1 ");
  EXPECT_TRUE(Undo(made).done) << "the later one stands no more";
  EXPECT_EQ(Links(), "s1/1 ");
  // By an operator.
  ASSERT_TRUE(Put("t1", 2).ok());
  const FeedId other = Publish({Link("t2", 2)});
  ASSERT_TRUE(Put("t2", 2, "t1").ok());
  refused = Undo(other);
  EXPECT_FALSE(refused.done);
  EXPECT_EQ(refused.touched_later, 1);
  EXPECT_EQ(Links(), "s1/1 t1/2>t2 t2/2 ");
}

TEST_F(CardLinkFeedTest, AnUndoDoesNotReviveWhatALaterFeedReplacesAsWell) {
  Publish({Link("s1", 1)});
  const FeedId first = Publish({Link("s2", 1, "s1")});
  const FeedId second = Publish({Link("s4", 1, "s1")});
  EXPECT_EQ(Links(), "s1/1>s2 s2/1 s4/1 ");
  const FeedUndone refused = Undo(first);
  EXPECT_FALSE(refused.done);
  ASSERT_EQ(refused.touched_references.size(), 1u);
  EXPECT_EQ(refused.touched_references[0], CardLinkReference(kIssuer, "s1"));
  EXPECT_EQ(Links(), "s1/1>s2 s2/1 s4/1 ");
  // That one only named s1, which stays superseded by the first.
  const FeedUndone undone = Undo(second);
  EXPECT_TRUE(undone.done);
  EXPECT_EQ(undone.removed_rows, 1);
  EXPECT_EQ(undone.restored_rows, 0);
  EXPECT_EQ(Links(), "s1/1>s2 s2/1 ");
  // Also when both links are known, so that the row changes nothing.
  ASSERT_TRUE(Put("s5", 1).ok());
  Publish({Link("s5", 1, "s1")});
  EXPECT_EQ(counts_.unchanged_rows, 1);
  EXPECT_FALSE(Undo(first).done);
  EXPECT_TRUE(Undo(first, UndoMode::kForce).done);
  EXPECT_EQ(Links(), "s1/1 s5/1 ");
}

TEST_F(CardLinkFeedTest, AnUndoLeavesTheCaseThatALaterFeedStillTells) {
  Publish({Link("s1", 1)});
  const FeedId first = Publish({Link("s1", 2)});
  const FeedId second = Publish({Link("s1", 2)});
  EXPECT_EQ(OpenCases(), 1);
  EXPECT_TRUE(Undo(first).done);
  EXPECT_EQ(OpenCases(), 1);
  Publish({Link("s1", 1)});
  EXPECT_EQ(OpenCases(), 0);
  const FeedId alone = Publish({Link("s1", 2)});
  EXPECT_TRUE(Undo(second).done);
  EXPECT_EQ(OpenCases(), 1);
  EXPECT_TRUE(Undo(alone).done);
  EXPECT_EQ(OpenCases(), 0);
}

TEST_F(CardLinkFeedTest, WhatAnOperatorPutMeanwhileIsSeenByThePublication) {
  const FeedId id = driver_.Stage(++number_, std::vector{Link("s1", 1), Link("s2", 2)});
  ASSERT_TRUE(Put("s1", 3).ok());
  const auto published = driver_.Publish(id, FeedDriver::InstantOf(number_));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->counts.refused_rows, 1);
  EXPECT_EQ(Links(), "s1/3 s2/2 ");
}

TEST_F(CardLinkFeedTest, WhatAnOperatorPutsBetweenJudgingAndPuttingIsJudgedAgain) {
  const FeedId id = driver_.Stage(++number_, std::vector{Link("s1", 1), Link("s2", 2)});
  int attempts = 0;
  const absl::Status status = driver_.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
    const auto feed = driver_.store().Find(tx, kProvider, id, true);
    if (!feed.ok()) return feed.status();
    const auto judged = driver_.store().Judge(tx, **feed, FeedDriver::InstantOf(number_));
    if (!judged.ok()) return judged.status();
    if (++attempts == 1) {
      EXPECT_TRUE(Put("s1", 3).ok());
    }
    const CopyBuilders build{.answer = &SampleAnswer};
    return driver_.store().Publish(tx, **feed, FeedDriver::InstantOf(number_), build).status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(attempts, 2);
  EXPECT_EQ(Links(), "s1/3 s2/2 ");
  EXPECT_EQ(OpenCases(), 1);
}

TEST(CardLinkReference, NamesIssuerAndSerialInHexadecimalDigits) {
  EXPECT_EQ(CardLinkReference(std::string("\x01\xab", 2) + std::string(30, 'x'), "\x0a\xff"),
            "01ab787878787878-0aff");
  EXPECT_EQ(CardLinkReference(kIssuer, std::string(kMostCardSerialOctets, '\xff')).size(), 57u);
}

}  // namespace
}  // namespace kakunin
