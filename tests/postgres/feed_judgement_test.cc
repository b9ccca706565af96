// What judging a feed finds before anything is visible.

#include "storage/postgres/feed_store.h"
#include "storage/store_error.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

class FeedJudgementTest : public testing::Test {
 protected:
  static StagedCoverage Row(int who, RowAction action = RowAction::kNew) {
    return SampleRow(kInsurerA, "R" + std::to_string(who), who, action);
  }
  static StagedCoverage Lost(int who) {
    StagedCoverage row = Row(who, RowAction::kLost);
    row.record.disqualification_date = absl::CivilDay(2026, 4, 1);
    row.record.reason_of_loss = 2;
    return row;
  }
  // Rows of `count` persons from `first` on, as `change` makes them.
  template <class Change>
  static std::vector<StagedCoverage> Rows(int first, int count, Change change) {
    std::vector<StagedCoverage> rows;
    for (int who = first; who < first + count; ++who) rows.push_back(change(who));
    return rows;
  }
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }

  // Seals a feed and judges it, as a dry run does.
  FeedFigures Judge(const FeedId& id, absl::Time at = TestInstant() + absl::Hours(48)) {
    FeedFigures figures;
    const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto feed = a_.store().Find(tx, kInsurerA, id, true);
      const auto judged = a_.store().Judge(tx, **feed, at);
      if (!judged.ok()) return judged.status();
      figures = *judged;
      const FeedRisk risk = AssessFeed(figures);
      return a_.store().PutRisk(tx, **feed, risk,
                                risk.IsHigh() ? FeedState::kQuarantined : FeedState::kSealed, at);
    });
    EXPECT_TRUE(status.ok()) << status;
    return figures;
  }
  FeedRow Find(const FeedId& id) {
    FeedRow feed;
    (void)a_.pool().Read(Soon(), [&](Transaction& tx) {
      feed = **a_.store().Find(tx, kInsurerA, id, false);
      return absl::OkStatus();
    });
    return feed;
  }
  std::string Sample(const FeedId& id) {
    std::string told;
    (void)a_.pool().Read(Soon(), [&](Transaction& tx) {
      const auto sample = a_.store().Sample(tx, id);
      for (const SampledRow& row : *sample) {
        told += row.verdict + " " + row.reference;
        for (const std::string& field : row.changed_fields) told += " " + field;
        told += ";";
      }
      return absl::OkStatus();
    });
    return told;
  }

  const TestDatabase database_;
  FeedDriver a_{database_, kInsurerA};
  FeedDriver b_{database_, kInsurerB};
};

TEST_F(FeedJudgementTest, TellsWhatWouldBeAndTouchesNothing) {
  a_.Deliver(1, {Row(1), Row(2), Row(3), Row(4)});
  const int64_t coverages = Count("coverage");
  StagedCoverage moved = Row(1, RowAction::kChanged);
  moved.record.address = "大阪府";
  StagedCoverage corrected = Row(2, RowAction::kChanged);
  corrected.record.birth_date = absl::CivilDay(1971, 1, 1);
  const FeedId id = a_.Stage(2, {moved, corrected, Lost(3), Row(4), Row(5), Row(6), Row(6)});
  const FeedFigures figures = Judge(id);
  EXPECT_EQ(figures.counts, (FeedCounts{.new_rows = 1,
                                        .changed_rows = 1,
                                        .corrected_rows = 1,
                                        .lost_rows = 1,
                                        .unchanged_rows = 1,
                                        .refused_rows = 2,
                                        .new_persons = 1}));
  EXPECT_EQ(figures.rows, 7);
  EXPECT_EQ(figures.members, 4);
  EXPECT_EQ(figures.begun, 1);
  EXPECT_EQ(figures.ended, 1);
  EXPECT_EQ(figures.duplicates, 2);
  EXPECT_EQ(Sample(id),
            "CHANGED R1 address;CORRECTED R2 birth_date;"
            "LOST R3 disqualification_date reason_of_loss;NEW R5;");
  EXPECT_EQ(Count("coverage"), coverages);
  EXPECT_EQ(Count("person"), 4);
  EXPECT_EQ(Count("feed_coverage_row"), 7);
  EXPECT_EQ(Find(id).counts, figures.counts);
  EXPECT_EQ(Find(id).state, FeedState::kSealed);
}

