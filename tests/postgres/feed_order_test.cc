// A feed that waited while a later one was published: what that one told stays, of every kind.

#include "kakunin/v1/record_service.pb.h"
#include "server/rpc/record_octets.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {
namespace {

class FeedOrderTest : public testing::Test {
 protected:
  static StagedCoverage Row(int who, const std::string& address,
                            RowAction action = RowAction::kChanged) {
    StagedCoverage row = SampleRow(kInsurerA, "R" + std::to_string(who), who, action);
    row.record.address = address;
    return row;
  }
  static StagedCoverage Unnumbered(StagedCoverage row) {
    row.individual.reset();
    return row;
  }
  static StagedReceipt ReceiptRow(const std::string& reference, const std::string& facility,
                                  RowAction action = RowAction::kChanged) {
    Receipt receipt;
    receipt.reviewer_number = "113";
    receipt.reference = reference;
    receipt.treatment_month = absl::CivilMonth(2026, 3);
    receipt.facility = {"1310000019", facility};
    return {.action = action, .individual = SampleNumber(1), .record = receipt};
  }
  static StagedLimit LimitRow(const std::string& reference, const std::string& flag,
                              RowAction action = RowAction::kChanged) {
    return {.action = action,
            .individual = SampleNumber(1),
            .record = {reference,
                       "R1",
                       {.classification = 1,
                        .classification_flag = flag,
                        .valid_from = absl::CivilDay(2026, 4, 1)}}};
  }

