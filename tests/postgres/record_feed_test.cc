// What receipts and health checks do to the truth and to the copy that is read.

#include <gtest/gtest.h>

#include <future>
#include <map>

#include "domain/month_record.h"
#include "kakunin/v1/record_service.pb.h"
#include "server/rpc/record_octets.h"
#include "storage/postgres/month_records.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

constexpr char kReviewer[] = "113";
constexpr char kOtherReviewer[] = "213";
constexpr absl::CivilMonth kMonth(2026, 3);

StagedReceipt ReceiptRow(const std::string& reference, int who, absl::CivilMonth month = kMonth,
                         RowAction action = RowAction::kNew,
                         const std::string& reviewer = kReviewer) {
  const absl::CivilDay day(month.year(), month.month(), 9);
  Receipt receipt;
  receipt.reviewer_number = reviewer;
  receipt.reference = reference;
  receipt.treatment_month = month;
  receipt.facility = {"1310000019", "試験診療所"};
  receipt.drug_days = {
      {day, day - 1, {{.code = "620000001", .name = "薬" + reference, .times = 7}}}};
  receipt.treatments = {
      {.code = "112007410", .name = "再診料", .times = 2, .days = {day, day + 4}},
      {.code = "150000001", .name = "手術", .times = 1, .days = {day}, .surgery = true}};
  return {.action = action, .individual = SampleNumber(who), .record = receipt};
}

StagedReceipt Hidden(StagedReceipt row) {
  row.individual.reset();
  return row;
}

StagedHealthCheck CheckRow(const std::string& reference, int who, absl::CivilDay day,
                           RowAction action = RowAction::kNew) {
  HealthCheck check;
  check.registrar_number = kInsurerA;
  check.registrar_name = "試験用の保険者";
  check.reference = reference;
  check.examination_day = day;
  check.facility = {"1310000019", "試験診療所"};
  check.items = {{.code = "9A755000000000001", .data_type = "PQ", .value = "128", .unit = "mmHg"}};
  return {.action = action, .individual = SampleNumber(who), .record = check};
}

class RecordFeedTest : public testing::Test {
 protected:
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }
  // "kind/month:entries" of every month record, sorted.
  std::string Records() {
    std::string all;
    for (const auto& row :
         database_.Exec("SELECT kind, to_char(month, 'YYYY-MM'), octets, format FROM"
                        " kakunin.month_record ORDER BY person_id, kind, month")) {
      const pqxx::binarystring octets(row[2]);
      const auto entries = DecodeMonthRecord({octets.get(), octets.size()});
      EXPECT_TRUE(entries.ok());
      EXPECT_EQ(row[3].as<int>(), kMonthRecordFormat);
      all += std::string(row[0].c_str()) + "/" + row[1].c_str() + ":" +
             std::to_string(entries->size()) + " ";
    }
    return all;
  }
  std::string ReasonsOf(FeedDriver& driver, const FeedId& id) {
    std::string reasons;
    for (const Finding& finding : driver.Findings(id)) {
      reasons += finding.reference + ":" + finding.reason + " ";
    }
    return reasons;
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
  FeedDriver other_{database_, kOtherReviewer, FeedKind::kReceipts, CopiesOfThisFormat()};
  FeedDriver insurer_{database_, kInsurerA, FeedKind::kHealthChecks, CopiesOfThisFormat()};
};

TEST_F(RecordFeedTest, AReceiptIsReadAsDrugsTreatmentsAndSurgeryApart) {
  const FeedCounts counts = reviewer_.Deliver(1, std::vector{ReceiptRow("A", 1)});
  EXPECT_EQ(counts.new_rows, 1);
  EXPECT_EQ(counts.new_persons, 1);
  EXPECT_EQ(Records(), "1/2026-03:1 2/2026-03:1 3/2026-03:1 ");
  EXPECT_EQ(Count("answer"), 1);  // empty: nobody has insured the person yet
  EXPECT_EQ(Count("feed_receipt_row"), 0);
  const auto rows = database_.Exec(
      "SELECT octets, arrived_at = (SELECT max(known_from) FROM kakunin.receipt)"
      " FROM kakunin.month_record WHERE kind = 2");
  ASSERT_EQ(rows.size(), 1u);
  const auto row = rows[0];
  EXPECT_TRUE(row[1].as<bool>());
  const pqxx::binarystring octets(row[0]);
  const auto entries = DecodeMonthRecord({octets.get(), octets.size()});
  ASSERT_TRUE(entries.ok());
  v1::TreatmentMonth month;
  ASSERT_TRUE(month.ParseFromString(std::string(entries->front().body)));
  ASSERT_EQ(month.treatments_size(), 1);
  EXPECT_EQ(month.treatments(0).name(), "再診料");
  EXPECT_EQ(month.treatments(0).dates(1).day(), 13);
  EXPECT_FALSE(month.has_facility());
  ASSERT_TRUE(month.MergeFromString(std::string(entries->front().facilities)));
  EXPECT_EQ(month.facility().name(), "試験診療所");
  ExpectCopiesEqualTruth();
}

