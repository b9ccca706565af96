#include "storage/postgres/feed_store.h"

#include <future>

#include "storage/store_error.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

class FeedStoreTest : public testing::Test {
 protected:
  static StagedCoverage Row(const std::string& reference, int who,
                            RowAction action = RowAction::kNew) {
    return SampleRow(kInsurerA, reference, who, action);
  }
  static StagedCoverage HiddenRow(const std::string& reference) {
    StagedCoverage row = Row(reference, 1);
    row.individual.reset();
    return row;
  }
  std::string Text(const std::string& sql) { return database_.Exec(sql)[0][0].c_str(); }
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }
  // The answers of all persons, sorted.
  std::string Answers() {
    return Text(
        "SELECT string_agg(convert_from(octets, 'UTF8'), ' ' ORDER BY octets)"
        " FROM kakunin.answer");
  }
  std::string ReasonsOf(const FeedId& id) {
    std::string reasons;
    for (const Finding& finding : a_.Findings(id)) {
      reasons += finding.reference + ":" + finding.reason + " ";
    }
    return reasons;
  }

  const TestDatabase database_;
  FeedDriver a_{database_, kInsurerA};
  FeedDriver b_{database_, kInsurerB};
};

TEST_F(FeedStoreTest, BeginningAgainReturnsTheFeedUnderThatNumber) {
  const FeedRow feed = a_.Begin(1);
  EXPECT_EQ(feed.state, FeedState::kOpen);
  EXPECT_EQ(feed.next_chunk, 1);
  EXPECT_EQ(feed.began, TestInstant());
  const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) {
    const auto again = a_.store().Begin(tx, kInsurerA, FeedKind::kCoverages, 1, FeedId{{99}},
                                        TestInstant() + absl::Hours(1));
    EXPECT_EQ(again->id, feed.id);
    EXPECT_EQ(again->began, feed.began);
    return again.status();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(FeedStoreTest, TellsTheNumberAfterTheLastOfThePartyAndKindAlone) {
  a_.Begin(11);
  a_.Begin(12);
  b_.Begin(4);
  const auto after = [&](const std::string& party, FeedKind kind, int64_t number) {
    std::optional<int64_t> told;
    const absl::Status status = a_.pool().Read(Soon(), [&](Transaction& tx) {
      const auto next = a_.store().NumberAfter(tx, party, kind, number);
      if (next.ok()) told = *next;
      return next.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return told;
  };
  for (const int64_t number : {1, 10, 13, 14}) {
    EXPECT_EQ(after(kInsurerA, FeedKind::kCoverages, number), 13) << number;
  }
  for (const int64_t number : {11, 12}) {  // they are there
    EXPECT_EQ(after(kInsurerA, FeedKind::kCoverages, number), std::nullopt) << number;
  }
  EXPECT_EQ(after(kInsurerB, FeedKind::kCoverages, 1), 5);
  EXPECT_EQ(after(kInsurerA, FeedKind::kHealthChecks, 9), std::nullopt);  // the first
}

TEST_F(FeedStoreTest, AnotherInsurersFeedIsNotFound) {
  const FeedId id = a_.Begin(1).id;
  const absl::Status status = b_.pool().Read(Soon(), [&](Transaction& tx) {
    const auto feed = b_.store().Find(tx, kInsurerB, id, false);
    EXPECT_FALSE(feed->has_value());
    return feed.status();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(FeedStoreTest, AFeedGoesOnAfterItsLastStoredChunk) {
  const FeedId id = a_.Begin(1).id;
  ASSERT_TRUE(a_.Append(id, {Row("R1", 1), Row("R2", 2)}, {}, /*refused=*/1).ok());
  ASSERT_TRUE(a_.Append(id, {Row("R3", 3)}).ok());
  const absl::Status status = a_.pool().Read(Soon(), [&](Transaction& tx) {
    const auto feed = a_.store().Find(tx, kInsurerA, id, false);
    EXPECT_EQ((*feed)->next_chunk, 3);
    EXPECT_EQ((*feed)->row_count, 4);
    const auto first = a_.store().FindChunk(tx, id, 1);
    EXPECT_EQ((*first)->digest, Digest32{1});
    EXPECT_EQ((*first)->rows, 3);
    EXPECT_EQ((*first)->refused, 1);
    EXPECT_FALSE(a_.store().FindChunk(tx, id, 3)->has_value());
    return feed.status();
  });
  EXPECT_TRUE(status.ok()) << status;
  const auto published = a_.Publish(id);
  ASSERT_TRUE(published.ok());
  EXPECT_EQ(published->counts.new_rows, 3);
  EXPECT_EQ(published->counts.refused_rows, 1);
  EXPECT_EQ(published->state, FeedState::kPublished);
  EXPECT_EQ(published->published, TestInstant());
  EXPECT_EQ(Count("feed_coverage_row"), 0);
}

TEST_F(FeedStoreTest, NewRowsMakePersonsTruthLookUpsAndAnswers) {
  const FeedCounts counts = a_.Deliver(1, {Row("R1", 1), Row("R2", 2), Row("R3", 2)});
  EXPECT_EQ(counts.new_rows, 3);
  EXPECT_EQ(counts.new_persons, 2);
  EXPECT_EQ(Count("person"), 2);
  EXPECT_EQ(Count("person_number"), 2);
  EXPECT_EQ(Count("insured_lookup"), 4);
  EXPECT_EQ(Answers(), "33120015/R1/東京都/; 33120015/R2/東京都/;33120015/R3/東京都/;");
}

TEST_F(FeedStoreTest, AChangeClosesTheKnownPeriodAndOldKnowledgeStaysReadable) {
  a_.Deliver(1, {Row("R1", 1)});
  StagedCoverage changed = Row("R1", 1, RowAction::kChanged);
  changed.record.address = "大阪府";
  EXPECT_EQ(a_.Deliver(2, {changed}).changed_rows, 1);
  EXPECT_EQ(Answers(), "33120015/R1/大阪府/;");
  const auto known_at = [&](absl::Time at) {
    const std::string instant = "'" + absl::FormatTime(at, absl::UTCTimeZone()) + "'";
    return Text(
        "SELECT coalesce(string_agg(address, ','), '') FROM kakunin.coverage"
        " WHERE known_from <= " +
        instant + " AND (known_to IS NULL OR known_to > " + instant + ")");
  };
  constexpr absl::Duration kLeast = absl::Microseconds(1);
  EXPECT_EQ(known_at(FeedDriver::InstantOf(1) - kLeast), "");
  EXPECT_EQ(known_at(FeedDriver::InstantOf(1)), "東京都");
  EXPECT_EQ(known_at(FeedDriver::InstantOf(2) - kLeast), "東京都");
  EXPECT_EQ(known_at(FeedDriver::InstantOf(2)), "大阪府");
}

TEST_F(FeedStoreTest, ALossTakesOnlyTheLossFromItsRow) {
  a_.Deliver(1, {Row("R1", 1)});
  StagedCoverage lost = Row("R1", 1, RowAction::kLost);
  lost.record.disqualification_date = absl::CivilDay(2026, 4, 1);
  lost.record.reason_of_loss = 2;
  lost.record.address = "";
  lost.record.key_with_branch = SampleKey(77);
  EXPECT_EQ(a_.Deliver(2, {lost}).lost_rows, 1);
  EXPECT_EQ(Answers(), "33120015/R1/東京都/lost;");
  EXPECT_EQ(Text("SELECT reason_of_loss FROM kakunin.coverage WHERE known_to IS NULL"), "2");
  EXPECT_EQ(Count("insured_lookup"), 2);
  EXPECT_EQ(a_.Deliver(3, {lost}).unchanged_rows, 1);
  EXPECT_EQ(Count("coverage"), 2);
}

TEST_F(FeedStoreTest, UnchangedRowsTouchNothing) {
  a_.Deliver(1, {Row("R1", 1), Row("R2", 2)});
  const std::string before = Text("SELECT string_agg(xmin::text, ',') FROM kakunin.answer");
  const FeedCounts counts = a_.Deliver(2, {Row("R1", 1), Row("R2", 2, RowAction::kChanged)});
  EXPECT_EQ(counts.unchanged_rows, 2);
  EXPECT_EQ(Count("coverage"), 2);
  EXPECT_EQ(Text("SELECT string_agg(xmin::text, ',') FROM kakunin.answer"), before);
}

TEST_F(FeedStoreTest, EachRowThatCannotBeMergedIsRefusedByItselfAndToldOf) {
  a_.Deliver(1, {Row("R1", 1), Row("R2", 2)});
  StagedCoverage other = Row("R1", 1);
  other.record.address = "大阪府";
  const FeedId id = a_.Stage(2, {other,                              // known already, and different
                                 Row("R2", 3, RowAction::kChanged),  // of somebody new
                                 Row("R9", 1, RowAction::kChanged),  // never heard of
                                 Row("R8", 1, RowAction::kLost),     //
                                 Row("R3", 3), Row("R3", 4),         // twice
                                 Row("R4", 5)});
  const auto published = a_.Publish(id, FeedDriver::InstantOf(2));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->counts.refused_rows, 6);
  EXPECT_EQ(published->counts.new_rows, 1);
  EXPECT_EQ(published->counts.new_persons, 1);
  EXPECT_EQ(ReasonsOf(id),
            "R1:REFERENCE_EXISTS R2:PERSON_CONFLICT R9:REFERENCE_UNKNOWN R8:REFERENCE_UNKNOWN "
            "R3:DUPLICATE_REFERENCE R3:DUPLICATE_REFERENCE ");
  EXPECT_EQ(Answers(), "33120015/R1/東京都/; 33120015/R2/東京都/; 33120015/R4/東京都/;");
}

TEST_F(FeedStoreTest, AllRowsOfAPersonStandOrFallTogether) {
  a_.Deliver(1, {Row("R1", 1), Row("R2", 2), Row("R3", 3)});
  StagedCoverage moved = Row("R1", 1, RowAction::kLost);
  moved.record.disqualification_date = absl::CivilDay(2026, 4, 1);
  const FeedId id =
      a_.Stage(2, {moved, Row("R4", 1),                // who moves within the insurer
                   Row("R9", 1, RowAction::kChanged),  // never heard of
                   Row("R2", 2),                       // as it is known
                   Row("R5", 5), Row("R6", 5), Row("R6", 6), Row("R7", 7), Row("R8", 8)});
  const auto published = a_.Publish(id, FeedDriver::InstantOf(2));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->counts.refused_rows, 6);
  EXPECT_EQ(published->counts.unchanged_rows, 1);
  EXPECT_EQ(published->counts.new_rows, 2);
  EXPECT_EQ(published->counts.new_persons, 2) << "who falls is not made";
  EXPECT_EQ(ReasonsOf(id),
            "R1:REFUSED_BESIDE R4:REFUSED_BESIDE R9:REFERENCE_UNKNOWN R5:REFUSED_BESIDE "
            "R6:DUPLICATE_REFERENCE R6:DUPLICATE_REFERENCE ");
  EXPECT_EQ(Answers(),
            "33120015/R1/東京都/; 33120015/R2/東京都/; 33120015/R3/東京都/; 33120015/R7/東京都/; "
            "33120015/R8/東京都/;");
}

TEST_F(FeedStoreTest, ARowThatWasRefusedWhenItWasPushedTakesItsPersonWithItAcrossChunks) {
  a_.Deliver(1, {Row("R1", 1)});
  const FeedId id = a_.Stage(2, {Row("R2", 2), Row("R3", 3), Row("R4", 1)});
  ASSERT_TRUE(a_.Append(id, {Row("R5", 5), Row("R6", 2)}, {}, 1, {SampleNumber(2).hash}).ok());
  ASSERT_TRUE(a_.Append(id, {Row("R7", 7)}, {}, 1, {SampleNumber(2).hash}).ok()) << "told twice";
  ASSERT_TRUE(a_.Append(id, {}, {}, 1, {SampleNumber(1).hash}).ok()) << "whom we know already";
  const auto published = a_.Publish(id, FeedDriver::InstantOf(2));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(ReasonsOf(id), "R2:REFUSED_BESIDE R4:REFUSED_BESIDE R6:REFUSED_BESIDE ");
  EXPECT_EQ(published->counts.refused_rows, 6);
  EXPECT_EQ(published->counts.new_rows, 3);
  EXPECT_EQ(Count("feed_refused_number"), 0);
}

TEST_F(FeedStoreTest, ACancelledFeedForgetsWhomItRefused) {
  const FeedId id = a_.Stage(1, {Row("R1", 1)});
  ASSERT_TRUE(a_.Append(id, {}, {}, 1, {SampleNumber(1).hash}).ok());
  EXPECT_EQ(Count("feed_refused_number"), 1);
  const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
    const auto feed = a_.store().Find(tx, kInsurerA, id, /*lock=*/true);
    return a_.store().SetState(tx, **feed, FeedState::kCancelled, TestInstant());
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Count("feed_refused_number"), 0);
}

// Another insurer's coverage of days that are covered there: from 2018-07-01 on, to 2026-04-01.
TEST_F(FeedStoreTest, AnOverlapWithAnotherInsurersCoverageIsToldAndTaken) {
  StagedCoverage elsewhere = SampleRow(kInsurerB, "B1", 1);
  elsewhere.record.disqualification_date = absl::CivilDay(2026, 4, 1);
  StagedCoverage aid = SampleRow(kInsurerB, "B2", 2);
  aid.record.card_classification = CardClassification::kMedicalAid;
  StagedCoverage never = SampleRow(kInsurerB, "B3", 3);
  never.record.disqualification_date = never.record.qualification_date;
  b_.Deliver(1, {elsewhere, aid, never});
  const auto from = [&](const std::string& reference, int who, absl::CivilDay day) {
    StagedCoverage row = Row(reference, who);
    row.record.qualification_date = day;
    return row;
  };
  const absl::CivilDay end(2026, 4, 1);
  StagedCoverage before = Row("E", 1);
  before.record.disqualification_date = before.record.qualification_date;
  before.record.qualification_date = absl::CivilDay(2017, 7, 1);
  StagedCoverage one_day = before;
  one_day.record.coverage_reference = "F";
  one_day.record.disqualification_date = *before.record.disqualification_date + 1;
  const FeedId id =
      a_.Stage(1, {from("A", 1, end - 1), from("B", 1, end), from("C", 1, end + 1), Row("D", 1),
                   before, one_day, Row("G", 2), Row("H", 3), Row("I", 4)});
  const auto published = a_.Publish(id, FeedDriver::InstantOf(2));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(ReasonsOf(id), "A:COVERAGE_OVERLAP D:COVERAGE_OVERLAP F:COVERAGE_OVERLAP ");
  for (const Finding& finding : a_.Findings(id)) {
    EXPECT_TRUE(finding.noted);
    EXPECT_FALSE(finding.hidden);
  }
  EXPECT_EQ(published->counts.new_rows, 9);
  EXPECT_EQ(published->counts.refused_rows, 0);
  // Told again it is unchanged, and nothing is to be looked at.
  const FeedId again = a_.Stage(2, {Row("D", 1)});
  ASSERT_TRUE(a_.Publish(again, FeedDriver::InstantOf(3)).ok());
  EXPECT_EQ(ReasonsOf(again), "");
}

TEST_F(FeedStoreTest, AReferenceThatMovesToAnotherKnownPersonIsAConflict) {
  a_.Deliver(1, {Row("R1", 1), Row("R2", 2)});
  EXPECT_EQ(a_.Deliver(2, {Row("R1", 2, RowAction::kChanged)}).refused_rows, 1);
  EXPECT_EQ(Count("coverage"), 2);
}

TEST_F(FeedStoreTest, ARowWithoutNumberIsKeptUntilAnotherReplacesIt) {
  EXPECT_EQ(a_.Deliver(1, {HiddenRow("R1"), HiddenRow("R2")}).hidden_rows, 2);
  EXPECT_EQ(Count("person"), 0);
  EXPECT_EQ(Count("insured_lookup"), 0);
  EXPECT_EQ(a_.Deliver(2, {HiddenRow("R1")}).hidden_rows, 1);
  EXPECT_EQ(Count("hidden_coverage WHERE known_to IS NULL"), 2);
  // The number comes later, with a new row or with a change.
  const FeedCounts counts = a_.Deliver(3, {Row("R1", 1), Row("R2", 2, RowAction::kChanged)});
  EXPECT_EQ(counts.new_rows, 2);
  EXPECT_EQ(Count("hidden_coverage WHERE known_to IS NULL"), 0);
  EXPECT_EQ(Count("hidden_coverage"), 3);
  EXPECT_EQ(Answers(), "33120015/R1/東京都/; 33120015/R2/東京都/;");
}

TEST_F(FeedStoreTest, ANumberChangeMovesTheLookUps) {
  a_.Deliver(1, {Row("R1", 1)});
  StagedCoverage changed = Row("R1", 1, RowAction::kChanged);
  changed.record.key_without_branch = SampleKey(50);
  changed.record.key_with_branch = SampleKey(51);
  a_.Deliver(2, {changed});
  EXPECT_EQ(Count("insured_lookup"), 2);
  EXPECT_EQ(Count("insured_lookup l JOIN kakunin.coverage c ON c.known_to IS NULL AND"
                  " l.person_id = c.person_id AND l.key_hash IN (key_with_branch,"
                  " key_without_branch)"),
            2);
}

TEST_F(FeedStoreTest, AKeyThatAnotherCoverageOfThePersonHasStays) {
  a_.Deliver(1, {Row("R1", 1), Row("R2", 1)});
  StagedCoverage changed = Row("R1", 1, RowAction::kChanged);
  changed.record.key_with_branch = SampleKey(51);
  a_.Deliver(2, {changed});
  EXPECT_EQ(Count("insured_lookup"), 3);
}

TEST_F(FeedStoreTest, TwoPersonsMayBeFoundUnderOneKey) {
  StagedCoverage twin = Row("R2", 2);
  twin.record.key_without_branch = Row("R1", 1).record.key_without_branch;
  a_.Deliver(1, {Row("R1", 1), twin});
  EXPECT_EQ(Count("insured_lookup"), 4);
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.insured_lookup GROUP BY key_hash ORDER BY 1 DESC"
                 " LIMIT 1"),
            "2");
}

TEST_F(FeedStoreTest, NothingIsSeenBeforeTheCommitAndEverythingAfterIt) {
  const FeedId id = a_.Stage(1, {Row("R1", 1), Row("R2", 2), HiddenRow("R3")});
  constexpr char kVisible[] =
      "SELECT (SELECT count(*) FROM kakunin.coverage) + (SELECT count(*) FROM kakunin.answer)"
      " + (SELECT count(*) FROM kakunin.insured_lookup) + (SELECT count(*) FROM kakunin.person)"
      " + (SELECT count(*) FROM kakunin.hidden_coverage)"
      " + (SELECT count(*) FROM kakunin.feed WHERE published_at IS NOT NULL)";
  const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) {
    const auto published = a_.PublishIn(tx, id);
    EXPECT_EQ(Text(kVisible), "0");
    return published.status();
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Text(kVisible), "12");
}

