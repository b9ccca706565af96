#include "server/housekeeping.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "domain/access_log.h"
#include "domain/reception_link.h"
#include "tests/unit/server/gated_database.h"

namespace kakunin {
namespace {

class FixedClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
};

// ScriptedStore writes down what it is asked for and answers from a script: how many rows it
// deleted, or nothing for a failure. After the script nothing is left to delete.
class ScriptedStore final : public HousekeepingStore {
 public:
  using Script = std::deque<std::optional<int64_t>>;

  absl::StatusOr<int64_t> DeleteChallenges(Transaction&, absl::Time, int limit) override {
    most = limit;
    return Next("challenges", challenges);
  }
  absl::StatusOr<int64_t> DeleteRequestOutcomes(Transaction&, absl::Time, int) override {
    return Next("outcomes", outcomes);
  }
  absl::StatusOr<int64_t> DeleteReceptionLinks(Transaction&, absl::Time before, int) override {
    links_before = before;
    return Next("links", links);
  }
  absl::StatusOr<int64_t> DeleteSessions(Transaction&, absl::Time before, int) override {
    sessions_before = before;
    return Next("sessions", sessions);
  }
  absl::StatusOr<int64_t> DeleteBulkInquiry(Transaction&, absl::Time) override {
    return Next("lists", lists);
  }
  absl::StatusOr<int64_t> DeleteInquiryCounts(Transaction&, int64_t) override {
    return Next("counts", counts);
  }

  absl::StatusOr<RebuiltAnswers> RebuildAnswers(Transaction&, const PersonId& after, int) override {
    walked.push_back(after.octets[0]);
    if (answers.empty()) return RebuiltAnswers{.last = after};
    auto next = answers.front();
    answers.pop_front();
    return next;
  }

  absl::StatusOr<RebuiltAnswers> RebuildMonthRecords(Transaction&, const PersonId& after,
                                                     int) override {
    months_walked.push_back(after.octets[0]);
    if (months.empty()) return RebuiltAnswers{.last = after};
    auto next = months.front();
    months.pop_front();
    return next;
  }

  absl::StatusOr<CopiedAccesses> CopyFacilityAccesses(Transaction&, absl::Time now,
                                                      absl::Duration overlap) override {
    last_overlap = overlap;
    ++slices;
    if (copies.empty()) return CopiedAccesses{.through = now, .all = true};
    auto next = copies.front();
    copies.pop_front();
    return next;
  }

  absl::StatusOr<absl::Time> SeeNoticeWork(Transaction&, absl::Time) override { return oldest; }
  absl::Status SetNoticeWorkBack(Transaction&, const NoticeWorkId& id, absl::Time) override {
    set_back.push_back(id.octets[0]);
    return absl::OkStatus();
  }
  absl::StatusOr<NoticeStep> FindNotices(Transaction&, absl::Time, int,
                                         std::optional<NoticeWorkId>& taken) override {
    ++notice_steps;
    if (notices.empty()) return NoticeStep{.idle = true};
    taken = NoticeWorkId{{static_cast<uint8_t>(notice_steps)}};
    auto next = notices.front();
    notices.pop_front();
    return next;
  }

  absl::StatusOr<absl::Time> oldest = absl::InfiniteFuture();
  std::vector<int> set_back;
  std::deque<absl::StatusOr<NoticeStep>> notices;
  int notice_steps = 0;
  std::deque<absl::StatusOr<CopiedAccesses>> copies;
  int slices = 0;
  absl::Duration last_overlap;
  std::deque<absl::StatusOr<RebuiltAnswers>> answers;
  std::deque<absl::StatusOr<RebuiltAnswers>> months;
  std::vector<int> months_walked;
  std::vector<int> walked;  // where each step began
  Script challenges;
  Script outcomes;
  Script counts;
  Script lists;
  Script links;
  Script sessions;
  absl::Time sessions_before;
  absl::Time links_before;
  int most = 0;
  std::vector<std::string> asked;

