#include "server/bench/bench_records.h"

#include <gtest/gtest.h>

#include <set>

#include "server/rpc/convert_record_rows.h"

namespace kakunin::bench {
namespace {

constexpr absl::CivilDay kToday(2026, 11, 21);

RecordSubjects TwoSubjects() {
  return std::make_shared<std::vector<RecordSubject>>(
      std::vector<RecordSubject>{{0, "123456789018", 3}, {1, "210987654321", 5}});
}

// Everything that a feed pushes.
v1::PushRowsRequest All(const dev::FeedToPush& feed) {
  v1::PushRowsRequest rows;
  const auto source = feed.source();
  while ((*source)(rows).value()) {
  }
  return rows;
}

TEST(BenchRecords, EverybodyHasTwoHundredDrugsThatAFeedTakes) {
  v1::PushRowsRequest rows = All(Receipts(TwoSubjects(), kToday));
  std::set<std::string> references;
  int drugs = 0;
  for (v1::ReceiptRow& row : *rows.mutable_receipts()) {
    references.insert(row.receipt_reference());
    for (const v1::DrugDay& day : row.drug_days()) drugs += day.drugs_size();
    EXPECT_TRUE(ReadReceiptRow(row).faults.empty());
  }
  EXPECT_EQ(references.size(), 2u * kDrugMonths);
  EXPECT_EQ(drugs, 2 * 200);
  EXPECT_EQ(rows.receipts(0).treatment_month(), "2024-10");  // the oldest month first
  EXPECT_EQ(rows.receipts(rows.receipts_size() - 1).treatment_month(), "2026-10");
}

TEST(BenchRecords, EverybodyHasOneExaminationOfSixtyItemsByTheirInsurer) {
  v1::PushRowsRequest rows = All(HealthChecks(TwoSubjects(), 5, kToday));
  ASSERT_EQ(rows.health_checks_size(), 1);
  v1::HealthCheckRow& row = *rows.mutable_health_checks(0);
  std::set<std::string> codes;
  for (const v1::HealthCheckItem& item : row.items()) codes.insert(item.code());
  EXPECT_EQ(codes.size(), 60u);
  EXPECT_EQ(row.individual_number(), "210987654321");
  EXPECT_TRUE(ReadHealthCheckRow(row).faults.empty());
  EXPECT_EQ(All(HealthChecks(TwoSubjects(), 7, kToday)).health_checks_size(), 0);
}

}  // namespace
}  // namespace kakunin::bench