TEST_F(FeedStoreTest, APublicationThatFailsLeavesTheFeedAsItWas) {
  a_.Deliver(1, {Row("R1", 1)});
  database_.Exec("UPDATE kakunin.coverage SET limit_certificates = '[{\"unknown\": 1}]'");
  const FeedId id = a_.Stage(2, {Row("R2", 1)});
  EXPECT_EQ(StoreFailureOf(a_.Publish(id).status()), StoreFailure::kBroken);
  EXPECT_EQ(Count("feed_coverage_row"), 1);
  EXPECT_EQ(Count("coverage"), 1);
  database_.Exec("UPDATE kakunin.coverage SET limit_certificates = '[]'");
  EXPECT_TRUE(a_.Publish(id).ok());
  EXPECT_EQ(Answers(), "33120015/R1/東京都/;33120015/R2/東京都/;");
}

TEST_F(FeedStoreTest, FindingsComePageByPage) {
  const FeedId id = a_.Begin(1).id;
  std::vector<Finding> findings;
  for (int32_t row = 0; row < 5; ++row) {
    findings.push_back({.chunk = 1,
                        .row_index = row,
                        .reference = "R",
                        .reason = "X",
                        .field = "symbol",
                        .hidden = row == 4});
  }
  ASSERT_TRUE(a_.Append(id, {}, findings, 4).ok());
  findings.resize(1);
  findings[0].chunk = 2;
  ASSERT_TRUE(a_.Append(id, {}, findings, 1).ok());
  EXPECT_EQ(a_.Findings(id, 0, -1, 3).size(), 3u);
  const std::vector<Finding> rest = a_.Findings(id, 1, 2, 100);
  ASSERT_EQ(rest.size(), 3u);
  EXPECT_EQ(rest[0].row_index, 3);
  EXPECT_EQ(rest[0].field, "symbol");
  EXPECT_TRUE(rest[1].hidden);
  EXPECT_EQ(rest[2].chunk, 2);
  EXPECT_TRUE(a_.Findings(id, 2, 0).empty());
}