TEST_F(FeedJudgementTest, ALossThatMovesIsACorrectionAndOneThatIsTakenBackRunsOn) {
  a_.Deliver(1, {Row(1), Row(2)});
  a_.Deliver(2, {Lost(1), Lost(2)});
  StagedCoverage later = Lost(1);
  later.record.disqualification_date = absl::CivilDay(2026, 5, 1);
  const FeedFigures figures = Judge(a_.Stage(3, {later, Row(2, RowAction::kChanged)}));
  EXPECT_EQ(figures.counts.corrected_rows, 2);
  EXPECT_EQ(figures.members, 0);
  EXPECT_EQ(figures.begun, 1);
  EXPECT_EQ(figures.ended, 0);
}

TEST_F(FeedJudgementTest, AnotherJudgementReplacesWhatTheFirstFound) {
  const FeedId id = a_.Stage(1, {Row(1, RowAction::kChanged)});
  Judge(id);
  ASSERT_EQ(a_.Findings(id).size(), 1u);
  EXPECT_EQ(a_.Findings(id)[0].reason, "REFERENCE_UNKNOWN");
  a_.Deliver(2, {Row(1)});
  EXPECT_EQ(Judge(id).counts.refused_rows, 1);
  ASSERT_EQ(a_.Findings(id).size(), 1u);
  EXPECT_EQ(a_.Findings(id)[0].reason, "ROW_OUTDATED");
  EXPECT_EQ(Find(id).judgement, 2);
}

TEST_F(FeedJudgementTest, PersonsWhoBecomeOthersAreCountedAndSlipsAreNot) {
  b_.Deliver(1, {SampleRow(kInsurerB, "N9", 9)});
  a_.Deliver(1, {Row(1), Row(2), Row(3)});
  StagedCoverage slip = Row(1, RowAction::kChanged);
  slip.record.birth_date = absl::CivilDay(1970, 1, 11);
  StagedCoverage other = Row(2, RowAction::kChanged);
  other.record.birth_date = absl::CivilDay(1955, 3, 4);
  other.record.name = {"別人　花子", "ベツジン　ハナコ"};
  StagedCoverage conflict = Row(3, RowAction::kChanged);
  conflict.individual = SampleNumber(1);
  StagedCoverage stranger = Row(9);  // whom another insurer knows by another name and birth date
  stranger.record.birth_date = absl::CivilDay(1990, 7, 7);
  stranger.record.name = {"誰か", "ダレカ"};
  EXPECT_EQ(Judge(a_.Stage(2, {slip, other, conflict, stranger})).swapped, 3);
}

TEST_F(FeedJudgementTest, KnownFaultyFeedsAreHighAndANormalAprilIsNot) {
  const auto member = [](int who) {
    StagedCoverage row = Row(who);
    row.record.partial_contribution_percent = 30;
    row.record.limit_certificates = {{.classification = 1, .classification_flag = "A01"}};
    return row;
  };
  a_.Deliver(1, Rows(0, 400, member));
  const auto score = [&](int64_t number, const std::vector<StagedCoverage>& rows) {
    return AssessFeed(Judge(a_.Stage(number, rows))).score;
  };
  EXPECT_GE(score(2, Rows(0, 100, &Lost)), kHighRisk) << "mass loss";
  EXPECT_GE(score(3, Rows(0, 100,
                          [&](int who) {
                            StagedCoverage row = member(who);
                            row.action = RowAction::kChanged;
                            row.record.partial_contribution_percent.reset();
                            return row;
                          })),
            kHighRisk)
      << "copay gone";
  EXPECT_GE(score(4, Rows(0, 100,
                          [&](int who) {
                            StagedCoverage row = member(who);
                            row.action = RowAction::kChanged;
                            row.record.limit_certificates.clear();
                            return row;
                          })),
            kHighRisk)
      << "limit bands gone";
  EXPECT_GE(score(5, Rows(1000, 100,
                          [&](int who) {
                            StagedCoverage row = Row(who);
                            row.record.birth_date = absl::CivilDay(1953, 6, 1);
                            return row;
                          })),
            kHighRisk)
      << "elderly without a copay ratio";
  EXPECT_LT(score(15, Rows(1000, 100,
                           [&](int who) {
                             StagedCoverage row = Row(who);
                             row.record.birth_date = absl::CivilDay(1953, 6, 1);
                             row.record.card_classification = CardClassification::kMedicalAid;
                             return row;
                           })),
            kHighRisk)
      << "medical aid, which has none";
  EXPECT_GE(score(6, Rows(0, 50,
                          [&](int who) {
                            StagedCoverage row = Row(who, RowAction::kChanged);
                            row.individual = SampleNumber(who + 1);
                            return row;
                          })),
            kHighRisk)
      << "numbers moved by one";
  std::vector<StagedCoverage> twice = Rows(2000, 20, [](int who) { return Row(who); });
  const std::vector<StagedCoverage> again = twice;
  twice.insert(twice.end(), again.begin(), again.end());
  EXPECT_GE(score(7, twice), kHighRisk) << "duplicates";
  EXPECT_GE(score(8, Rows(3000, 300, [](int who) { return Row(who); })), kHighRisk) << "volume";

  std::vector<StagedCoverage> april = Rows(0, 120, &Lost);
  for (const StagedCoverage& row : Rows(4000, 100, [](int who) { return Row(who); })) {
    april.push_back(row);
  }
  EXPECT_EQ(score(9, april), 0);
}