  // The reasons of a waiting feed that is published after all.
  std::string PublishLate(FeedDriver& driver, const FeedId& id) {
    const auto published = driver.Publish(id, FeedDriver::InstantOf(++late_));
    EXPECT_TRUE(published.ok()) << published.status();
    if (published.ok()) counts_ = published->counts;
    std::string reasons;
    for (const Finding& finding : driver.Findings(id)) {
      reasons += finding.reference + ":" + finding.reason + " ";
    }
    return reasons;
  }
  void Undo(FeedDriver& driver, const FeedId& id) {
    const absl::Status status = driver.pool().Write(Soon(), [&](Transaction& tx) {
      const auto feed = driver.store().Find(tx, kInsurerA, id, true);
      return driver.store()
          .Undo(tx, **feed, FeedDriver::InstantOf(++late_), CopiesOfThisFormat(),
                UndoMode::kUntouched)
          .status();
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  void Cancel(FeedDriver& driver, const FeedId& id) {
    const absl::Status status = driver.pool().Write(Soon(), [&](Transaction& tx) {
      const auto feed = driver.store().Find(tx, kInsurerA, id, true);
      return driver.store().SetState(tx, **feed, FeedState::kCancelled,
                                     FeedDriver::InstantOf(++late_));
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  std::string Addresses() {
    return database_
        .Exec(
            "SELECT coalesce(string_agg(coverage_reference || address, ' ' ORDER BY"
            " coverage_reference), '') FROM kakunin.coverage WHERE known_to IS NULL")[0][0]
        .c_str();
  }
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }

  const TestDatabase database_;
  FeedDriver a_{database_, kInsurerA};
  FeedDriver receipts_{database_, "113", FeedKind::kReceipts, CopiesOfThisFormat()};
  FeedDriver limits_{database_, kInsurerA, FeedKind::kLimitCertificates, CopiesOfThisFormat()};
  int64_t late_ = 100;
  FeedCounts counts_;
};

TEST_F(FeedOrderTest, WhatALaterFeedToldIsNotOverwrittenByAnEarlierOne) {
  a_.Deliver(4, std::vector{Row(1, "古", RowAction::kNew), Row(2, "古", RowAction::kNew),
                            Row(3, "古", RowAction::kNew)});
  StagedCoverage lost = Row(3, "古", RowAction::kLost);
  const FeedId waiting = a_.Stage(5, std::vector{Row(1, "中"), Row(2, "中"), Row(3, "中")});
  lost.record.disqualification_date = absl::CivilDay(2026, 4, 1);
  a_.Deliver(6, std::vector{Row(1, "新"), lost});
  // Of what was known between the two a certificate makes another version.
  limits_.Deliver(1, std::vector{LimitRow("L1", "A01", RowAction::kNew)});
  EXPECT_EQ(PublishLate(a_, waiting), "R1:ROW_OUTDATED R3:ROW_OUTDATED ");
  EXPECT_EQ(counts_.changed_rows, 1);
  EXPECT_EQ(counts_.refused_rows, 2);
  EXPECT_EQ(Addresses(), "R1新 R2中 R3古");
}

TEST_F(FeedOrderTest, ALaterFeedThatToldWhatIsKnownStaysAsWell) {
  StagedCoverage known = Row(2, "古", RowAction::kNew);
  known.row_hash = SampleKey(7);
  a_.Deliver(4, std::vector{Row(1, "古", RowAction::kNew), known});
  const FeedId waiting =
      a_.Stage(5, std::vector{Row(1, "中"), Row(2, "中"), Row(3, "新", RowAction::kNew)});
  // One row is compared, the other known by its hash.
  const FeedId later = a_.Begin(6).id;
  const absl::Status status = a_.pool().Write(Soon(), [&](Transaction& tx) {
    const auto feed = a_.store().Find(tx, kInsurerA, later, true);
    return a_.store().AppendChunk(tx, **feed, {.number = 1, .rows = 2},
                                  StagedRows(std::vector{Row(1, "古")}),
                                  std::vector<ToldRow>{{1, "R2", SampleKey(7)}}, {});
  });
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_TRUE(a_.Publish(later, FeedDriver::InstantOf(6)).ok());
  EXPECT_GT(Count("feed_unchanged"), 0) << "as long as an earlier feed waits";
  EXPECT_EQ(PublishLate(a_, waiting), "R1:ROW_OUTDATED R2:ROW_OUTDATED ");
  EXPECT_EQ(Addresses(), "R1古 R2古 R3新");
  EXPECT_EQ(Count("feed_unchanged"), 0);
}

TEST_F(FeedOrderTest, WhatIsKeptForAnEarlierFeedGoesWhenThatIsGivenUp) {
  a_.Deliver(4, std::vector{Row(1, "古", RowAction::kNew)});
  const FeedId first = a_.Stage(5, std::vector{Row(1, "中")});
  const FeedId second = a_.Stage(6, std::vector{Row(1, "中")});
  a_.Deliver(7, std::vector{Row(1, "古")});
  Cancel(a_, second);
  EXPECT_EQ(Count("feed_unchanged"), 1) << "the first waits";
  Cancel(a_, first);
  EXPECT_EQ(Count("feed_unchanged"), 0);
  a_.Deliver(8, std::vector{Row(1, "古")});
  EXPECT_EQ(Count("feed_unchanged"), 0) << "nobody waits";
}

TEST_F(FeedOrderTest, AnUndoneFeedHasToldNothing) {
  a_.Deliver(4, std::vector{Row(1, "古", RowAction::kNew)});
  const FeedId waiting = a_.Stage(5, std::vector{Row(1, "中")});
  const FeedId later = a_.Stage(6, std::vector{Row(1, "新")});
  ASSERT_TRUE(a_.Publish(later, FeedDriver::InstantOf(6)).ok());
  Undo(a_, later);
  EXPECT_EQ(PublishLate(a_, waiting), "");
  EXPECT_EQ(Addresses(), "R1中");
}

TEST_F(FeedOrderTest, AHiddenRowOfALaterFeedIsNotReplacedAndAnEarlierOneHidesNothing) {
  a_.Deliver(4, std::vector{Row(1, "古", RowAction::kNew), Row(2, "古", RowAction::kNew)});
  const FeedId waiting = a_.Stage(5, std::vector{Row(1, "古"), Unnumbered(Row(2, "中"))});
  a_.Deliver(6, std::vector{Unnumbered(Row(1, "新")), Row(2, "新")});
  EXPECT_EQ(PublishLate(a_, waiting), "R1:ROW_OUTDATED R2:ROW_OUTDATED ");
  EXPECT_EQ(Addresses(), "R1古 R2新");
  EXPECT_EQ(Count("hidden_coverage WHERE known_to IS NULL"), 1);
}

TEST_F(FeedOrderTest, AReceiptThatALaterFeedWithdrewDoesNotComeBack) {
  receipts_.Deliver(4, std::vector{ReceiptRow("A", "古", RowAction::kNew),
                                   ReceiptRow("B", "古", RowAction::kNew)});
  const FeedId waiting = receipts_.Stage(
      5, std::vector{ReceiptRow("A", "中", RowAction::kNew), ReceiptRow("B", "中")});
  receipts_.Deliver(6, std::vector{ReceiptRow("A", "古", RowAction::kLost), ReceiptRow("B", "新")});
  EXPECT_EQ(Count("receipt WHERE known_to IS NULL"), 1);
  EXPECT_EQ(PublishLate(receipts_, waiting), "A:ROW_OUTDATED B:ROW_OUTDATED ");
  EXPECT_EQ(Count("receipt WHERE known_to IS NULL"), 1);
}

TEST_F(FeedOrderTest, ACertificateOfALaterFeedStays) {
  a_.Deliver(1, std::vector{Row(1, "古", RowAction::kNew)});
  limits_.Deliver(4, std::vector{LimitRow("L1", "A01", RowAction::kNew)});
  const FeedId waiting = limits_.Stage(5, std::vector{LimitRow("L1", "A02")});
  limits_.Deliver(6, std::vector{LimitRow("L1", "A03")});
  // The coverage's own row comes after it, and leaves its certificates alone.
  a_.Deliver(7, std::vector{Row(1, "新")});
  EXPECT_EQ(PublishLate(limits_, waiting), "L1:ROW_OUTDATED ");
  EXPECT_EQ(Count("coverage WHERE known_to IS NULL AND certificates @>"
                  " '[{\"classification_flag\": \"A03\"}]'"),
            1);
}

}  // namespace
}  // namespace kakunin
