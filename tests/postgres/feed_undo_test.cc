// A feed taken back: every view is what it was before it, and the past stays explainable.

#include <map>
#include <set>
#include <sstream>

#include "storage/postgres/answer_rows.h"
#include "storage/postgres/feed_store.h"
#include "storage/store_error.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

class FeedUndoTest : public testing::Test {
 protected:
  static StagedCoverage Row(int who, RowAction action = RowAction::kNew,
                            const std::string& address = "東京都") {
    StagedCoverage row = SampleRow(kInsurerA, "R" + std::to_string(who), who, action);
    row.record.address = address;
    return row;
  }
  static StagedCoverage Lost(int who) {
    StagedCoverage row = Row(who, RowAction::kLost);
    row.record.disqualification_date = absl::CivilDay(2026, 4, 1);
    return row;
  }
  static StagedCoverage Hidden(int who) {
    StagedCoverage row = Row(who);
    row.individual.reset();
    return row;
  }

  FeedId Deliver(int64_t number, const std::vector<StagedCoverage>& rows) {
    const FeedId id = a_.Stage(number, rows);
    EXPECT_TRUE(a_.Publish(id, FeedDriver::InstantOf(number)).ok());
    return id;
  }
  absl::StatusOr<FeedUndone> Undo(const FeedId& id, int64_t hour,
                                  UndoMode mode = UndoMode::kUntouched) {
    FeedUndone undone;
    const CopyBuilders build{.answer = &SampleAnswer};
    const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto feed = a_.store().Find(tx, kInsurerA, id, true);
      const auto done = a_.store().Undo(tx, **feed, FeedDriver::InstantOf(hour), build, mode);
      if (!done.ok()) return done.status();
      undone = *done;
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
    return undone;
  }
  FeedState StateOf(const FeedId& id) {
    FeedState state{};
    (void)a_.pool().Read(Soon(), [&](Transaction& tx) {
      state = (*a_.store().Find(tx, kInsurerA, id, false))->state;
      return absl::OkStatus();
    });
    return state;
  }

