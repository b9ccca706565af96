// Feeds of records taken back: the truth of the months before them, and the copies with it.

#include <gtest/gtest.h>

#include "server/rpc/record_octets.h"
#include "storage/postgres/month_records.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

constexpr char kReviewer[] = "113";
constexpr absl::CivilMonth kMonth(2026, 3);

StagedReceipt Row(int who, RowAction action = RowAction::kNew, absl::CivilMonth month = kMonth,
                  const std::string& drug = "薬") {
  const absl::CivilDay day(month.year(), month.month(), 9);
  Receipt receipt;
  receipt.reviewer_number = kReviewer;
  receipt.reference = "A" + std::to_string(who);
  receipt.treatment_month = month;
  receipt.facility = {"1310000019", "試験診療所"};
  receipt.drug_days = {{day, day - 1, {{.code = "620000001", .name = drug, .times = 7}}}};
  return {.action = action, .individual = SampleNumber(who), .record = receipt};
}

class RecordUndoTest : public testing::Test {
 protected:
  FeedId Deliver(int64_t number, const std::vector<StagedReceipt>& rows) {
    const FeedId id = reviewer_.Stage(number, rows);
    EXPECT_TRUE(reviewer_.Publish(id, FeedDriver::InstantOf(number)).ok());
    return id;
  }
  FeedUndone Undo(const FeedId& id, int64_t hour, UndoMode mode = UndoMode::kUntouched) {
    FeedUndone undone;
    const absl::Status status = reviewer_.pool().Write(Soon(), [&](Transaction& tx) {
      const auto feed = reviewer_.store().Find(tx, kReviewer, id, true);
      const auto done = reviewer_.store().Undo(tx, **feed, FeedDriver::InstantOf(hour),
                                               CopiesOfThisFormat(), mode);
      if (done.ok()) undone = *done;
      return done.status();
    });
    EXPECT_TRUE(status.ok()) << status;
    return undone;
  }
  // What is known now: reference, month and drugs.
  std::string Known() {
    return database_
        .Exec(
            "SELECT coalesce(string_agg(told, ' ' ORDER BY told), '') FROM"
            " (SELECT reference || to_char(month, 'MM') || (drugs -> 0 ->> 'name') AS told"
            "  FROM kakunin.receipt WHERE known_to IS NULL UNION ALL"
            "  SELECT 'hidden' || reference FROM kakunin.hidden_receipt"
            "  WHERE known_to IS NULL) all_of")[0][0]
        .c_str();
  }
  void ExpectCopiesEqualTruth() {
    const absl::Status status =
        database_.Open("kakunin_migrate")->Read(Soon(), [&](Transaction& tx) {
          const auto found = CompareMonthRecords(tx, CopiesOfThisFormat());
          if (found.ok()) {
            EXPECT_EQ(found->differ, 0);
            EXPECT_EQ(found->missing, 0);
            EXPECT_EQ(found->unfounded, 0);
          }
          return found.status();
        });
    EXPECT_TRUE(status.ok()) << status;
  }

  const TestDatabase database_;
  FeedDriver reviewer_{database_, kReviewer, FeedKind::kReceipts, CopiesOfThisFormat()};
};

TEST_F(RecordUndoTest, ChangesMovesWithdrawalsAndNewOnesGo) {
  StagedReceipt hidden = Row(5);
  hidden.individual.reset();
  Deliver(1, {Row(1), Row(2), Row(3), hidden});
  const std::string before = Known();
  const FeedId wrong = Deliver(
      2, {Row(1, RowAction::kChanged, kMonth, "別"), Row(2, RowAction::kChanged, kMonth + 1),
          Row(3, RowAction::kLost), Row(4), Row(5)});
  EXPECT_EQ(Known(), "A103別 A204薬 A403薬 A503薬");
  const FeedUndone undone = Undo(wrong, 3);
  EXPECT_TRUE(undone.done);
  EXPECT_EQ(undone.restored_rows, 4);
  EXPECT_EQ(undone.removed_rows, 2);
  EXPECT_EQ(Known(), before);
  ExpectCopiesEqualTruth();
  // What came back may be changed and withdrawn as before.
  Deliver(4, {Row(2, RowAction::kLost), Row(3, RowAction::kChanged, kMonth, "別")});
  EXPECT_EQ(Known(), "A103薬 A303別 hiddenA5");
  ExpectCopiesEqualTruth();
}

TEST_F(RecordUndoTest, AWithdrawalThatALaterFeedAnsweredIsToldAndRefused) {
  Deliver(1, {Row(1)});
  const FeedId withdrawal = Deliver(2, {Row(1, RowAction::kLost)});
  const FeedId again = Deliver(3, {Row(1, RowAction::kNew, kMonth, "別")});
  EXPECT_EQ(Undo(withdrawal, 4).touched_later, 1);
  EXPECT_EQ(Known(), "A103別");
  // Once the later feed is taken back nothing stands in its way.
  EXPECT_TRUE(Undo(again, 5).done);
  EXPECT_EQ(Known(), "");
  EXPECT_TRUE(Undo(withdrawal, 6).done);
  EXPECT_EQ(Known(), "A103薬");
  ExpectCopiesEqualTruth();
}

TEST_F(RecordUndoTest, ForceBringsBackWhatWasKnownWhateverCameLater) {
  Deliver(1, {Row(1)});
  const FeedId wrong = Deliver(2, {Row(1, RowAction::kChanged, kMonth, "別")});
  Deliver(3, {Row(1, RowAction::kChanged, kMonth + 1, "三")});
  EXPECT_FALSE(Undo(wrong, 4).done);
  EXPECT_TRUE(Undo(wrong, 4, UndoMode::kForce).done);
  EXPECT_EQ(Known(), "A103薬");
  ExpectCopiesEqualTruth();
}

}  // namespace
}  // namespace kakunin
