// A published change and who had asked: each facility one notice for a day whose answer it alters.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "storage/postgres/notice_steps.h"
#include "storage/store_error.h"
#include "tests/postgres/feed_driver.h"
#include "tests/postgres/notice_search.h"

namespace kakunin {
namespace {

using Day = absl::CivilDay;

constexpr char kDeskA[] = "1312345678";
constexpr char kDeskB[] = "1398765432";

class RetroactiveNoticeTest : public testing::Test {
 protected:
  static StagedCoverage Row(int who, RowAction action = RowAction::kNew,
                            const std::string& insurer = kInsurerA) {
    return SampleRow(insurer, "R" + std::to_string(who), who, action);
  }
  static StagedCoverage Lost(int who, Day first_day_not_covered = Day(2026, 4, 10)) {
    StagedCoverage row = Row(who, RowAction::kLost);
    row.record.disqualification_date = first_day_not_covered;
    return row;
  }
  static absl::Time Hour(int64_t hour) { return FeedDriver::InstantOf(hour); }
  static AskedRow At(const std::string& facility, Day day, int64_t hour) {
    return {.facility = facility, .day = day, .at = Hour(hour) + absl::Minutes(30)};
  }

  FeedId Deliver(int64_t number, const std::vector<StagedCoverage>& rows) {
    const FeedId id = a_.Stage(number, rows);
    EXPECT_TRUE(a_.Publish(id, Hour(number)).ok());
    return id;
  }
  void Undo(const FeedId& id, int64_t hour, UndoMode mode = UndoMode::kUntouched) {
    const CopyBuilders build{.answer = &SampleAnswer};
    const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      const auto feed = a_.store().Find(tx, kInsurerA, id, true);
      return a_.store().Undo(tx, **feed, Hour(hour), build, mode).status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  // Two persons, each asked about by a desk, are lost at hours 3 and 4; returns when that is ripe.
  absl::Time LoseTwo() {
    Deliver(1, {Row(1), Row(2)});
    search_.Search(Hour(1));
    search_.Confirm(1, At(kDeskA, Day(2026, 4, 20), 1));
    search_.Confirm(2, At(kDeskB, Day(2026, 4, 20), 1));
    Deliver(3, {Lost(1)});
    Deliver(4, {Lost(2)});
    search_.See(Hour(5));
    return Hour(5) + kNoticeWorkRipens;
  }

  const TestDatabase database_;
  FeedDriver a_{database_, kInsurerA};
  FeedDriver b_{database_, kInsurerB};
  NoticeSearchDriver search_{database_};
};

TEST_F(RetroactiveNoticeTest, ALossIsToldOnceToWhoAskedForADayThatItAltersAndToNobodyElse) {
  Deliver(1, {Row(1), Row(2)});
  search_.Confirm(1, At(kDeskA, Day(2026, 4, 10), 1));
  search_.Confirm(1, At(kDeskA, Day(2026, 4, 10), 2));        // asked twice
  search_.Confirm(1, At(kDeskB, Day(2026, 4, 9), 1));         // the last day covered
  search_.Confirm(2, At("1300000001", Day(2026, 4, 10), 1));  // about somebody else
  Deliver(4, {Lost(1)});
  search_.Search(Hour(4));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-10 1>2 9");
  EXPECT_EQ(database_.Exec("SELECT audit_number FROM kakunin.notice")[0][0].as<int>(), 2);
  search_.Search(Hour(5));
  EXPECT_EQ(search_.Count("notice"), 1);
  EXPECT_EQ(search_.Count("notice_person"), 0);
  EXPECT_EQ(search_.Count("notice_work WHERE ended_at IS NULL"), 0);
}

TEST_F(RetroactiveNoticeTest, AFirstDeliveryAndAnUnchangedOneLeaveNobodyToLookAt) {
  Deliver(1, {Row(1)});
  Deliver(2, {Row(1, RowAction::kChanged)});
  EXPECT_EQ(search_.Count("notice_work"), 1);
  EXPECT_FALSE(search_.Step(Hour(3)).persons > 0);
  search_.Step(Hour(3) + kNoticeWorkRipens);  // gathers
  EXPECT_EQ(search_.Count("notice_person"), 0);
}

TEST_F(RetroactiveNoticeTest, NothingIsSearchedBeforeWhoeverReadTheOldAnswerHasCommitted) {
  Deliver(1, {Row(1)});
  Deliver(2, {Lost(1)});
  const absl::Time seen = Hour(3);  // the jobs had stood still
  EXPECT_TRUE(search_.Step(seen).idle);
  EXPECT_TRUE(search_.Step(seen + kNoticeWorkRipens - absl::Microseconds(1)).idle);
  EXPECT_FALSE(search_.Step(seen + kNoticeWorkRipens).idle);
}

TEST_F(RetroactiveNoticeTest, AClockThatWentBackMakesNobodyWaitForIt) {
  Deliver(1, {Row(1)});
  EXPECT_TRUE(search_.Step(Hour(1000)).idle);
  EXPECT_TRUE(search_.Step(Hour(2)).idle);
  EXPECT_FALSE(search_.Step(Hour(2) + kNoticeWorkRipens).idle);
}

// The publication commits later than its instant; till then the old answer is told.
TEST_F(RetroactiveNoticeTest, WhoAskedWhileItWasBeingPublishedIsToldToo) {
  Deliver(1, {Row(1)});
  Deliver(2, {Lost(1)});
  AskedRow asked = At(kDeskA, Day(2026, 4, 10), 2);
  search_.Confirm(1, asked);
  asked.facility = kDeskB;
  asked.told = Validity::kInvalid;
  search_.Confirm(1, asked);
  search_.Search(Hour(4));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-10 1>2 9");
}

TEST_F(RetroactiveNoticeTest, WhoAsksAfterItWasSeenWasToldTheNewAnswer) {
  Deliver(1, {Row(1)});
  Deliver(2, {Lost(1)});
  const absl::Time seen = Hour(2) + absl::Minutes(10);
  const absl::Time last = seen + kNoticeWorkRipens - absl::Microseconds(1);
  search_.Confirm(1, {.facility = kDeskA, .day = Day(2026, 4, 10), .at = last});
  search_.Confirm(
      1, {.facility = kDeskB, .day = Day(2026, 4, 10), .at = last + absl::Microseconds(1)});
  search_.Search(seen);
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-10 1>2 9");
}

TEST_F(RetroactiveNoticeTest, WhenTheJobsStoodStillWhoAskedLongAfterwardsWasToldTheNewAnswer) {
  Deliver(1, {Row(1)});
  StagedCoverage changed = Row(1, RowAction::kChanged);
  changed.record.partial_contribution_percent = 20;
  Deliver(2, {changed});
  const absl::Time last = Hour(2) + kLongestPublication - absl::Microseconds(1);
  search_.Confirm(1, {.facility = kDeskA, .day = Day(2026, 4, 10), .at = last});
  search_.Confirm(
      1, {.facility = kDeskB, .day = Day(2026, 4, 10), .at = last + absl::Microseconds(1)});
  search_.Search(Hour(100));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-10 1>1 32");
}

TEST_F(RetroactiveNoticeTest, AStepThatIsLostIsMadeAgainAndTellsOnce) {
  std::vector<StagedCoverage> begun;
  std::vector<StagedCoverage> lost;
  for (int who = 1; who <= 5; ++who) {
    begun.push_back(Row(who));
    lost.push_back(Lost(who));
  }
  Deliver(1, begun);
  for (int who = 1; who <= 5; ++who) search_.Confirm(who, At(kDeskA, Day(2026, 4, 20), 1));
  Deliver(3, lost);
  search_.Step(Hour(3));
  const absl::Time ripe = Hour(3) + kNoticeWorkRipens;
  NoticeStep step;
  int kept = 0;
  int tried = 0;
  do {
    // Every second step dies before its commit.
    const bool dies = ++tried % 2 == 1;
    const absl::Status status = search_.jobs().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(step, search_.StepIn(tx, ripe, 2));
      return dies ? StoreError(StoreFailure::kDenied) : absl::OkStatus();
    });
    EXPECT_EQ(status.ok(), !dies);
    if (!dies) ++kept;
  } while (!step.idle);
  EXPECT_GE(tried, 2 * kept - 1);
  EXPECT_EQ(search_.Count("notice"), 5);
  EXPECT_EQ(database_.Exec("SELECT last FROM kakunin.notice_counter")[0][0].as<int>(), 5);
}

TEST_F(RetroactiveNoticeTest, TwoServersAtOnceTakeDifferentPiecesOfWorkAndNoneWaits) {
  const absl::Time ripe = LoseTwo();
  const absl::Status status = search_.jobs().Write(Soon(), [&](Transaction& one) -> absl::Status {
    RETURN_IF_ERROR(search_.StepIn(one, ripe).status());
    const auto first = search_.taken();
    // What the other server holds keeps nobody from seeing, and a clock that went back sees all.
    EXPECT_EQ(search_.See(Hour(5) - absl::Seconds(1)), Hour(3));
    EXPECT_EQ(search_.Count(fmt::format("notice_work WHERE ended_at IS NULL AND seen_at = '{}'",
                                        InstantText(Hour(5)))),
              1);
    return search_.jobs().Write(Soon(), [&](Transaction& two) -> absl::Status {
      EXPECT_FALSE(search_.StepIn(two, ripe)->idle);
      EXPECT_TRUE(first.has_value() && search_.taken().has_value());
      EXPECT_NE(first, search_.taken());
      return search_.jobs().Write(Soon(), [&](Transaction& three) -> absl::Status {
        EXPECT_TRUE(search_.StepIn(three, ripe)->idle);
        return absl::OkStatus();
      });
    });
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(search_.Count("notice_work WHERE ended_at IS NULL AND gathered_at IS NOT NULL"), 2);
}

TEST_F(RetroactiveNoticeTest, APieceThatFailsStopsNoOtherAndIsTriedAgainLater) {
  const absl::Time ripe = LoseTwo();
  const auto fail = [&](absl::Time now) {
    const absl::Status status = search_.jobs().Write(Soon(), [&](Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(search_.StepIn(tx, now).status());
      return StoreError(StoreFailure::kTimedOut);
    });
    EXPECT_FALSE(status.ok());
    search_.SetBack(now);
  };
  fail(ripe);
  while (!search_.Step(ripe).idle) {
  }
  EXPECT_EQ(search_.Notices(), "1398765432/1 1 2026-04-20 1>2 9");  // of the younger change
  const absl::Time rested = ripe + kNoticeWorkRests;
  EXPECT_EQ(search_.See(ripe), Hour(3));
  EXPECT_TRUE(search_.Step(rested - absl::Microseconds(1)).idle);
  while (!search_.Step(rested).idle) {
  }
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-20 1>2 9, 1398765432/1 1 2026-04-20 1>2 9");
  EXPECT_EQ(search_.See(rested), absl::InfiniteFuture());
}

TEST_F(RetroactiveNoticeTest, ManyPersonsAreWrittenDownPageByPage) {
  constexpr int kPersons = 101;  // one more than a page at 1 looked at
  std::vector<StagedCoverage> begun;
  std::vector<StagedCoverage> lost;
  for (int who = 1; who <= kPersons; ++who) {
    begun.push_back(Row(who));
    lost.push_back(Lost(who));
  }
  Deliver(1, begun);
  search_.Search(Hour(1));
  for (int who = 1; who <= kPersons; ++who) search_.Confirm(who, At(kDeskA, Day(2026, 4, 20), 1));
  Deliver(3, lost);
  search_.Step(Hour(3));
  search_.Step(Hour(3) + kNoticeWorkRipens, 1);
  EXPECT_EQ(search_.Count("notice_person"), 100);
  EXPECT_EQ(search_.Count("notice_work WHERE gathered_at IS NULL"), 1);
  search_.Step(Hour(3) + kNoticeWorkRipens, 1);
  EXPECT_EQ(search_.Count("notice_person"), kPersons);
  // Each look goes on behind the last.
  int looked = 0;
  while (!search_.Step(Hour(3) + kNoticeWorkRipens, 40).idle) {
    ++looked;
    EXPECT_EQ(search_.Count("notice_person n JOIN kakunin.notice_work w USING (work_id)"
                            " WHERE n.asked_person <= w.last_person"),
              0);
  }
  EXPECT_EQ(looked, 4);  // 40, 40, 21, and the end
  EXPECT_EQ(search_.Count("notice"), kPersons);
}

// Its server's clock was ahead of the one that published.
TEST_F(RetroactiveNoticeTest, APersonWhomAnotherClockMadeLaterIsLookedAtAllTheSame) {
  Deliver(1, {Row(1)});
  database_.Exec(fmt::format("UPDATE kakunin.person SET created_at = '{}'", InstantText(Hour(3))));
  search_.Confirm(1, At(kDeskA, Day(2026, 4, 20), 1));
  Deliver(2, {Lost(1)});
  search_.Search(Hour(2));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-20 1>2 9");
}

TEST_F(RetroactiveNoticeTest, AnUndoGivesANoticeOfItsOwnThatItIsAsBefore) {
  Deliver(1, {Row(1)});
  search_.Confirm(1, At(kDeskA, Day(2026, 4, 20), 1));
  const FeedId lost = Deliver(3, {Lost(1)});
  search_.Search(Hour(3));
  Undo(lost, 5);
  search_.Search(Hour(5));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-20 1>2 9, 1312345678/2 2 2026-04-20 2>1 9");
}

// The jobs stood still meanwhile: what was known decides, not what is.
TEST_F(RetroactiveNoticeTest, ChangesThatWereUndoneBeforeTheSearchAreToldAllTheSame) {
  Deliver(1, {Row(1)});
  search_.Confirm(1, At(kDeskA, Day(2026, 4, 20), 1));
  const FeedId lost = Deliver(3, {Lost(1)});
  Undo(lost, 5);
  search_.Search(Hour(9));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-20 1>2 9, 1312345678/2 2 2026-04-20 2>1 9");
}

TEST_F(RetroactiveNoticeTest, AnotherInsurersDeliveryAltersWhatACardShowedAndNotWhatANumberDid) {
  Deliver(1, {Row(1)});
  search_.Confirm(1, At(kDeskA, Day(2026, 4, 20), 1));
  AskedRow by_number = At(kDeskB, Day(2026, 4, 20), 1);
  by_number.view.key = SampleKey(2);
  search_.Confirm(1, by_number);
  StagedCoverage other = Row(1, RowAction::kNew, kInsurerB);
  other.record.qualification_date = Day(2026, 4, 1);
  other.record.key_without_branch = SampleKey(1002);
  other.record.key_with_branch = SampleKey(1003);
  b_.Deliver(3, {other});
  search_.Search(Hour(3));
  // By card both are shown now; the validity is what it was, the insurer is not.
  const std::string notices = search_.Notices();
  EXPECT_EQ(notices.find("1312345678/1 1 2026-04-20 1>1"), 0u) << notices;
  EXPECT_EQ(search_.Count("notice"), 1);
}

TEST_F(RetroactiveNoticeTest, WhatWasNotOpenedIsNotToldOf) {
  Deliver(1, {Row(1)});
  AskedRow opened = At(kDeskA, Day(2026, 4, 20), 1);
  opened.view.limit_certificate = true;
  search_.Confirm(1, opened);
  search_.Confirm(1, At(kDeskB, Day(2026, 4, 20), 1));
  StagedCoverage changed = Row(1, RowAction::kChanged);
  changed.record.limit_certificates = {{.classification = 1, .valid_from = Day(2026, 4, 1)}};
  Deliver(3, {changed});
  search_.Search(Hour(3));
  EXPECT_EQ(search_.Notices(), "1312345678/1 1 2026-04-20 1>1 64");
}

// Two insurers publish in the same microsecond: each change is told as itself.
TEST_F(RetroactiveNoticeTest, ChangesOfOneInstantAreToldApart) {
  StagedCoverage other = Row(1, RowAction::kNew, kInsurerB);
  other.record.key_without_branch = SampleKey(1002);
  other.record.key_with_branch = SampleKey(1003);
  Deliver(1, {Row(1)});
  b_.Deliver(1, {other});
  AskedRow asked_a = At(kDeskA, Day(2026, 4, 20), 1);
  asked_a.view.key = SampleKey(2);
  search_.Confirm(1, asked_a);
  Deliver(3, {Lost(1)});
  StagedCoverage ratio = other;
  ratio.action = RowAction::kChanged;
  ratio.record.partial_contribution_percent = 20;
  b_.Deliver(3, {ratio});
  search_.Search(Hour(3));
  EXPECT_EQ(search_.Count("notice"), 1);
  EXPECT_EQ(search_.Notices().find("1312345678/1 1 2026-04-20 1>2"), 0u) << search_.Notices();
}

// Numbers are given in the order of the commits, so that a stream resumes after the last it had.
TEST_F(RetroactiveNoticeTest, AFacilitysNoticesAreNumberedWithoutGaps) {
  Deliver(1, {Row(1), Row(2), Row(3)});
  for (int who = 1; who <= 3; ++who) {
    search_.Confirm(who, At(kDeskA, Day(2026, 4, 20), 1));
    search_.Confirm(who, At(kDeskB, Day(2026, 4, 20), 1));
  }
  Deliver(3, {Lost(1), Lost(2)});
  search_.Search(Hour(3), 1);
  Deliver(5, {Lost(3)});
  search_.Search(Hour(5));
  const pqxx::result numbers = database_.Exec(
      "SELECT string_agg(number::text, ' ' ORDER BY number) FROM kakunin.notice"
      " GROUP BY facility_code");
  ASSERT_EQ(numbers.size(), 2u);
  for (const auto& row : numbers) EXPECT_STREQ(row[0].c_str(), "1 2 3");
}

TEST_F(RetroactiveNoticeTest, LooksPersonsUpByTheirIndexInEveryMonth) {
  std::string plan;
  for (const auto& row :
       database_.Exec(std::string("PREPARE asked AS ") + kReadAskedAnswers +
                      "; EXPLAIN (COSTS OFF) EXECUTE asked (ARRAY[gen_random_uuid()], now(),"
                      " now())")) {
    plan += std::string(row[0].c_str()) + "\n";
  }
  EXPECT_NE(plan.find("Index"), std::string::npos) << plan;
  EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
}

TEST_F(RetroactiveNoticeTest, OfTheSameQuestionOnlyTheLastAnswerBeforeAndAfterAChangeIsRead) {
  Deliver(1, {Row(1)});
  for (int minute = 0; minute < 10; ++minute) {
    search_.Confirm(
        1, {.facility = kDeskA, .day = Day(2026, 4, 20), .at = Hour(1) + absl::Minutes(minute)});
  }
  AskedRow by_number = At(kDeskA, Day(2026, 4, 20), 1);
  by_number.view.key = SampleKey(2);
  search_.Confirm(1, by_number);
  const std::string person = database_.Exec("SELECT person_id FROM kakunin.person")[0][0].c_str();
  const pqxx::result read = database_.Exec(
      fmt::format("PREPARE asked AS {}; EXECUTE asked ('{{{}}}', '{}', '{}')", kReadAskedAnswers,
                  person, InstantText(Hour(9)), InstantText(Hour(1) + absl::Minutes(5))));
  std::vector<int> numbers;
  for (const auto& row : read) numbers.push_back(row[3].as<int>());
  std::ranges::sort(numbers);
  EXPECT_EQ(numbers, (std::vector<int>{5, 10, 11}));
}

// KAKUNIN_LONG: 38,000 changed rows among 100,000, 1,000 persons asked about, in ten years of
// months.
TEST_F(RetroactiveNoticeTest, AFeedOfTheUsualSizeIsSearchedInSeconds) {
  const bool is_long = std::getenv("KAKUNIN_LONG") != nullptr;
  const int persons = is_long ? 100'000 : 2'000;
  const int changed = is_long ? 38'000 : 800;
  const int asked = is_long ? 1'000 : 50;
  // The ten years that confirmations are kept: each month is looked into for every person.
  for (int month = 0; is_long && month < 120; ++month) {
    const absl::CivilMonth from = absl::CivilMonth(2016, 4) + month;
    database_.Exec(
        fmt::format("CREATE TABLE kakunin.confirmation_{:04}_{:02} PARTITION OF"
                    " kakunin.confirmation FOR VALUES FROM ('{}') TO ('{}')",
                    from.year(), from.month(), DayText(Day(from)), DayText(Day(from + 1))));
  }
  const auto append = [&](const FeedId& id, int from, int to, bool lost) {
    for (int first = from; first < to; first += 2000) {
      std::vector<StagedCoverage> rows;
      for (int who = first; who < std::min(first + 2000, to); ++who) {
        rows.push_back(lost ? Lost(who) : Row(who));
      }
      ASSERT_TRUE(a_.Append(id, rows).ok());
    }
  };
  const FeedId first = a_.Begin(1).id;
  append(first, 0, persons, false);
  ASSERT_TRUE(a_.Publish(first, Hour(1)).ok());
  for (int who = 0; who < asked; ++who) search_.Confirm(who, At(kDeskA, Day(2026, 4, 20), 1));
  const FeedId second = a_.Begin(3).id;
  append(second, 0, changed, true);
  ASSERT_TRUE(a_.Publish(second, Hour(3)).ok());
  const auto begun = std::chrono::steady_clock::now();
  const int steps = search_.Search(Hour(3));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf("%d changed rows of %d persons, %d asked about: %d steps, %.2f s\n", changed, persons,
              asked, steps, took.count());
  EXPECT_EQ(search_.Count("notice"), asked);
  EXPECT_LT(took.count(), 60);
}

}  // namespace
}  // namespace kakunin