 private:
  absl::StatusOr<int64_t> Next(const char* what, Script& script) {
    asked.emplace_back(what);
    if (script.empty()) return 0;
    const std::optional<int64_t> next = script.front();
    script.pop_front();
    if (!next) return StoreError(StoreFailure::kDenied);
    return *next;
  }
};

using Asked = std::vector<std::string>;

class HousekeepingTest : public testing::Test {
 protected:
  GatedDatabase database_;
  ScriptedStore store_;
  FixedClock clock_;
  Housekeeping housekeeping_{database_, store_, clock_};
};

TEST_F(HousekeepingTest, AFailedDeletionIsCountedAndStopsNoOther) {
  store_.challenges = {std::nullopt};
  store_.outcomes = {std::nullopt};
  EXPECT_EQ(StoreFailureOf(housekeeping_.Tidy()), StoreFailure::kDenied);
  EXPECT_EQ(store_.asked,
            (Asked{"challenges", "outcomes", "counts", "links", "sessions", "lists"}));
  EXPECT_EQ(housekeeping_.Failures(), 2);
  EXPECT_EQ(store_.links_before, clock_.now - kEndedLinkKept);
  EXPECT_EQ(store_.sessions_before, clock_.now - absl::Hours(24));
  EXPECT_TRUE(housekeeping_.Tidy().ok());
  EXPECT_EQ(housekeeping_.Failures(), 2);
}

TEST_F(HousekeepingTest, AFullBatchIsFollowedByAnother) {
  ASSERT_TRUE(housekeeping_.Tidy().ok());
  store_.asked.clear();
  store_.challenges = {store_.most, store_.most, store_.most - 1};
  EXPECT_TRUE(housekeeping_.Tidy().ok());
  EXPECT_EQ(store_.asked, (Asked{"challenges", "challenges", "challenges", "outcomes", "counts",
                                 "links", "sessions", "lists"}));
}

RebuiltAnswers StepTo(uint8_t last) {
  return {.looked_at = 1000, .rebuilt = 5, .last = PersonId{{last}}};
}

TEST_F(HousekeepingTest, AWalkOverTheAnswersEndsBehindTheLastRowAndRestsForADay) {
  store_.answers = {StepTo(3), StepTo(8)};
  ASSERT_TRUE(housekeeping_.RebuildAnswers().ok());
  EXPECT_EQ(store_.walked, (std::vector<int>{0, 3, 8}));
  clock_.now += absl::Hours(24) - absl::Seconds(1);
  ASSERT_TRUE(housekeeping_.RebuildAnswers().ok());
  EXPECT_EQ(store_.walked.size(), 3u);
  clock_.now += absl::Seconds(1);
  ASSERT_TRUE(housekeeping_.RebuildAnswers().ok());
  EXPECT_EQ(store_.walked, (std::vector<int>{0, 3, 8, 0}));
}

TEST_F(HousekeepingTest, AFailedStepIsCountedAndRepeatedFromWhereItWas) {
  store_.answers = {StepTo(3), StoreError(StoreFailure::kUnavailable), StepTo(8)};
  EXPECT_EQ(StoreFailureOf(housekeeping_.RebuildAnswers()), StoreFailure::kUnavailable);
  EXPECT_EQ(housekeeping_.Failures(), 1);
  ASSERT_TRUE(housekeeping_.RebuildAnswers().ok());
  EXPECT_EQ(store_.walked, (std::vector<int>{0, 3, 3, 8}));
}

TEST_F(HousekeepingTest, AccessesAreCopiedSliceBySliceUntilTheyAreAllThere) {
  store_.copies.assign(3, CopiedAccesses{});
  EXPECT_TRUE(housekeeping_.CopyAccesses().ok());
  EXPECT_EQ(store_.slices, 4);
}

TEST_F(HousekeepingTest, ARoundInTenMinutesLooksFurtherBack) {
  EXPECT_TRUE(housekeeping_.CopyAccesses().ok());
  EXPECT_EQ(store_.last_overlap, kWideAccessCopyOverlap);
  clock_.now += absl::Minutes(10) - absl::Seconds(1);
  EXPECT_TRUE(housekeeping_.CopyAccesses().ok());
  EXPECT_EQ(store_.last_overlap, kAccessCopyOverlap);
  clock_.now += absl::Seconds(1);
  EXPECT_TRUE(housekeeping_.CopyAccesses().ok());
  EXPECT_EQ(store_.last_overlap, kWideAccessCopyOverlap);
}

TEST_F(HousekeepingTest, AfterALongPauseARoundCopiesNoMoreThanItsShare) {
  store_.copies.assign(300, CopiedAccesses{});
  EXPECT_TRUE(housekeeping_.CopyAccesses().ok());
  EXPECT_EQ(store_.slices, 200);
  EXPECT_TRUE(housekeeping_.CopyAccesses().ok());
  EXPECT_EQ(store_.slices, 301);
}

TEST_F(HousekeepingTest, ASliceThatFailsIsCountedAndRepeatedByTheNextRound) {
  store_.copies = {CopiedAccesses{}, StoreError(StoreFailure::kUnavailable)};
  EXPECT_EQ(StoreFailureOf(housekeeping_.CopyAccesses()), StoreFailure::kUnavailable);
  EXPECT_EQ(store_.slices, 2);
  EXPECT_EQ(housekeeping_.Failures(), 1);
  EXPECT_TRUE(housekeeping_.CopyAccesses().ok());
  EXPECT_EQ(store_.slices, 3);
}

TEST_F(HousekeepingTest, NoticesAreLookedForStepByStepUntilNothingIsRipe) {
  store_.notices.assign(3, NoticeStep{.persons = 1000});
  EXPECT_TRUE(housekeeping_.FindNotices().ok());
  EXPECT_EQ(store_.notice_steps, 4);
  store_.notices.assign(300, NoticeStep{.persons = 1000});
  EXPECT_TRUE(housekeeping_.FindNotices().ok());
  EXPECT_EQ(store_.notice_steps, 204);
}

TEST_F(HousekeepingTest, HowLongTheOldestNoticeWorkHasWaitedIsToldUntilItIsSeenToHaveEnded) {
  EXPECT_EQ(housekeeping_.NoticeWorkWaits(), absl::ZeroDuration());
  store_.oldest = clock_.now - absl::Minutes(3);
  EXPECT_TRUE(housekeeping_.SeeNoticeWork().ok());
  EXPECT_EQ(housekeeping_.NoticeWorkWaits(), absl::Minutes(3));
  clock_.now += absl::Minutes(1);
  store_.oldest = StoreError(StoreFailure::kUnavailable);
  EXPECT_FALSE(housekeeping_.SeeNoticeWork().ok());
  EXPECT_EQ(housekeeping_.Failures(), 1);
  EXPECT_EQ(housekeeping_.NoticeWorkWaits(), absl::Minutes(4));
  store_.oldest = absl::InfiniteFuture();
  EXPECT_TRUE(housekeeping_.SeeNoticeWork().ok());
  EXPECT_EQ(housekeeping_.NoticeWorkWaits(), absl::ZeroDuration());
}

TEST_F(HousekeepingTest, AStepToNoticesThatFailsSetsItsPieceBackAndTheNextRoundGoesOn) {
  store_.notices = {NoticeStep{}, StoreError(StoreFailure::kUnavailable), NoticeStep{}};
  EXPECT_EQ(StoreFailureOf(housekeeping_.FindNotices()), StoreFailure::kUnavailable);
  EXPECT_EQ(housekeeping_.Failures(), 1);
  EXPECT_EQ(store_.set_back, std::vector<int>{2});
  EXPECT_TRUE(housekeeping_.FindNotices().ok());
  EXPECT_EQ(store_.notice_steps, 4);
}

TEST_F(HousekeepingTest, TheMonthRecordsAreWalkedOverByThemselves) {
  store_.answers = {StepTo(3)};
  store_.months = {StepTo(5), StepTo(9)};
  ASSERT_TRUE(housekeeping_.RebuildMonthRecords().ok());
  EXPECT_EQ(store_.months_walked, (std::vector<int>{0, 5, 9}));
  EXPECT_TRUE(store_.walked.empty());
  ASSERT_TRUE(housekeeping_.RebuildMonthRecords().ok());
  EXPECT_EQ(store_.months_walked.size(), 3u);  // rests for a day
}

TEST_F(HousekeepingTest, ARoundOfTheWalkIsBounded) {
  store_.answers.assign(300, StepTo(1));
  ASSERT_TRUE(housekeeping_.RebuildAnswers().ok());
  EXPECT_EQ(store_.walked.size(), 200u);
  ASSERT_TRUE(housekeeping_.RebuildAnswers().ok());
  EXPECT_EQ(store_.walked.size(), 301u);
}

}  // namespace
}  // namespace kakunin