TEST_F(RecordFeedTest, AChangeReplacesAndKeepsWhatWasKnown) {
  reviewer_.Deliver(1, std::vector{ReceiptRow("A", 1), ReceiptRow("B", 1)});
  StagedReceipt changed = ReceiptRow("A", 1, kMonth, RowAction::kChanged);
  changed.record.treatments.clear();
  const FeedCounts counts =
      reviewer_.Deliver(2, std::vector{changed, ReceiptRow("B", 1, kMonth, RowAction::kChanged)});
  EXPECT_EQ(counts.changed_rows, 1);
  EXPECT_EQ(counts.unchanged_rows, 1);
  EXPECT_EQ(Records(), "1/2026-03:2 2/2026-03:1 3/2026-03:1 ");
  EXPECT_EQ(Count("receipt WHERE known_to IS NOT NULL"), 1);
  EXPECT_EQ(Count("receipt a JOIN kakunin.receipt b USING (person_id, month, reference)"
                  " WHERE a.known_to = b.known_from"),
            1);
  ExpectCopiesEqualTruth();
}

TEST_F(RecordFeedTest, AWithdrawnReceiptIsShownNoMoreAndWithdrawingAgainChangesNothing) {
  reviewer_.Deliver(1, std::vector{ReceiptRow("A", 1)});
  StagedReceipt lost;
  lost.action = RowAction::kLost;
  lost.individual = SampleNumber(1);
  lost.record.reviewer_number = kReviewer;
  lost.record.reference = "A";
  EXPECT_EQ(reviewer_.Deliver(2, std::vector{lost}).lost_rows, 1);
  EXPECT_EQ(Records(), "");
  EXPECT_EQ(reviewer_.Deliver(3, std::vector{lost}).unchanged_rows, 1);
  // A claim that comes back is new.
  EXPECT_EQ(reviewer_.Deliver(4, std::vector{ReceiptRow("A", 1)}).new_rows, 1);
  EXPECT_EQ(Records(), "1/2026-03:1 2/2026-03:1 3/2026-03:1 ");
  EXPECT_EQ(Count("receipt"), 2);
  ExpectCopiesEqualTruth();
}

TEST_F(RecordFeedTest, AChangeToAnotherMonthMovesTheRecord) {
  reviewer_.Deliver(1, std::vector{ReceiptRow("A", 1), ReceiptRow("B", 1)});
  reviewer_.Deliver(2, std::vector{ReceiptRow("A", 1, kMonth - 1, RowAction::kChanged)});
  EXPECT_EQ(Records(), "1/2026-02:1 1/2026-03:1 2/2026-02:1 2/2026-03:1 3/2026-02:1 3/2026-03:1 ");
  EXPECT_EQ(reviewer_.Deliver(3, std::vector{ReceiptRow("A", 1, kMonth - 1, RowAction::kChanged)})
                .unchanged_rows,
            1);
  ExpectCopiesEqualTruth();
}

TEST_F(RecordFeedTest, ARowWithoutANumberIsHiddenUntilAChangeGivesIt) {
  const FeedCounts hidden = reviewer_.Deliver(1, std::vector{Hidden(ReceiptRow("A", 1))});
  EXPECT_EQ(hidden.hidden_rows, 1);
  EXPECT_EQ(hidden.new_persons, 0);
  EXPECT_EQ(Records(), "");
  EXPECT_EQ(Count("hidden_receipt WHERE known_to IS NULL"), 1);
  EXPECT_EQ(
      reviewer_.Deliver(2, std::vector{ReceiptRow("A", 1, kMonth, RowAction::kChanged)}).new_rows,
      1);
  EXPECT_EQ(Count("hidden_receipt WHERE known_to IS NULL"), 0);
  EXPECT_EQ(Records(), "1/2026-03:1 2/2026-03:1 3/2026-03:1 ");
  ExpectCopiesEqualTruth();
}

