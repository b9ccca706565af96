#include <gtest/gtest.h>

#include "domain/error.h"
#include "server/usecases/cancel_feed.h"
#include "server/usecases/coverage_rows.h"
#include "server/usecases/feed_intake.h"
#include "server/usecases/publish_feed.h"
#include "server/usecases/release_feed.h"
#include "storage/store_error.h"
#include "tests/support/memory_feed_store.h"
#include "tests/unit/usecases/memory_stores.h"

namespace kakunin {
namespace {

constexpr char kInsurer[] = "06139463";
constexpr char kNumber[] = "123456789018";  // its check digit is right
const absl::CivilDay kToday(2026, 6, 1);

const auth::HmacKey kNumberKey("number key of the test ........", "n");
const auth::HmacKey kLookUpKey("look-up key of the test .......", "l");
const auth::HmacKey kAuditKey("audit key of the test .........", "a");
const FeedKeys kKeys{kNumberKey, kLookUpKey, kAuditKey};

IncomingCoverage GoodRow(const std::string& reference = "R1") {
  IncomingCoverage row;
  row.individual_number = IndividualNumber::Parse(kNumber);
  row.record.coverage_reference = reference;
  row.record.symbol = "１２３４";
  row.record.number = " 5678910 ";
  row.record.branch_number = "1";
  row.record.birth_date = absl::CivilDay(1970, 1, 1);
  row.record.qualification_date = absl::CivilDay(2018, 7, 1);
  return row;
}

template <class... Rows>
Judged<Coverage> Judge(Rows... rows) {
  std::vector<IncomingCoverage> all;
  (all.push_back(std::move(rows)), ...);
  return JudgeCoverages(std::move(all), 1, kInsurer, kKeys, kToday);
}

TEST(JudgeCoverages, AGoodRowIsStagedWithItsKeys) {
  ASSERT_TRUE(IndividualNumber::Parse(kNumber)->HasValidCheckDigit());
  const Judged<Coverage> judged = Judge(GoodRow());
  ASSERT_EQ(judged.staged.size(), 1u);
  EXPECT_TRUE(judged.findings.empty());
  const StagedCoverage& row = judged.staged[0];
  EXPECT_EQ(row.individual->hash, kNumberKey.Mac(std::string_view(kNumber)));
  EXPECT_EQ(row.individual->key_id, "n");
  EXPECT_EQ(row.record.insurer_number, kInsurer);
  EXPECT_EQ(row.record.symbol, "１２３４");
  EXPECT_EQ(row.record.number, "5678910");
  EXPECT_EQ(row.record.branch_number, "01");
  EXPECT_NE(row.record.key_with_branch, row.record.key_without_branch);
}

TEST(JudgeCoverages, TheKeysAreThoseTheDeskAsksBy) {
  const InsuredKey desk{*InsurerNumber::Parse(kInsurer), *InsuredSymbol::Parse("1234"),
                        *InsuredNumber::Parse("５６７８９１０"), BranchNumber::Parse("01"),
                        absl::CivilDay(1970, 1, 1)};
  const Judged<Coverage> judged = Judge(GoodRow());
  EXPECT_EQ(judged.staged.at(0).record.key_with_branch, LookUpHash(kLookUpKey, desk, true));
  EXPECT_EQ(judged.staged.at(0).record.key_without_branch, LookUpHash(kLookUpKey, desk, false));
}

TEST(JudgeCoverages, WithoutABranchBothKeysAreTheSame) {
  IncomingCoverage row = GoodRow();
  row.record.branch_number.clear();
  const Judged<Coverage> judged = Judge(std::move(row));
  EXPECT_EQ(judged.staged.at(0).record.key_with_branch,
            judged.staged.at(0).record.key_without_branch);
}

TEST(JudgeCoverages, ARowWithoutIndividualNumberIsStoredHidden) {
  IncomingCoverage row = GoodRow();
  row.individual_number.reset();
  const Judged<Coverage> judged = Judge(std::move(row));
  ASSERT_EQ(judged.staged.size(), 1u);
  EXPECT_FALSE(judged.staged[0].individual.has_value());
  ASSERT_EQ(judged.findings.size(), 1u);
  EXPECT_EQ(judged.findings[0].reason, "NO_INDIVIDUAL_NUMBER");
  EXPECT_TRUE(judged.findings[0].hidden);
  EXPECT_EQ(judged.refused, 0);
}

TEST(JudgeCoverages, AWrongCheckDigitIsRefusedAndBlocksNobodyElse) {
  IncomingCoverage wrong = GoodRow("bad");
  wrong.individual_number = IndividualNumber::Parse("123456789019");
  const Judged<Coverage> judged = Judge(GoodRow("a"), std::move(wrong), GoodRow("b"));
  ASSERT_EQ(judged.staged.size(), 2u);
  EXPECT_EQ(judged.staged[1].row_index, 2);
  ASSERT_EQ(judged.findings.size(), 1u);
  EXPECT_EQ(judged.findings[0].reason, "INDIVIDUAL_NUMBER_INVALID");
  EXPECT_EQ(judged.findings[0].row_index, 1);
  EXPECT_EQ(judged.findings[0].reference, "bad");
  EXPECT_FALSE(judged.findings[0].hidden);
  EXPECT_EQ(judged.refused, 1);
}

TEST(JudgeCoverages, LossOnTheDayOfAcquisitionIsPossibleTheDayBeforeIsNot) {
  IncomingCoverage same_day = GoodRow();
  same_day.record.disqualification_date = same_day.record.qualification_date;
  EXPECT_EQ(Judge(std::move(same_day)).refused, 0);
  IncomingCoverage day_before = GoodRow();
  day_before.record.disqualification_date = day_before.record.qualification_date - 1;
  const Judged<Coverage> judged = Judge(std::move(day_before));
  EXPECT_EQ(judged.refused, 1);
  EXPECT_EQ(judged.findings.at(0).reason, "DATE_ORDER_IMPOSSIBLE");
  EXPECT_EQ(judged.findings.at(0).field, "disqualification_date");
}

TEST(JudgeCoverages, BornTodayIsPossibleBornTomorrowIsNot) {
  IncomingCoverage today = GoodRow();
  today.record.birth_date = today.record.qualification_date = kToday;
  EXPECT_EQ(Judge(std::move(today)).refused, 0);
  IncomingCoverage tomorrow = GoodRow();
  tomorrow.record.birth_date = tomorrow.record.qualification_date = kToday + 1;
  EXPECT_EQ(Judge(std::move(tomorrow)).findings.at(0).field, "birth_date");
}

TEST(JudgeCoverages, DatedPiecesMustNotEndBeforeTheyBegin) {
  IncomingCoverage row = GoodRow();
  row.record.limit_certificates.resize(2);
  row.record.limit_certificates[1].valid_from = kToday;
  row.record.limit_certificates[1].valid_through = kToday - 1;
  EXPECT_EQ(Judge(std::move(row)).findings.at(0).field, "limit_certificates[1].valid_through");
}

TEST(JudgeCoverages, ALostRowNamesItsLossDate) {
  IncomingCoverage row = GoodRow();
  row.action = RowAction::kLost;
  const Judged<Coverage> judged = Judge(std::move(row));
  EXPECT_EQ(judged.findings.at(0).reason, "FIELD_MISSING");
  EXPECT_EQ(judged.findings.at(0).field, "disqualification_date");
}

TEST(JudgeCoverages, TellsEveryFaultOfARowOnceAndBoundsTheirNumber) {
  IncomingCoverage row = GoodRow();
  row.record.number.clear();
  row.record.branch_number = "abc";
  row.AddFault(RowFault::kFieldMissing, "number");
  EXPECT_EQ(Judge(std::move(row)).findings.size(), 2u);
  IncomingCoverage garbage = GoodRow();
  for (int i = 0; i < 1000; ++i) {
    garbage.AddFault(RowFault::kFieldMalformed, "field" + std::to_string(i));
  }
  EXPECT_EQ(Judge(std::move(garbage)).findings.size(), static_cast<size_t>(kMostFaultsOfRow));
}

TEST(RowFaults, EveryFaultHasANameAndASentence) {
  for (const RowFaultFacts& facts : AllRowFaults()) {
    EXPECT_EQ(MessageOfFinding(facts.reason), facts.message);
    EXPECT_FALSE(facts.message.empty());
  }
  EXPECT_FALSE(MessageOfFinding("GIVEN_BY_THE_STORE").empty());
}

class FeedTest : public testing::Test {
 protected:
  FeedTest() {
    (void)database_.Write({}, [&](Transaction& tx) {
      AuditRecord record;
      feed_ =
          *BeginFeed(tx, record, feeds_, ActorKind::kInsurer, kInsurer, FeedKind::kCoverages, 1);
      return absl::OkStatus();
    });
    registry_.parties[kInsurer] = {.name = kInsurer, .display_name = "試験組合"};
  }

