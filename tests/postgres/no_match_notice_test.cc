// A facility asked by number and was told that there is no such coverage; a delivery brings it. One
// notice, and none to anybody else.

#include <fmt/format.h>

#include "domain/error.h"
#include "tests/postgres/feed_driver.h"
#include "tests/postgres/notice_search.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;

constexpr char kDeskA[] = "1312345678";
constexpr char kDeskB[] = "1398765432";
const Day kAsked(2026, 4, 20);

class NoMatchNoticeTest : public testing::Test {
 protected:
  static StagedCoverage Row(int who, RowAction action = RowAction::kNew,
                            const std::string& insurer = kInsurerA) {
    return SampleRow(insurer, "R" + std::to_string(who), who, action);
  }
  static StagedCoverage Unnumbered(StagedCoverage row) {
    row.individual.reset();
    return row;
  }
  static absl::Time Hour(int64_t hour) { return FeedDriver::InstantOf(hour); }

  // The question by SampleKey(key), half an hour after `hour`.
  void AskInVain(int key, const std::string& facility, int64_t hour, Day day = kAsked,
                 const std::string& insurer = kInsurerA) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.no_match_inquiry (insurer_number, key_hash, at, stream, number,"
        " facility_code, day) VALUES ('{}', '{}', '{}', '{}', {}, '{}', '{}')",
        insurer, UuidText(SampleKey(key)), InstantText(Hour(hour) + absl::Minutes(30)),
        UuidText(StreamId{{6}}), ++asked_, facility, DayText(day)));
  }
  FeedId Deliver(int64_t number, const std::vector<StagedCoverage>& rows) {
    const FeedId id = a_.Stage(number, rows);
    EXPECT_TRUE(a_.Publish(id, Hour(number)).ok());
    return id;
  }
  void Undo(const FeedId& id, int64_t hour) {
    const CopyBuilders build{.answer = &SampleAnswer};
    const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto feed = a_.store().Find(tx, kInsurerA, id, true);
      return a_.store().Undo(tx, **feed, Hour(hour), build, UndoMode::kUntouched).status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  const TestDatabase database_;
  FeedDriver a_{database_, kInsurerA};
  FeedDriver b_{database_, kInsurerB};
  NoticeSearchDriver search_{database_};
  int64_t asked_ = 0;
};

// The very first delivery makes the person; who asked by another number, or another insurer's, is
// told nothing.
TEST_F(NoMatchNoticeTest, ACoverageThatComesIsToldOnceToWhoHadAskedForItAndToNobodyElse) {
  AskInVain(2, kDeskA, 0);
  AskInVain(2, kDeskA, 0);
  AskInVain(3, kDeskA, 0);  // the same with the branch
  AskInVain(8, kDeskB, 0);  // of a number that does not come
  AskInVain(2, kDeskB, 0, kAsked, kInsurerB);
  Deliver(1, {Row(1), Row(2), Row(3)});
  search_.Search(Hour(1));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-20 4>1 1");
  EXPECT_EQ(search_.Count("notice WHERE no_match AND audit_number = 3"), 1);
  search_.Search(Hour(2));
  EXPECT_EQ(search_.Count("notice"), 1);
  EXPECT_EQ(search_.Count("notice_person"), 0);
}

// By a number that comes to cover from 1 July 2018: the day before it is told 無効, no longer
// 該当資格なし.
TEST_F(NoMatchNoticeTest, EachDayAskedForHasANoticeWithItsOwnAnswer) {
  for (const Day day : {Day(2018, 6, 30), Day(2018, 7, 1), Day(2018, 7, 2)}) {
    AskInVain(2, kDeskA, 0, day);
  }
  Deliver(1, {Row(1)});
  search_.Search(Hour(1));
  EXPECT_EQ(search_.Notices(),
            "1312345678/1 1 2018-06-30 4>2 1, 1312345678/2 1 2018-07-01 4>1 1,"
            " 1312345678/3 1 2018-07-02 4>1 1");
}

TEST_F(NoMatchNoticeTest, APersonWhoIsKnownFromElsewhereComesUnderTheNumberLater) {
  StagedCoverage other = Row(1, RowAction::kNew, kInsurerB);
  other.record.key_without_branch = SampleKey(1002);
  other.record.key_with_branch = SampleKey(1003);
  b_.Deliver(1, {other});
  search_.Search(Hour(1));
  AskInVain(2, kDeskA, 1);
  // By card the same facility was shown the other insurer's: one notice, about what it was shown.
  search_.Confirm(1, {.facility = kDeskB, .day = kAsked, .at = Hour(1) + absl::Minutes(30)});
  AskInVain(2, kDeskB, 2);
  Deliver(3, {Row(1)});
  search_.Search(Hour(3));
  EXPECT_EQ(search_.Count("notice"), 2);
  EXPECT_EQ(search_.Count("notice WHERE facility_code = '1312345678' AND no_match"), 1);
  EXPECT_EQ(search_.Count("notice WHERE facility_code = '1398765432' AND no_match IS NULL"), 1);
}

