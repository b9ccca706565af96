#include "server/denial_audit.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/unit/server/gated_database.h"

namespace kakunin {
namespace {

constexpr size_t kQueue = 4096;

AuditRecord Numbered(int64_t number) {
  AuditRecord record;
  record.actor = std::to_string(number);
  return record;
}

class DenialAuditTest : public testing::Test {
 protected:
  // Leaves exactly `kQueue` rows waiting: the writer has met the shut door and put its batch back.
  void Fill() {
    database_.Open(false);
    for (size_t i = 0; i < kQueue; ++i) writer_->Add(Numbered(static_cast<int64_t>(i)));
  }

  GatedDatabase database_;
  std::unique_ptr<DenialAuditWriter> writer_ = std::make_unique<DenialAuditWriter>(database_);
};

TEST_F(DenialAuditTest, WritesEveryRowOnceAndInOrder) {
  for (int i = 0; i < 1000; ++i) writer_->Add(Numbered(i));
  const auto rows = database_.WaitForRows(1000);
  ASSERT_EQ(rows.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(rows[i].actor, std::to_string(i));
}

TEST_F(DenialAuditTest, KeepsRowsWhileTheDatabaseIsAway) {
  database_.Open(false);
  for (int i = 0; i < 300; ++i) writer_->Add(Numbered(i));
  ASSERT_TRUE(database_.WaitForAttempts(2));
  database_.Open(true);
  const auto rows = database_.WaitForRows(300);
  ASSERT_EQ(rows.size(), 300u);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(rows[i].actor, std::to_string(i));
  EXPECT_EQ(writer_->Dropped(), 0);
}

TEST_F(DenialAuditTest, WhatDoesNotFitIsCountedAndToldInTheNextRow) {
  Fill();
  // Rows that the writer holds in its hand while it fails make room for a moment, so a few of these
  // may still fit.
  for (size_t i = 0; i < 2 * kQueue; ++i) writer_->Add(Numbered(-1));
  const int64_t dropped = writer_->Dropped();
  EXPECT_GT(dropped, 0);
  const size_t kept = 3 * kQueue - static_cast<size_t>(dropped);
  database_.Open(true);
  ASSERT_EQ(database_.WaitForRows(kept).size(), kept);
  writer_->Add(Numbered(-2));
  const auto rows = database_.WaitForRows(kept + 1);
  ASSERT_EQ(rows.size(), kept + 1);
  int64_t told = 0;
  for (const AuditRecord& row : rows) {
    if (row.details.starts_with("dropped=")) told += std::stoll(row.details.substr(8));
  }
  EXPECT_EQ(told, dropped);
}

TEST_F(DenialAuditTest, TheEndWritesWhatIsQueued) {
  for (int i = 0; i < 600; ++i) writer_->Add(Numbered(i));
  writer_.reset();
  EXPECT_EQ(database_.WaitForRows(600).size(), 600u);
}

TEST_F(DenialAuditTest, TheEndWaitsTwoSecondsForADatabaseAndDoesNotStorm) {
  database_.Open(false);
  writer_->Add(Numbered(1));
  ASSERT_TRUE(database_.WaitForAttempts(1));
  const auto began = std::chrono::steady_clock::now();
  writer_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
  EXPECT_LE(database_.attempts(), 15);
}

}  // namespace
}  // namespace kakunin