  absl::StatusOr<FeedRow> Begin(int64_t number, const std::optional<FeedId>& id) {
    absl::StatusOr<FeedRow> feed;
    (void)database_.Write({}, [&](Transaction& tx) {
      AuditRecord record;
      feed = BeginFeed(tx, record, feeds_, ActorKind::kInsurer, kInsurer, FeedKind::kCoverages,
                       number, id);
      return feed.status();
    });
    return feed;
  }
  absl::StatusOr<ChunkReceipt> Take(int64_t number, uint8_t digest, int rows = 1,
                                    int64_t told_rows = 0) {
    Chunk chunk{.feed = feed_.id, .number = number, .digest = {digest}, .told_rows = told_rows};
    auto& coverages = chunk.rows.emplace<std::vector<IncomingCoverage>>();
    for (int i = 0; i < rows; ++i) coverages.push_back(GoodRow());
    return TakeChunk(database_, feeds_, registry_, kKeys, call_, std::move(chunk));
  }
  absl::Status Seal(int64_t chunks, int64_t rows) {
    return SealFeed(database_, feeds_, call_, feed_.id, chunks, rows).status();
  }
  absl::StatusOr<FeedRow> Publish() {
    const auto published =
        PublishFeed(database_, feeds_, call_, feed_.id,
                    {.answer = [](std::span<const Coverage>) { return std::string(); }});
    if (!published.ok()) return published.status();
    return published->feed;
  }
  absl::Status Release(ActorKind kind, const std::string& actor) {
    return database_.Write({}, [&](Transaction& tx) {
      AuditRecord record;
      record.actor_kind = kind;
      record.actor = actor;
      return ReleaseFeed(tx, record, feeds_, kInsurer, feed_.id, "somebody", false).status();
    });
  }