TEST_F(FeedStoreTest, AMoveBetweenInsurersIsRightWhenBothPublishAtOnce) {
  a_.Deliver(1, {Row("R1", 1)});
  StagedCoverage lost = Row("R1", 1, RowAction::kLost);
  lost.record.disqualification_date = absl::CivilDay(2026, 4, 1);
  const FeedId from = a_.Stage(2, {lost});
  const FeedId to = b_.Stage(1, {SampleRow(kInsurerB, "N1", 1)});
  std::future<absl::StatusOr<FeedRow>> other;
  const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) {
    const auto published = a_.PublishIn(tx, from, FeedDriver::InstantOf(2));
    other = std::async(std::launch::async, [&] { return b_.Publish(to); });
    AwaitBlocked(database_, 1);
    return published.status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(other.get().ok());
  EXPECT_EQ(Answers(), "06139994/N1/東京都/;33120015/R1/東京都/lost;");
}

TEST_F(FeedStoreTest, OneNewPersonInTwoFeedsAtOnceBecomesOnePerson) {
  const FeedId first = a_.Stage(1, {Row("R1", 1)});
  const FeedId second = b_.Stage(1, {SampleRow(kInsurerB, "N1", 1)});
  std::future<absl::StatusOr<FeedRow>> other;
  const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) {
    const auto published = a_.PublishIn(tx, first);
    other = std::async(std::launch::async, [&] { return b_.Publish(second); });
    AwaitBlocked(database_, 1);
    return published.status();
  });
  EXPECT_TRUE(status.ok()) << status;
  const auto published = other.get();
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->counts.new_persons, 0);
  EXPECT_EQ(Count("person"), 1);
  EXPECT_EQ(Answers(), "06139994/N1/東京都/;33120015/R1/東京都/;");
}