TEST_F(NoMatchNoticeTest, AnUndoTakesItBackAndWhatChangesBetweenIsNotToldToWhoWasShownNothing) {
  AskInVain(2, kDeskA, 0);
  Deliver(1, {Row(1)});
  search_.Search(Hour(1));
  StagedCoverage changed = Row(1, RowAction::kChanged);
  changed.record.partial_contribution_percent = 20;
  const FeedId ratio = Deliver(3, {changed});
  search_.Search(Hour(3));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-20 4>1 1");
  Undo(ratio, 4);
  search_.Search(Hour(4));
  StagedCoverage lost = Row(1, RowAction::kLost);
  lost.record.disqualification_date = kAsked;
  const FeedId loss = Deliver(5, {lost});
  search_.Search(Hour(5));
  Undo(loss, 6);
  search_.Search(Hour(6));
  EXPECT_EQ(search_.Notices(),
            "1312345678/1 1 2026-04-20 4>1 1, 1312345678/2 1 2026-04-20 1>2 1,"
            " 1312345678/3 2 2026-04-20 2>1 1");
  EXPECT_EQ(search_.Count("notice WHERE no_match"), 3);
}

// The jobs stood still meanwhile: what was known decides, not what is.
TEST_F(NoMatchNoticeTest, WhatWasUndoneBeforeTheSearchIsToldAllTheSame) {
  AskInVain(2, kDeskA, 0);
  const FeedId first = Deliver(1, {Row(1)});
  Undo(first, 2);
  search_.Search(Hour(9));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-20 4>1 1, 1312345678/2 2 2026-04-20 1>4 1");
}

TEST_F(NoMatchNoticeTest, AHiddenRowIsToldOfWhenItIsSeen) {
  AskInVain(2, kDeskA, 0);
  Deliver(1, {Unnumbered(Row(1))});
  search_.Search(Hour(1));
  EXPECT_EQ(search_.Notices(), "");
  Deliver(3, {Row(1, RowAction::kChanged)});
  search_.Search(Hour(3));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-20 4>1 1");
}

// Whoever asks again is told 複数該当, and must say which.
TEST_F(NoMatchNoticeTest, OfANumberUnderWhichSeveralAreFoundNobodyIsTold) {
  AskInVain(2, kDeskA, 0);
  StagedCoverage twin = Row(2);
  twin.record.key_without_branch = SampleKey(2);
  AskInVain(5, kDeskB, 0);  // the twin's, with the branch
  Deliver(1, {Row(1), twin});
  search_.Search(Hour(1));
  EXPECT_EQ(search_.Notices(), "1398765432/1 1 2026-04-20 4>1 1");
}

// Until the publication is seen committed the old answer may be told; what is asked later was
// answered by what is known since, and a row of then is another server's clock.
TEST_F(NoMatchNoticeTest, WhoAskedWhileItWasBeingPublishedIsToldToo) {
  Deliver(1, {Row(1)});
  AskInVain(2, kDeskA, 1);
  search_.Search(Hour(1) + absl::Minutes(29));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-20 4>1 1");
}

TEST_F(NoMatchNoticeTest, WhoAsksAfterItWasSeenIsNotAmongThem) {
  Deliver(1, {Row(1)});
  AskInVain(2, kDeskA, 1);
  search_.Search(Hour(1) + absl::Minutes(28));
  EXPECT_EQ(search_.Notices(), "");
}

TEST_F(NoMatchNoticeTest, AStepThatIsMadeInPiecesTellsEachOnce) {
  std::vector<StagedCoverage> rows;
  for (int who = 1; who <= 5; ++who) {
    rows.push_back(Row(who));
    AskInVain(2 * who, kDeskA, 0);
  }
  Deliver(1, rows);
  search_.Search(Hour(1), 2);
  EXPECT_EQ(search_.Count("notice WHERE no_match"), 5);
  EXPECT_EQ(database_.Exec("SELECT last FROM kakunin.notice_counter")[0][0].as<int>(), 5);
}

}  // namespace
}  // namespace kakunin
