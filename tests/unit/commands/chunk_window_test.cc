#include "server/commands/chunk_window.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

class NumberedRows final : public FeedRows {
 public:
  explicit NumberedRows(int count) : count_(count) {}
  absl::StatusOr<bool> Next(google::protobuf::Message& row) override {
    if (read_ == count_) return false;
    auto& coverage = static_cast<v1::CoverageRow&>(row);
    coverage.set_coverage_reference(std::to_string(++read_));
    return true;
  }
  int64_t place() const override { return read_; }

 private:
  const int count_;
  int read_ = 0;
};

FeedChunks ChunksOf(int rows, const ChunkBounds& bounds = {.most_rows = 2}) {
  return FeedChunks(v1::FEED_KIND_COVERAGES, std::make_unique<NumberedRows>(rows), bounds);
}

std::vector<int> Sizes(FeedChunks chunks) {
  std::vector<int> sizes;
  v1::PushRowsRequest chunk;
  while (*chunks.Next(chunk)) {
    EXPECT_EQ(chunk.chunk_number(), static_cast<int64_t>(sizes.size()) + 1);
    EXPECT_EQ(chunk.row_count(), chunk.coverages_size());
    sizes.push_back(chunk.row_count());
  }
  return sizes;
}

TEST(FeedChunks, EndAtWhicheverBoundIsMetFirst) {
  EXPECT_EQ(Sizes(ChunksOf(5)), (std::vector<int>{2, 2, 1}));
  EXPECT_EQ(Sizes(ChunksOf(4)), (std::vector<int>{2, 2}));
  EXPECT_EQ(Sizes(ChunksOf(0)), std::vector<int>{});
  EXPECT_EQ(Sizes(ChunksOf(3, {.most_rows = 10, .most_octets = 1})), (std::vector<int>{1, 1, 1}));
}

TEST(FeedChunks, TheDigestStandsForRowsOrderAndCuts) {
  const FeedSummary summary = *SummariseFeed(ChunksOf(5));
  EXPECT_EQ(summary.chunk_count, 3);
  EXPECT_EQ(summary.row_count, 5);
  EXPECT_EQ(*SummariseFeed(ChunksOf(5)), summary);
  EXPECT_NE(SummariseFeed(ChunksOf(6))->digest, summary.digest);
  EXPECT_NE(SummariseFeed(ChunksOf(5, {.most_rows = 3}))->digest, summary.digest);
}

TEST(RowPlaces, FindsRowsOfTheReportInTheFile) {
  RowPlaces places(ChunksOf(5));
  EXPECT_EQ(*places.Find(1, 1), 2);
  EXPECT_EQ(*places.Find(3, 0), 5);
  EXPECT_EQ(*places.Find(3, 1), 0);
  EXPECT_EQ(*places.Find(4, 0), 0);
}

class ChunkWindowTest : public testing::Test {
 protected:
  // The number of the next chunk to send; 0: none.
  int64_t Send() {
    const auto chunk = window_.ToSend();
    EXPECT_TRUE(chunk.ok());
    return *chunk == nullptr ? 0 : (*chunk)->chunk_number();
  }

  int opened_ = 0;
  ChunkWindow window_{[this]() -> absl::StatusOr<FeedChunks> {
                        ++opened_;
                        return ChunksOf(10);  // five chunks
                      },
                      2};
};

TEST_F(ChunkWindowTest, HandsOutChunksInOrderAndSoManyAtATime) {
  EXPECT_EQ(Send(), 1);
  EXPECT_EQ(Send(), 2);
  EXPECT_EQ(Send(), 0);
  EXPECT_TRUE(window_.Acknowledge(1).ok());
  EXPECT_EQ(Send(), 3);
  EXPECT_EQ(window_.under_way(), 2);
}

TEST_F(ChunkWindowTest, EndsWhenAllIsAcknowledged) {
  for (int64_t chunk = 1; chunk <= 5; ++chunk) {
    EXPECT_EQ(Send(), chunk);
    EXPECT_TRUE(window_.Acknowledge(chunk).ok());
  }
  EXPECT_EQ(Send(), 0);
  EXPECT_EQ(window_.under_way(), 0);
  EXPECT_EQ(window_.summary()->row_count, 10);
}

TEST_F(ChunkWindowTest, AReceiptOutOfOrderIsNotTaken) {
  EXPECT_EQ(window_.Acknowledge(1).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Send(), 1);
  EXPECT_EQ(Send(), 2);
  EXPECT_EQ(window_.Acknowledge(2).code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(window_.Acknowledge(1).ok());
  EXPECT_EQ(window_.Acknowledge(1).code(), absl::StatusCode::kInternal);
}

TEST_F(ChunkWindowTest, ResumesWhereverTheServerSaysAndReadsTheFileOnce) {
  Send();
  Send();
  ASSERT_TRUE(window_.Resume(1).ok());  // nothing arrived
  EXPECT_EQ(Send(), 1);
  ASSERT_TRUE(window_.Resume(2).ok());  // the first did
  EXPECT_EQ(Send(), 2);
  EXPECT_EQ(Send(), 3);
  ASSERT_TRUE(window_.Resume(4).ok());  // both did, without a receipt
  EXPECT_EQ(Send(), 4);
  EXPECT_EQ(Send(), 5);
  ASSERT_TRUE(window_.Resume(6).ok());
  EXPECT_EQ(Send(), 0);
  EXPECT_EQ(opened_, 1);
}

TEST_F(ChunkWindowTest, ReadsAnewWhatTheServerHasLost) {
  ASSERT_TRUE(window_.Resume(4).ok());
  EXPECT_EQ(Send(), 4);
  ASSERT_TRUE(window_.Resume(2).ok());
  EXPECT_EQ(Send(), 2);
  EXPECT_EQ(opened_, 2);
}

TEST_F(ChunkWindowTest, AServerWithMoreThanTheFileIsAnError) {
  EXPECT_TRUE(window_.Resume(6).ok());
  EXPECT_EQ(window_.Resume(7).code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace kakunin
