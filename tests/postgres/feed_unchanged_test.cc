// Rows that tell what is known already: found by their hash before any table is touched.

#include "storage/postgres/feed_store.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

class FeedUnchangedTest : public testing::Test {
 protected:
  // A row as it came: its hash stands for who and where.
  static StagedCoverage Row(int who, int place = 0, RowAction action = RowAction::kNew) {
    StagedCoverage row = SampleRow(kInsurerA, "R" + std::to_string(who), who, action);
    row.record.address = "市" + std::to_string(place);
    row.row_hash = SampleKey(1'000'000 + who * 100 + place);
    return row;
  }
  static ToldRow Told(const StagedCoverage& row, int32_t index = 0) {
    return {.row_index = index, .reference = row.record.coverage_reference, .hash = *row.row_hash};
  }

  std::vector<bool> Unchanged(const std::vector<ToldRow>& rows) {
    std::vector<bool> unchanged;
    const absl::Status status = a_.pool().Read(Soon(), [&](Transaction& tx) {
      const auto found = a_.store().FindUnchanged(tx, kInsurerA, rows);
      if (found.ok()) unchanged = *found;
      return found.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return unchanged;
  }
  bool IsUnchanged(const StagedCoverage& row) { return Unchanged({Told(row)}).at(0); }

  // Pushes rows as a server does: those that are known are told, the others staged.
  void Push(const FeedId& id, std::vector<StagedCoverage> rows) {
    std::vector<ToldRow> told;
    for (const StagedCoverage& row : rows) {
      told.push_back(Told(row, static_cast<int32_t>(told.size())));
    }
    const std::vector<bool> known = Unchanged(told);
    std::vector<ToldRow> unchanged;
    std::vector<StagedCoverage> staged;
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i].row_index = static_cast<int32_t>(i);
      if (known[i]) {
        unchanged.push_back(told[i]);
      } else {
        staged.push_back(rows[i]);
      }
    }
    const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) {
      const auto feed = a_.store().Find(tx, kInsurerA, id, true);
      const ChunkRecord chunk{.number = (*feed)->next_chunk,
                              .rows = static_cast<int64_t>(rows.size())};
      return a_.store().AppendChunk(tx, **feed, chunk, StagedRows(staged), unchanged, {});
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  FeedCounts Deliver(int64_t number, const std::vector<StagedCoverage>& rows) {
    const FeedId id = a_.Begin(number).id;
    Push(id, rows);
    return Publish(id, number);
  }
  FeedCounts Publish(const FeedId& id, int64_t number) {
    const auto published = a_.Publish(id, FeedDriver::InstantOf(number));
    EXPECT_TRUE(published.ok()) << published.status();
    return published.ok() ? published->counts : FeedCounts{};
  }
  void Undo(const FeedId& id, int64_t hour, UndoMode mode = UndoMode::kUntouched) {
    const CopyBuilders build{.answer = &SampleAnswer};
    const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) {
      const auto feed = a_.store().Find(tx, kInsurerA, id, true);
      return a_.store().Undo(tx, **feed, FeedDriver::InstantOf(hour), build, mode).status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }
  std::string Current() {
    return database_
        .Exec(
            "SELECT string_agg(coverage_reference || address, ' ' ORDER BY coverage_reference)"
            " FROM kakunin.coverage WHERE known_to IS NULL")[0][0]
        .c_str();
  }
  std::string FindingsOf(const FeedId& id) {
    std::string told;
    for (const Finding& finding : a_.Findings(id)) {
      told += finding.reference + ":" + finding.reason + " ";
    }
    return told;
  }

  const TestDatabase database_;
  FeedDriver a_{database_, kInsurerA};
};

TEST_F(FeedUnchangedTest, AWholeChunkOfThemLeavesOneRowAndTouchesNothing) {
  Deliver(1, {Row(1), Row(2), Row(3)});
  const FeedId id = a_.Begin(2).id;
  Push(id, {Row(1), Row(2), Row(3)});
  EXPECT_EQ(Count("feed_coverage_row"), 0);
  EXPECT_EQ(Count("feed_unchanged"), 1);
  EXPECT_EQ(Publish(id, 2), (FeedCounts{.unchanged_rows = 3}));
  EXPECT_EQ(Count("coverage"), 3);
  EXPECT_EQ(Count("feed_unchanged"), 0);
}

TEST_F(FeedUnchangedTest, WhatChangedIsStagedAndKnownByItsNewHashFromThenOn) {
  Deliver(1, {Row(1), Row(2)});
  EXPECT_EQ(Deliver(2, {Row(1), Row(2, 7, RowAction::kChanged), Row(3)}),
            (FeedCounts{.new_rows = 1, .changed_rows = 1, .unchanged_rows = 1, .new_persons = 1}));
  EXPECT_EQ(Unchanged({Told(Row(1)), Told(Row(2)), Told(Row(2, 7)), Told(Row(3)), Told(Row(9))}),
            (std::vector<bool>{true, false, true, true, false}));
}

TEST_F(FeedUnchangedTest, ARowOfAnotherSpellingThatSaysTheSameIsKnownTheNextTime) {
  Deliver(1, {Row(1)});
  StagedCoverage respelled = Row(1);
  respelled.row_hash = SampleKey(77);
  EXPECT_FALSE(IsUnchanged(respelled));
  EXPECT_EQ(Deliver(2, {respelled}).unchanged_rows, 1);
  EXPECT_TRUE(IsUnchanged(respelled));
}

TEST_F(FeedUnchangedTest, WhatAnotherFeedChangedMeanwhileIsToldAndNotTakenForKnown) {
  Deliver(1, {Row(1), Row(2)});
  const FeedId slow = a_.Begin(2).id;
  Push(slow, {Row(1), Row(2)});
  Deliver(3, {Row(1, 5, RowAction::kChanged)});
  const FeedCounts counts = Publish(slow, 4);
  EXPECT_EQ(counts.unchanged_rows, 1);
  EXPECT_EQ(counts.refused_rows, 1);
  EXPECT_EQ(FindingsOf(slow), "R1:ROW_OUTDATED ");
  EXPECT_EQ(Current(), "R1市5 R2市0");
}

TEST_F(FeedUnchangedTest, AReferenceToldTwiceAndDifferentlyIsBelievedNeitherTime) {
  Deliver(1, {Row(1), Row(2)});
  const FeedId id = a_.Begin(2).id;
  Push(id, {Row(1), Row(2), Row(1, 5, RowAction::kChanged), Row(2)});
  const FeedCounts counts = Publish(id, 2);
  EXPECT_EQ(counts.refused_rows, 2);
  EXPECT_EQ(counts.unchanged_rows, 2);  // both say what is known
  EXPECT_EQ(FindingsOf(id), "R1:DUPLICATE_REFERENCE R1:DUPLICATE_REFERENCE ");
  EXPECT_EQ(Current(), "R1市0 R2市0");
}

TEST_F(FeedUnchangedTest, AfterAHiddenRowOrAnUndoEveryRowIsCompared) {
  Deliver(1, {Row(1), Row(2)});
  StagedCoverage hidden = Row(1);
  hidden.individual.reset();
  hidden.row_hash = SampleKey(78);
  Deliver(2, {hidden});
  EXPECT_FALSE(IsUnchanged(Row(1)));
  EXPECT_EQ(Deliver(3, {Row(1)}).unchanged_rows, 1);
  EXPECT_EQ(Count("hidden_coverage WHERE known_to IS NULL"), 0);
  EXPECT_TRUE(IsUnchanged(Row(1)));

  const FeedId id = a_.Begin(4).id;
  Push(id, {Row(2, 5, RowAction::kChanged)});
  Publish(id, 4);
  Undo(id, 5);
  EXPECT_FALSE(IsUnchanged(Row(2)));
  EXPECT_FALSE(IsUnchanged(Row(2, 5)));
  EXPECT_EQ(Deliver(6, {Row(2, 5, RowAction::kChanged)}).changed_rows, 1);
}

TEST_F(FeedUnchangedTest, ARowWhoseLikeAnUndoHidAgainIsCompared) {
  Deliver(1, {Row(1)});
  StagedCoverage hidden = Row(1);
  hidden.individual.reset();
  hidden.row_hash = SampleKey(78);
  Deliver(2, {hidden});
  const FeedId id = a_.Begin(3).id;
  Push(id, {Row(1)});
  Publish(id, 3);
  Undo(id, 4);
  EXPECT_EQ(Count("hidden_coverage WHERE known_to IS NULL"), 1);
  EXPECT_FALSE(IsUnchanged(Row(1)));
  EXPECT_EQ(Deliver(5, {Row(1)}).unchanged_rows, 1);
  EXPECT_EQ(Count("hidden_coverage WHERE known_to IS NULL"), 0);
}

// The reference stays the person's, since the second delivery stands; nothing is known under it.
TEST_F(FeedUnchangedTest, ARowThatAnUndoRemovedIsNewAgainUnderAReferenceThatStillNamesSomebody) {
  const FeedId first = a_.Begin(1).id;
  Push(first, {Row(1)});
  Publish(first, 1);
  Deliver(2, {Row(1, 5, RowAction::kChanged)});
  Undo(first, 3, UndoMode::kForce);
  const FeedId third = a_.Begin(4).id;
  Push(third, {Row(1, 6)});
  Publish(third, 4);
  Undo(third, 5);
  EXPECT_EQ(Count("coverage_by_reference"), 1);
  EXPECT_EQ(Count("coverage WHERE known_to IS NULL"), 0);
  EXPECT_EQ(Deliver(6, {Row(1, 6)}), (FeedCounts{.new_rows = 1}));
  EXPECT_EQ(Current(), "R1市6");
}

}  // namespace
}  // namespace kakunin