TEST_F(RecordFeedTest, AHiddenRowIsWithdrawnWithoutANumber) {
  reviewer_.Deliver(1, std::vector{Hidden(ReceiptRow("A", 1))});
  EXPECT_EQ(reviewer_.Deliver(2, std::vector{Hidden(ReceiptRow("A", 1, kMonth, RowAction::kLost))})
                .lost_rows,
            1);
  EXPECT_EQ(Count("hidden_receipt WHERE known_to IS NULL"), 0);
  // What is shown is withdrawn only by whoever knows whose it is.
  reviewer_.Deliver(3, std::vector{ReceiptRow("B", 1)});
  EXPECT_EQ(reviewer_.Deliver(4, std::vector{Hidden(ReceiptRow("B", 1, kMonth, RowAction::kLost))})
                .refused_rows,
            1);
  EXPECT_EQ(Records(), "1/2026-03:1 2/2026-03:1 3/2026-03:1 ");
}

TEST_F(RecordFeedTest, RowsThatCannotBeBelievedAreRefusedAndBlockNobody) {
  reviewer_.Deliver(1, std::vector{ReceiptRow("A", 1), ReceiptRow("K", 1)});
  StagedReceipt exists = ReceiptRow("A", 1);
  exists.record.kind = ReceiptKind::kInpatient;
  const FeedId id = reviewer_.Stage(
      2, std::vector{exists, ReceiptRow("K", 2, kMonth, RowAction::kChanged),
                     ReceiptRow("?", 1, kMonth, RowAction::kChanged),
                     ReceiptRow("-", 1, kMonth, RowAction::kLost), ReceiptRow("T", 1),
                     ReceiptRow("T", 1, kMonth - 1), ReceiptRow("G", 3)});
  const auto published = reviewer_.Publish(id, FeedDriver::InstantOf(2));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->counts.new_rows, 1);
  EXPECT_EQ(published->counts.refused_rows, 6);
  EXPECT_EQ(ReasonsOf(reviewer_, id),
            "A:REFERENCE_EXISTS K:PERSON_CONFLICT ?:REFERENCE_UNKNOWN -:REFERENCE_UNKNOWN"
            " T:DUPLICATE_REFERENCE T:DUPLICATE_REFERENCE ");
  ExpectCopiesEqualTruth();
}

TEST_F(RecordFeedTest, AllReceiptsOfAPersonStandOrFallTogether) {
  const FeedId id = reviewer_.Stage(
      1, std::vector{ReceiptRow("A", 1), ReceiptRow("?", 1, kMonth, RowAction::kChanged),
                     ReceiptRow("B", 2), ReceiptRow("C", 3)});
  ASSERT_TRUE(reviewer_
                  .Append(id, std::vector{ReceiptRow("D", 1), ReceiptRow("E", 4)}, {}, 1,
                          {SampleNumber(3).hash})
                  .ok());
  const auto published = reviewer_.Publish(id, FeedDriver::InstantOf(1));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(ReasonsOf(reviewer_, id),
            "A:REFUSED_BESIDE ?:REFERENCE_UNKNOWN C:REFUSED_BESIDE D:REFUSED_BESIDE ");
  EXPECT_EQ(published->counts.new_rows, 2);
  EXPECT_EQ(published->counts.new_persons, 2);
  ExpectCopiesEqualTruth();
}

TEST_F(RecordFeedTest, AllHealthChecksOfAPersonStandOrFallTogether) {
  const FeedId id = insurer_.Stage(1, std::vector{CheckRow("A", 1, absl::CivilDay(2026, 3, 3)),
                                                  CheckRow("B", 1, absl::CivilDay(2026, 3, 4)),
                                                  CheckRow("B", 2, absl::CivilDay(2026, 3, 5)),
                                                  CheckRow("C", 3, absl::CivilDay(2026, 3, 6))});
  const auto published = insurer_.Publish(id, FeedDriver::InstantOf(1));
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(ReasonsOf(insurer_, id),
            "A:REFUSED_BESIDE B:DUPLICATE_REFERENCE B:DUPLICATE_REFERENCE ");
  EXPECT_EQ(published->counts.new_rows, 1);
}