TEST_F(FeedJudgementTest, ReleasesAreOfOneJudgementAndOneASide) {
  const FeedId id = a_.Stage(1, {Row(1)});
  Judge(id);
  const auto release = [&](ActorKind kind, const std::string& actor) {
    const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) {
      const FeedRow feed = **a_.store().Find(tx, kInsurerA, id, true);
      return a_.store().PutRelease(tx, feed,
                                   {.judgement = feed.judgement,
                                    .actor_kind = kind,
                                    .actor = actor,
                                    .released_by = "staff",
                                    .at = TestInstant()});
    });
    EXPECT_TRUE(status.ok()) << status;
  };
  const auto told = [&] {
    std::string names;
    (void)a_.pool().Read(Soon(), [&](Transaction& tx) {
      const FeedRow feed = **a_.store().Find(tx, kInsurerA, id, false);
      const auto releases = a_.store().Releases(tx, feed);
      for (const FeedRelease& one : *releases) names += one.actor + " ";
      return absl::OkStatus();
    });
    return names;
  };
  release(ActorKind::kInsurer, kInsurerA);
  release(ActorKind::kInsurer, kInsurerA);
  release(ActorKind::kOperator, "op-1");
  release(ActorKind::kOperator, "op-2");
  EXPECT_EQ(told(), "33120015 op-1 ");
  Judge(id);
  EXPECT_EQ(told(), "");
}

TEST_F(FeedJudgementTest, ACancelledFeedLeavesNothingStaged) {
  const FeedId id = a_.Stage(1, {Row(1), Row(2)});
  const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) {
    const FeedRow feed = **a_.store().Find(tx, kInsurerA, id, true);
    return a_.store().SetState(tx, feed, FeedState::kCancelled, TestInstant());
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Find(id).state, FeedState::kCancelled);
  EXPECT_EQ(Count("feed_coverage_row"), 0);
}

TEST_F(FeedJudgementTest, FeedsAreListedTheLastBegunFirstPageByPage) {
  std::vector<FeedId> ids;
  for (int number = 1; number <= 5; ++number) ids.push_back(a_.Begin(number).id);
  b_.Begin(1);
  std::vector<FeedId> listed;
  absl::Time before = absl::InfiniteFuture();
  FeedId before_id;
  for (;;) {
    std::vector<FeedRow> page;
    (void)a_.pool().Read(Soon(), [&](Transaction& tx) {
      page = *a_.store().List(tx, kInsurerA, before, before_id, 2);
      return absl::OkStatus();
    });
    if (page.empty()) break;
    for (const FeedRow& feed : page) listed.push_back(feed.id);
    before = page.back().began;
    before_id = page.back().id;
  }
  std::sort(ids.begin(), ids.end());
  std::reverse(ids.begin(), ids.end());  // all began at one instant
  EXPECT_EQ(listed, ids);
}

}  // namespace
}  // namespace kakunin