TEST_F(FeedStoreTest, ManySharedPersonsInOppositeOrdersNeverDeadlock) {
  constexpr int kPersons = 400;
  constexpr int kRounds = 4;
  for (int round = 1; round <= kRounds; ++round) {
    std::vector<StagedCoverage> up;
    std::vector<StagedCoverage> down;
    for (int i = 0; i < kPersons; ++i) {
      const std::string name = std::to_string(round) + "-" + std::to_string(i);
      up.push_back(Row(name, i + round * kPersons / 2));
      down.push_back(SampleRow(kInsurerB, name, kPersons - 1 - i + round * kPersons / 2));
    }
    const FeedId first = a_.Stage(round, up);
    const FeedId second = b_.Stage(round, down);
    int first_attempts = 0;
    int second_attempts = 0;
    auto other = std::async(std::launch::async,
                            [&] { return b_.Publish(second, TestInstant(), &second_attempts); });
    EXPECT_TRUE(a_.Publish(first, TestInstant(), &first_attempts).ok());
    EXPECT_TRUE(other.get().ok());
    EXPECT_EQ(first_attempts, 1);
    EXPECT_EQ(second_attempts, 1);
  }
  EXPECT_EQ(Count("person"), kPersons + (kRounds - 1) * kPersons / 2);
  EXPECT_EQ(Count("answer a WHERE octet_length(octets) <> (SELECT sum(octet_length("
                  "insurer_number || coverage_reference || address) + 4)"
                  " FROM kakunin.coverage c WHERE c.person_id = a.person_id)"),
            0);
}

TEST_F(FeedStoreTest, FeedsOfOneInsurerPublishOneAfterTheOtherWhateverTheirClocksSay) {
  a_.Deliver(1, {Row("R0", 9)});
  const FeedId made = a_.Stage(2, {Row("R1", 1)});
  StagedCoverage change = Row("R1", 1, RowAction::kChanged);
  change.record.address = "大阪府";
  const FeedId changed = a_.Stage(3, {change});
  std::future<absl::StatusOr<FeedRow>> later;
  const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) {
    const auto published = a_.PublishIn(tx, made, FeedDriver::InstantOf(5));
    later = std::async(std::launch::async,
                       [&] { return a_.Publish(changed, FeedDriver::InstantOf(4)); });
    AwaitBlocked(database_, 1);
    return published.status();
  });
  EXPECT_TRUE(status.ok()) << status;
  const auto published = later.get();
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->counts.changed_rows, 1);
  EXPECT_EQ(published->published, FeedDriver::InstantOf(5) + absl::Microseconds(1));
}

}  // namespace
}  // namespace kakunin