  MemoryDatabase database_;
  MemoryFeedStore feeds_;
  MemoryRegistry registry_;
  FeedRow feed_;
  WriteCall call_{.operation = Operation::kPushRows,
                  .actor_kind = ActorKind::kInsurer,
                  .actor = kInsurer,
                  .at = absl::FromUnixSeconds(1'800'000'000)};
};

TEST_F(FeedTest, RowsOfAnotherKindThanTheFeedsAreRefused) {
  const absl::Status status =
      TakeChunk(database_, feeds_, registry_, kKeys, call_,
                {.feed = feed_.id, .number = 1, .rows = std::vector<IncomingReceipt>(1)})
          .status();
  EXPECT_EQ(ReasonOf(status), Reason::kInvalidFields);
  EXPECT_EQ(feeds_.feeds.at(feed_.id).row.next_chunk, 1);
}

TEST_F(FeedTest, BeginsOneFeedANumber) {
  (void)database_.Write({}, [&](Transaction& tx) {
    AuditRecord record;
    EXPECT_EQ(
        BeginFeed(tx, record, feeds_, ActorKind::kInsurer, kInsurer, FeedKind::kCoverages, 1)->id,
        feed_.id);
    EXPECT_NE(
        BeginFeed(tx, record, feeds_, ActorKind::kInsurer, kInsurer, FeedKind::kCoverages, 2)->id,
        feed_.id);
    return absl::OkStatus();
  });
}

TEST_F(FeedTest, ANumberStandsForOneContent) {
  const FeedId content = FeedIdOf(kKeys, kInsurer, FeedKind::kCoverages, 2, {1});
  EXPECT_EQ(Begin(2, content)->id, content);
  EXPECT_EQ(Begin(2, content)->id, content);
  EXPECT_EQ(Begin(2, {})->id, content);  // who tells no digest is not checked
  const FeedId other = FeedIdOf(kKeys, kInsurer, FeedKind::kCoverages, 2, {2});
  EXPECT_EQ(ReasonOf(Begin(2, other).status()), Reason::kFeedNumberReused);
  EXPECT_EQ(ReasonOf(Begin(1, content).status()), Reason::kFeedNumberReused);  // begun without
}

// The first number is free: here it was 1.
TEST_F(FeedTest, EachNumberFollowsTheLastOfItsKind) {
  for (const int64_t number : {3, 7}) {
    const absl::Status gap = Begin(number, {}).status();
    EXPECT_EQ(gap.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ExpectedFeedNumberOf(gap), 2) << number;
  }
  EXPECT_TRUE(Begin(2, {}).ok());
  EXPECT_TRUE(Begin(1, {}).ok());  // it is there
  EXPECT_EQ(ExpectedFeedNumberOf(Begin(4, {}).status()), 3);
  EXPECT_TRUE(Begin(3, {}).ok());
}

TEST_F(FeedTest, AFeedIsNamedAfterPartyKindNumberAndContent) {
  const auto name = [](const std::string& party, FeedKind kind, int64_t number, uint8_t digest) {
    return FeedIdOf(kKeys, party, kind, number, {digest});
  };
  const FeedId id = name(kInsurer, FeedKind::kCoverages, 1, 1);
  EXPECT_EQ(id, name(kInsurer, FeedKind::kCoverages, 1, 1));
  EXPECT_NE(id, name("39131156", FeedKind::kCoverages, 1, 1));
  EXPECT_NE(id, name(kInsurer, FeedKind::kHealthChecks, 1, 1));
  EXPECT_NE(id, name(kInsurer, FeedKind::kCoverages, 2, 1));
  EXPECT_NE(id, name(kInsurer, FeedKind::kCoverages, 1, 2));
}

TEST_F(FeedTest, ATruncatedOrOversizedChunkIsRefusedForItsOwnReasonAndStoresNothing) {
  EXPECT_EQ(ReasonOf(Take(1, 1, 2, 3).status()), Reason::kFeedChunkTruncated);
  EXPECT_EQ(ReasonOf(Take(1, 1, 0, 1).status()), Reason::kFeedChunkTruncated);
  EXPECT_EQ(ReasonOf(Take(1, 1, 2, 1).status()), Reason::kFeedChunkTruncated);
  EXPECT_EQ(ReasonOf(Take(1, 1, kMostRowsInChunk + 1).status()), Reason::kFeedChunkTooLarge);
  EXPECT_EQ(feeds_.feeds.at(feed_.id).row.next_chunk, 1);
  EXPECT_TRUE(Take(1, 1, 2, 2).ok());
  EXPECT_TRUE(Take(2, 1, kMostRowsInChunk).ok());
}

TEST_F(FeedTest, TakesChunksInOrderWithOneAuditRowEach) {
  EXPECT_EQ(Take(1, 1, 3)->rows, 3);
  EXPECT_EQ(Take(2, 2)->number, 2);
  EXPECT_EQ(feeds_.feeds.at(feed_.id).rows.size(), 4u);
  EXPECT_EQ(feeds_.feeds.at(feed_.id).rows[0].record.insurer_name, "試験組合");
  ASSERT_EQ(database_.audit.size(), 2u);
  EXPECT_NE(database_.audit[0].details.find(";chunk=1;rows=3;refused=0"), std::string::npos);
}

TEST_F(FeedTest, KnownRowsAreCountedAndTheOthersKeepTheirPlaceAndHash) {
  std::vector<ToldRow> told;
  for (int32_t i = 0; i < 4; ++i) {
    told.push_back({i, "R" + std::to_string(i), KeyHash{{static_cast<uint8_t>(i + 1)}}});
  }
  const std::vector<ToldRow> as_pushed = told;
  EXPECT_EQ(*FindUnchanged(database_, feeds_, registry_, kKeys, call_, told),
            std::vector<bool>(4, false));
  feeds_.known = {{"R0", told[0].hash}, {"R2", told[2].hash}};
  told = as_pushed;
  const auto unchanged = FindUnchanged(database_, feeds_, registry_, kKeys, call_, told);
  EXPECT_EQ(*unchanged, (std::vector<bool>{true, false, true, false}));

  Chunk chunk{.feed = feed_.id, .number = 1, .told = told, .unchanged = *unchanged};
  IncomingCoverage bad = GoodRow("R3");
  bad.record.number.clear();
  auto& read = chunk.rows.emplace<std::vector<IncomingCoverage>>();
  read.push_back(GoodRow("R1"));
  read.push_back(std::move(bad));
  const auto receipt = TakeChunk(database_, feeds_, registry_, kKeys, call_, std::move(chunk));
  EXPECT_EQ(receipt->rows, 4);
  EXPECT_EQ(receipt->refused, 1);
  const MemoryFeedStore::Kept& kept = feeds_.feeds.at(feed_.id);
  ASSERT_EQ(kept.rows.size(), 1u);
  EXPECT_EQ(kept.rows[0].row_index, 1);
  EXPECT_EQ(kept.rows[0].row_hash, told[1].hash);
  EXPECT_EQ(kept.findings.at(0).row_index, 3);
  EXPECT_EQ(kept.unchanged.size(), 2u);
}

TEST_F(FeedTest, UnderAnotherNameOfTheInsurerARowIsAnother) {
  std::vector<ToldRow> told = {{0, "R0", KeyHash{{1}}}};
  std::vector<ToldRow> renamed = told;
  ASSERT_TRUE(FindUnchanged(database_, feeds_, registry_, kKeys, call_, told).ok());
  registry_.parties[kInsurer].display_name = "新しい名称";
  ASSERT_TRUE(FindUnchanged(database_, feeds_, registry_, kKeys, call_, renamed).ok());
  EXPECT_NE(told[0].hash, renamed[0].hash);
}

TEST_F(FeedTest, AGapTellsTheExpectedNumber) {
  const auto gap = Take(2, 1);
  EXPECT_EQ(ReasonOf(gap.status()), Reason::kFeedChunkGap);
  EXPECT_EQ(ExpectedChunkOf(gap.status()), 1);
}

TEST_F(FeedTest, ARepeatedChunkIsAcknowledgedAgainAndAnotherContentRefused) {
  ASSERT_TRUE(Take(1, 1, 2).ok());
  const auto again = Take(1, 1, 2);
  EXPECT_EQ(again->rows, 2);
  EXPECT_EQ(feeds_.feeds.at(feed_.id).rows.size(), 2u);
  EXPECT_EQ(ReasonOf(Take(1, 9).status()), Reason::kFeedChunkDiffers);
}

TEST_F(FeedTest, AnotherInsurersFeedIsNotFound) {
  call_.actor = "39131156";
  EXPECT_EQ(ReasonOf(Take(1, 1).status()), Reason::kFeedNotFound);
  EXPECT_EQ(ReasonOf(Publish().status()), Reason::kFeedNotFound);
}

TEST_F(FeedTest, SealsOnlyWhatIsWholeAndThenTakesNoMore) {
  ASSERT_TRUE(Take(1, 1, 2).ok());
  EXPECT_EQ(ReasonOf(Seal(2, 2)), Reason::kFeedIncomplete);
  EXPECT_EQ(ReasonOf(Seal(1, 1)), Reason::kFeedIncomplete);
  ASSERT_TRUE(Seal(1, 2).ok());
  EXPECT_TRUE(Seal(1, 2).ok());
  EXPECT_EQ(ReasonOf(Take(2, 2).status()), Reason::kFeedNotOpen);
  EXPECT_TRUE(Take(1, 1, 2).ok());  // a lost acknowledgement may still be asked for
}

TEST_F(FeedTest, PublishesOnceAndAnswersTheSameAgain) {
  ASSERT_TRUE(Take(1, 1, 2).ok());
  EXPECT_EQ(ReasonOf(Publish().status()), Reason::kFeedIncomplete);
  ASSERT_TRUE(Seal(1, 2).ok());
  const auto first = Publish();
  EXPECT_EQ(first->state, FeedState::kPublished);
  EXPECT_EQ(first->counts.new_rows, 2);
  call_.at += absl::Hours(1);
  EXPECT_EQ(Publish()->published, first->published);
}

TEST_F(FeedTest, AFailedPublicationLeavesTheFeedSealed) {
  ASSERT_TRUE(Take(1, 1).ok());
  ASSERT_TRUE(Seal(1, 1).ok());
  feeds_.publish_status = StoreError(StoreFailure::kTimedOut);
  EXPECT_EQ(StoreFailureOf(Publish().status()), StoreFailure::kTimedOut);
  EXPECT_EQ(feeds_.feeds.at(feed_.id).row.state, FeedState::kSealed);
  feeds_.publish_status = absl::OkStatus();
  EXPECT_TRUE(Publish().ok());
}

TEST_F(FeedTest, TheDryRunShowsWhatWouldBeAndNothingIsVisible) {
  ASSERT_TRUE(Take(1, 1, 2).ok());
  EXPECT_EQ(ReasonOf(JudgeFeed(database_, feeds_, call_, feed_.id).status()),
            Reason::kFeedIncomplete);
  ASSERT_TRUE(Seal(1, 2).ok());
  for (int repeat = 0; repeat < 2; ++repeat) {
    const auto judged = JudgeFeed(database_, feeds_, call_, feed_.id);
    EXPECT_EQ(judged->feed.state, FeedState::kSealed);
    EXPECT_EQ(judged->feed.counts.new_rows, 2);
    EXPECT_EQ(judged->feed.judgement, 1);
    EXPECT_FALSE(judged->feed.published.has_value());
  }
  EXPECT_EQ(Publish()->state, FeedState::kPublished);
}

TEST_F(FeedTest, HighRiskWaitsForBothNamesAndForThemOnly) {
  feeds_.figures = {.members = 1000, .ended = 900};
  ASSERT_TRUE(Take(1, 1).ok());
  ASSERT_TRUE(Seal(1, 1).ok());
  EXPECT_EQ(ReasonOf(Release(ActorKind::kOperator, "op")), Reason::kFeedNotQuarantined);
  EXPECT_EQ(Publish()->state, FeedState::kQuarantined);
  EXPECT_EQ(feeds_.feeds.at(feed_.id).risk.at(0).reason, "MASS_LOSS");
  EXPECT_EQ(ReasonOf(Publish().status()), Reason::kFeedQuarantined);
  ASSERT_TRUE(Release(ActorKind::kInsurer, kInsurer).ok());
  ASSERT_TRUE(Release(ActorKind::kInsurer, kInsurer).ok());
  EXPECT_EQ(ReasonOf(Publish().status()), Reason::kFeedQuarantined);
  ASSERT_TRUE(Release(ActorKind::kOperator, "op").ok());
  EXPECT_EQ(feeds_.feeds.at(feed_.id).releases.size(), 2u);
  EXPECT_EQ(Publish()->state, FeedState::kPublished);
}

TEST_F(FeedTest, TwoOperatorsAreNotBothSides) {
  feeds_.figures = {.members = 1000, .ended = 900};
  ASSERT_TRUE(Take(1, 1).ok());
  ASSERT_TRUE(Seal(1, 1).ok());
  ASSERT_EQ(Publish()->state, FeedState::kQuarantined);
  ASSERT_TRUE(Release(ActorKind::kOperator, "first").ok());
  ASSERT_TRUE(Release(ActorKind::kOperator, "second").ok());
  EXPECT_EQ(ReasonOf(Publish().status()), Reason::kFeedQuarantined);
}

TEST_F(FeedTest, WhatIsNoLongerWhatWasReleasedWaitsAgain) {
  feeds_.figures = {.members = 1000, .ended = 900};
  feeds_.figures.counts.lost_rows = 900;
  ASSERT_TRUE(Take(1, 1).ok());
  ASSERT_TRUE(Seal(1, 1).ok());
  ASSERT_EQ(Publish()->state, FeedState::kQuarantined);
  ASSERT_TRUE(Release(ActorKind::kInsurer, kInsurer).ok());
  ASSERT_TRUE(Release(ActorKind::kOperator, "op").ok());
  feeds_.figures.counts.lost_rows = 901;
  EXPECT_EQ(Publish()->state, FeedState::kQuarantined);
  EXPECT_EQ(ReasonOf(Publish().status()), Reason::kFeedQuarantined);
  // Of no risk any more, nobody need release it again.
  ASSERT_TRUE(Release(ActorKind::kInsurer, kInsurer).ok());
  ASSERT_TRUE(Release(ActorKind::kOperator, "op").ok());
  feeds_.figures = {.members = 1000};
  EXPECT_EQ(Publish()->state, FeedState::kPublished);
}

TEST_F(FeedTest, CancelsWhatIsNotPublishedAndNothingMoreMayBeDoneWithIt) {
  ASSERT_TRUE(Take(1, 1).ok());
  EXPECT_EQ(CancelFeed(database_, feeds_, call_, feed_.id)->state, FeedState::kCancelled);
  EXPECT_EQ(CancelFeed(database_, feeds_, call_, feed_.id)->state, FeedState::kCancelled);
  EXPECT_EQ(ReasonOf(Take(2, 2).status()), Reason::kFeedNotOpen);
  EXPECT_EQ(ReasonOf(Seal(1, 1)), Reason::kFeedNotOpen);
  EXPECT_EQ(ReasonOf(Publish().status()), Reason::kFeedNotOpen);
}

TEST_F(FeedTest, APublishedFeedIsNotCancelled) {
  ASSERT_TRUE(Seal(0, 0).ok());
  ASSERT_TRUE(Publish().ok());
  EXPECT_EQ(ReasonOf(CancelFeed(database_, feeds_, call_, feed_.id).status()),
            Reason::kFeedPublished);
}

TEST_F(FeedTest, ReportPagesNeverCutARow) {
  auto& findings = feeds_.feeds.at(feed_.id).findings;
  for (int row = 0; row < 4; ++row) {
    for (int field = 0; field < 3; ++field) {
      findings.push_back({1, row, "R", "FIELD_MISSING", "f" + std::to_string(field), false});
    }
  }
  const auto report = [&](int64_t chunk, int32_t row, int size) {
    FeedReport result;
    (void)database_.Write({}, [&](Transaction& tx) {
      AuditRecord record;
      result = *ReportFeed(tx, record, feeds_, kInsurer, feed_.id, chunk, row, size);
      return absl::OkStatus();
    });
    return result;
  };
  const FeedReport first = report(0, 0, 4);
  EXPECT_EQ(first.findings.size(), 6u);
  EXPECT_TRUE(first.more);
  const FeedReport second = report(1, first.findings.back().row_index, 6);
  EXPECT_EQ(second.findings.size(), 6u);
  EXPECT_FALSE(second.more);
}

}  // namespace
}  // namespace kakunin