  std::string Text(const std::string& sql) { return database_.Exec(sql)[0][0].c_str(); }
  // What was known at the instant of an hour, of everything that a reader could be shown.
  std::string KnownAt(int64_t hour) {
    const std::string known =
        "c.known_from <= '" + absl::FormatTime(FeedDriver::InstantOf(hour), absl::UTCTimeZone()) +
        "' AND (c.known_to IS NULL OR c.known_to > '" +
        absl::FormatTime(FeedDriver::InstantOf(hour), absl::UTCTimeZone()) + "')";
    return Text(
        "SELECT coalesce(string_agg(told, ' ' ORDER BY told), '') FROM"
        " (SELECT n.number_hash::text || coverage_reference || address"
        "   || coalesce(disqualification_date::text, '') || key_with_branch AS told"
        "  FROM kakunin.coverage c JOIN kakunin.person_number n USING (person_id) WHERE " +
        known +
        " UNION ALL SELECT 'hidden-' || coverage_reference FROM kakunin.hidden_coverage c"
        " WHERE " +
        known + ") all_of");
  }
  std::string LookUps() {
    return Text(
        "SELECT coalesce(string_agg(key_hash::text || n.number_hash, ' '"
        " ORDER BY key_hash, n.number_hash), '')"
        " FROM kakunin.insured_lookup JOIN kakunin.person_number n USING (person_id)");
  }
  // The answers of all persons who have any coverage.
  std::string Answers() {
    return Text(
        "SELECT coalesce(string_agg(convert_from(octets, 'UTF8'), ' ' ORDER BY octets), '')"
        " FROM kakunin.answer WHERE octet_length(octets) > 0");
  }
  void ExpectCopiesAreTheTruth() {
    const absl::Status status = a_.pool().Read(Soon(), [&](Transaction& tx) {
      const auto found = CompareAnswers(tx, &SampleAnswer);
      if (!found.ok()) return found.status();
      EXPECT_EQ(found->lookups_missing, 0);
      EXPECT_EQ(found->lookups_unfounded, 0);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    // Beside the format, which these answers have not.
    EXPECT_EQ(Text("SELECT count(*) FROM kakunin.answer a WHERE octet_length(octets) <>"
                   " (SELECT coalesce(sum(octet_length(insurer_number || coverage_reference ||"
                   " address || CASE WHEN disqualification_date IS NULL THEN '' ELSE 'lost' END)"
                   " + 4), 0) FROM kakunin.coverage c WHERE c.person_id = a.person_id"
                   " AND c.known_to IS NULL)"),
              "0");
  }

  const TestDatabase database_;
  FeedDriver a_{database_, kInsurerA};
};

TEST_F(FeedUndoTest, EveryViewIsWhatItWasBeforeAlthoughALaterFeedTouchedOtherRows) {
  Deliver(1, {Row(1), Row(2), Row(3), Hidden(4), Hidden(5)});
  const std::string before = KnownAt(1);
  const std::string look_ups = LookUps();
  const std::string answers = Answers();
  StagedCoverage renumbered = Row(1, RowAction::kChanged);
  renumbered.record.key_with_branch = SampleKey(500);
  const FeedId wrong =
      Deliver(2, {renumbered, Lost(2), Row(4), Hidden(5), Row(6), Row(7), Hidden(8)});
  const std::string wrong_view = KnownAt(2);
  EXPECT_NE(before, wrong_view);

  const auto undone = Undo(wrong, 3);
  ASSERT_TRUE(undone.ok()) << undone.status();
  EXPECT_TRUE(undone->done);
  EXPECT_EQ(undone->touched_later, 0);
  EXPECT_EQ(undone->restored_rows, 4);  // R1, R2, and the hidden R4 and R5
  EXPECT_EQ(undone->removed_rows, 4);   // R4, R6, R7, and the hidden R8
  EXPECT_EQ(StateOf(wrong), FeedState::kUndone);
  EXPECT_EQ(KnownAt(3), before);
  EXPECT_EQ(LookUps(), look_ups);
  EXPECT_EQ(Answers(), answers);
  // The past's answers are what they were.
  EXPECT_EQ(KnownAt(1), before);
  EXPECT_EQ(KnownAt(2), wrong_view);
  ExpectCopiesAreTheTruth();
}

TEST_F(FeedUndoTest, ALaterFeedOnOtherRowsKeepsWhatItDid) {
  Deliver(1, {Row(1), Row(2), Row(3)});
  const FeedId wrong = Deliver(2, {Row(1, RowAction::kChanged, "大阪府"), Row(6)});
  Deliver(3, {Row(2, RowAction::kChanged, "京都府"), Row(7)});
  ASSERT_TRUE(Undo(wrong, 4)->done);
  EXPECT_EQ(Answers(),
            "33120015/R1/東京都/; 33120015/R2/京都府/; 33120015/R3/東京都/; 33120015/R7/東京都/;");
  ExpectCopiesAreTheTruth();
}

TEST_F(FeedUndoTest, RowsThatALaterFeedTouchedAreToldAndRefusedWithoutForce) {
  Deliver(1, {Row(1), Row(2)});
  const std::string before = KnownAt(1);
  const FeedId wrong = Deliver(
      2, {Row(1, RowAction::kChanged, "大阪府"), Row(2, RowAction::kChanged, "大阪府"), Row(3)});
  Deliver(3, {Row(1, RowAction::kChanged, "京都府"), Lost(3)});
  const std::string now = KnownAt(3);
  for (const UndoMode mode : {UndoMode::kLook, UndoMode::kUntouched}) {
    const auto refused = Undo(wrong, 4, mode);
    ASSERT_TRUE(refused.ok()) << refused.status();
    EXPECT_FALSE(refused->done);
    EXPECT_EQ(refused->touched_later, 2);
    EXPECT_EQ(refused->touched_references, (std::vector<std::string>{"R1", "R3"}));
    EXPECT_EQ(KnownAt(4), now);
    EXPECT_EQ(StateOf(wrong), FeedState::kPublished);
  }
  EXPECT_TRUE(Undo(wrong, 5, UndoMode::kForce)->done);
  EXPECT_EQ(KnownAt(5), before);
  EXPECT_EQ(KnownAt(3), now);
  ExpectCopiesAreTheTruth();
}

TEST_F(FeedUndoTest, FeedsAreUndoneOneAfterTheOtherTheLastFirst) {
  const FeedId first = Deliver(1, {Row(1)});
  const FeedId second = Deliver(2, {Row(1, RowAction::kChanged, "大阪府")});
  const FeedId third = Deliver(3, {Row(1, RowAction::kChanged, "京都府")});
  // The one brought back is again the second's, so nothing stands in its way.
  EXPECT_FALSE(Undo(second, 4)->done);
  EXPECT_TRUE(Undo(third, 5)->done);
  EXPECT_EQ(KnownAt(5), KnownAt(2));
  EXPECT_TRUE(Undo(second, 6)->done);
  EXPECT_EQ(KnownAt(6), KnownAt(1));
  EXPECT_TRUE(Undo(first, 7)->done);
  EXPECT_EQ(KnownAt(7), "");
  EXPECT_EQ(LookUps(), "");
  ExpectCopiesAreTheTruth();
}

TEST_F(FeedUndoTest, AReferenceLinkedToTheWrongPersonMayComeAgainAboutTheRightOne) {
  StagedCoverage wrong = Row(1);
  wrong.individual = SampleNumber(99);
  const FeedId id = Deliver(1, {wrong});
  ASSERT_TRUE(Undo(id, 2)->done);
  const auto published = a_.Publish(a_.Stage(3, std::vector{Row(1)}), FeedDriver::InstantOf(3));
  ASSERT_TRUE(published.ok());
  EXPECT_EQ(published->counts.new_rows, 1);
  EXPECT_EQ(Answers(), "33120015/R1/東京都/;");
  EXPECT_EQ(Text("SELECT count(*) FROM kakunin.coverage_reference_past"), "1");
  ExpectCopiesAreTheTruth();
}

TEST_F(FeedUndoTest, AnUndoneFeedDeliversAgainUnderAnotherNumber) {
  Deliver(1, {Row(1)});
  const FeedId id = Deliver(2, {Row(1, RowAction::kChanged, "大阪府"), Row(2)});
  ASSERT_TRUE(Undo(id, 3)->done);
  const FeedId again = a_.Stage(4, std::vector{Row(1, RowAction::kChanged, "大阪府"), Row(2)});
  const auto published = a_.Publish(again, FeedDriver::InstantOf(4));
  EXPECT_EQ(published->counts.changed_rows, 1);
  EXPECT_EQ(published->counts.new_rows, 1);
  EXPECT_EQ(KnownAt(4), KnownAt(2));
}

TEST_F(FeedUndoTest, AnUndoComesAfterEverythingWhateverTheClockSays) {
  const FeedId first = Deliver(5, {Row(1)});
  ASSERT_TRUE(Undo(first, 2)->done);
  EXPECT_EQ(Text("SELECT (undone_at - published_at)::text FROM kakunin.feed"), "00:00:00.000001");
  const auto next = a_.Publish(a_.Stage(6, std::vector{Row(1)}), FeedDriver::InstantOf(1));
  EXPECT_EQ(next->published, FeedDriver::InstantOf(5) + absl::Microseconds(2));
}

// A view by what it tells of each reference.
using View = std::map<std::string, std::set<std::string>>;

View ByReference(const std::string& known) {
  View view;
  std::istringstream words(known);
  for (std::string word; words >> word;) {
    view[word.substr(word.find('R'), 2)].insert(word);  // no hex digit is an R
  }
  return view;
}

// The model of an undo: of every reference that the feed changed, `now` tells what it told before.
View Without(View now, View before, View after) {
  std::set<std::string> references;
  for (const View& view : {before, after}) {
    for (const auto& [reference, told] : view) references.insert(reference);
  }
  for (const std::string& reference : references) {
    if (before[reference] == after[reference]) continue;
    now[reference] = before[reference];
  }
  std::erase_if(now, [](const auto& entry) { return entry.second.empty(); });
  return now;
}

// Histories of feeds and undos against a model that keeps a view for each of its steps.
TEST_F(FeedUndoTest, InRandomHistoriesEachUndoRestoresItsViewAndThePastNeverChanges) {
  constexpr int kSteps = 50;
  constexpr int kPersons = 8;
  uint32_t random = 20260601;
  const auto draw = [&](uint32_t bound) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % bound;
  };
  std::vector<std::string> views = {""};  // by hour
  struct Published {
    FeedId id;
    int64_t hour;
  };
  std::vector<Published> live;  // published and not undone, in order
  int undos = 0;
  int kept = 0;
  for (int64_t hour = 1; hour <= kSteps; ++hour) {
    if (!live.empty() && draw(3) == 0) {
      const size_t recent = std::min<size_t>(live.size(), 3);
      const size_t which = live.size() - 1 - draw(static_cast<uint32_t>(recent));
      const auto undone = Undo(live[which].id, hour);
      ASSERT_TRUE(undone.ok()) << undone.status();
      if (undone->done) {
        ++undos;
        EXPECT_EQ(ByReference(KnownAt(hour)),
                  Without(ByReference(views.back()), ByReference(views[live[which].hour - 1]),
                          ByReference(views[live[which].hour])))
            << "hour " << hour;
        live.erase(live.begin() + static_cast<std::ptrdiff_t>(which));
      } else {
        ++kept;
        EXPECT_EQ(KnownAt(hour), views.back());
      }
    } else {
      std::vector<StagedCoverage> rows;
      for (int who = 0; who < kPersons; ++who) {
        const std::string place = "市" + std::to_string(draw(5));
        switch (draw(14)) {
          case 0:
            rows.push_back(Row(who, RowAction::kNew, place));
            break;
          case 1:
            rows.push_back(Row(who, RowAction::kChanged, place));
            break;
          case 2:
            rows.push_back(Lost(who));
            break;
          case 3:
            rows.push_back(Hidden(who));
            break;
          default:
            break;
        }
      }
      live.push_back({Deliver(hour, rows), hour});
    }
    views.push_back(KnownAt(hour));
    ExpectCopiesAreTheTruth();
  }
  for (size_t past = 0; past < views.size(); ++past) {
    EXPECT_EQ(KnownAt(static_cast<int64_t>(past)), views[past]) << "of hour " << past;
  }
  EXPECT_GT(undos, 3);
  EXPECT_GT(kept, 0);
}

}  // namespace
}  // namespace kakunin