TEST_F(RecordFeedTest, TwoReviewersWithOneReferenceAreTwoClaimsOfOneMonth) {
  reviewer_.Deliver(1, std::vector{ReceiptRow("A", 1)});
  other_.Deliver(1, std::vector{ReceiptRow("A", 1, kMonth, RowAction::kNew, kOtherReviewer)});
  EXPECT_EQ(Records(), "1/2026-03:2 2/2026-03:2 3/2026-03:2 ");
  ExpectCopiesEqualTruth();
}

TEST_F(RecordFeedTest, AHealthCheckIsReadInItsMonthAndMovesWithItsDay) {
  insurer_.Deliver(1, std::vector{CheckRow("H", 1, absl::CivilDay(2025, 6, 30))});
  EXPECT_EQ(Records(), "4/2025-06:1 ");
  insurer_.Deliver(2,
                   std::vector{CheckRow("H", 1, absl::CivilDay(2025, 7, 1), RowAction::kChanged)});
  EXPECT_EQ(Records(), "4/2025-07:1 ");
  EXPECT_EQ(
      insurer_
          .Deliver(3, std::vector{CheckRow("H", 1, absl::CivilDay(2025, 7, 1), RowAction::kLost)})
          .lost_rows,
      1);
  EXPECT_EQ(Records(), "");
  ExpectCopiesEqualTruth();
}

TEST_F(RecordFeedTest, AReceiptLiesInThePartitionOfItsMonth) {
  const absl::CivilMonth present(2026, 4);  // of TestInstant
  reviewer_.Deliver(1, std::vector{ReceiptRow("A", 1, present), ReceiptRow("B", 1, present - 2)});
  EXPECT_EQ(Count("receipt_default"), 0);
  EXPECT_EQ(Count("receipt_2026_04"), 1);
  EXPECT_EQ(Count("receipt_2026_02"), 1);
}

// Both write the copies of one person, whom neither knows yet.
TEST_F(RecordFeedTest, FeedsOfTwoPartiesAboutOnePersonWaitForEachOther) {
  const FeedId first = reviewer_.Stage(1, std::vector{ReceiptRow("A", 1), ReceiptRow("B", 2)});
  const FeedId second =
      other_.Stage(1, std::vector{ReceiptRow("A", 2, kMonth, RowAction::kNew, kOtherReviewer),
                                  ReceiptRow("B", 1, kMonth, RowAction::kNew, kOtherReviewer)});
  std::promise<void> staged;
  std::promise<void> release;
  std::thread holder([&] {
    const absl::Status status = reviewer_.pool().Write(Soon(), [&](Transaction& tx) {
      const auto published = reviewer_.PublishIn(tx, first);
      staged.set_value();
      release.get_future().wait();
      return published.status();
    });
    EXPECT_TRUE(status.ok()) << status;
  });
  staged.get_future().wait();
  std::thread waiter([&] {
    const auto published = other_.Publish(second);
    ASSERT_TRUE(published.ok()) << published.status();
    EXPECT_EQ(published->counts.new_rows, 2);
  });
  AwaitBlocked(database_, 1);
  release.set_value();
  holder.join();
  waiter.join();
  EXPECT_EQ(Count("person"), 2);
  EXPECT_EQ(Count("answer"), 2);
  ExpectCopiesEqualTruth();
}

TEST_F(RecordFeedTest, ComparingFindsEveryKindOfDifference) {
  reviewer_.Deliver(1, std::vector{ReceiptRow("A", 1)});
  database_.Exec("UPDATE kakunin.month_record SET octets = octets || 'x' WHERE kind = 1");
  database_.Exec("DELETE FROM kakunin.month_record WHERE kind = 2");
  database_.Exec("UPDATE kakunin.month_record SET kind = 4 WHERE kind = 3");
  const absl::Status status = database_.Open("kakunin_migrate")->Read(Soon(), [&](Transaction& tx) {
    const auto found = CompareMonthRecords(tx, CopiesOfThisFormat());
    if (found.ok()) {
      EXPECT_EQ(found->records, 3);
      EXPECT_EQ(found->differ, 1);
      EXPECT_EQ(found->missing, 2);
      EXPECT_EQ(found->unfounded, 1);
    }
    return found.status();
  });
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace kakunin
