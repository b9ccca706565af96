// What a party is told of chunks and numbers that are not what they should be, on the real stores.
#include "domain/error.h"
#include "server/rpc/status.h"
#include "server/usecases/feed_intake.h"
#include "tests/feed/feed_port_fixture.h"

namespace kakunin {
namespace {

class FeedExactlyOnceTest : public testing::Test {
 protected:
  grpc::Status Begin(int64_t number, const std::string& digest, v1::Feed& feed) {
    v1::BeginFeedRequest request;
    request.set_request_id(TestUuid());
    request.set_kind(v1::FEED_KIND_COVERAGES);
    request.set_feed_number(number);
    request.set_content_digest(digest);
    grpc::ClientContext context;
    v1::BeginFeedResponse response;
    const grpc::Status status = stub_->BeginFeed(&context, request, &response);
    feed = response.feed();
    return status;
  }
  grpc::Status Push(const v1::PushRowsRequest& chunk) {
    grpc::ClientContext context;
    const auto stream = stub_->PushRows(&context);
    v1::PushRowsResponse receipt;
    stream->Write(chunk);
    stream->Read(&receipt);
    stream->WritesDone();
    return stream->Finish();
  }
  grpc::Status Seal(const std::string& feed, int64_t chunks, int64_t rows,
                    v1::SealFeedResponse& response) {
    v1::SealFeedRequest request;
    request.set_feed_id(feed);
    request.set_chunk_count(chunks);
    request.set_row_count(rows);
    grpc::ClientContext context;
    return stub_->SealFeed(&context, request, &response);
  }
  static v1::PushRowsRequest Chunk(const std::string& feed, int64_t number, int rows) {
    v1::PushRowsRequest chunk;
    chunk.set_feed_id(feed);
    chunk.set_chunk_number(number);
    for (int row = 0; row < rows; ++row) *chunk.add_coverages() = SampleCoverageRow(row + 1);
    chunk.set_row_count(rows);
    return chunk;
  }

  FeedPort port_;
  std::unique_ptr<v1::InsurerFeedService::Stub> stub_ = port_.Stub();
};

TEST_F(FeedExactlyOnceTest, TheSameNumberAndContentHasTheSameReceiptAndAnotherContentNone) {
  v1::Feed first;
  ASSERT_TRUE(Begin(1, std::string(32, 'a'), first).ok());
  ASSERT_TRUE(Push(Chunk(first.feed_id(), 1, 20)).ok());
  v1::SealFeedResponse sealed;
  ASSERT_TRUE(Seal(first.feed_id(), 1, 20, sealed).ok());
  const std::vector<std::string> tables = port_.Tables();

  v1::Feed again;
  ASSERT_TRUE(Begin(1, std::string(32, 'a'), again).ok());
  EXPECT_EQ(again.feed_id(), first.feed_id());
  EXPECT_EQ(again.state(), v1::FEED_STATE_PUBLISHED);
  EXPECT_TRUE(Push(Chunk(first.feed_id(), 1, 20)).ok());
  v1::SealFeedResponse sealed_again;
  ASSERT_TRUE(Seal(again.feed_id(), 1, 20, sealed_again).ok());
  EXPECT_EQ(sealed_again.SerializeAsString(), sealed.SerializeAsString());
  EXPECT_EQ(port_.Tables(), tables);

  const grpc::Status reused = Begin(1, std::string(32, 'b'), again);
  EXPECT_EQ(reused.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(DescribeError(reused).reason, "FEED_NUMBER_REUSED");
  EXPECT_EQ(DescribeError(Begin(2, "short", again)).violations.at(0).field, "content_digest");
  EXPECT_EQ(port_.Count("feed"), 1);
}

TEST_F(FeedExactlyOnceTest, AGapTellsTheExpectedNumber) {
  v1::Feed feed;
  ASSERT_TRUE(Begin(1, "", feed).ok());
  const grpc::Status gap = Push(Chunk(feed.feed_id(), 2, 1));
  EXPECT_EQ(gap.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(DescribeError(gap).expected_chunk, 1);
}

TEST_F(FeedExactlyOnceTest, FeedsAreNumberedOneAfterTheOtherFromWhicheverIsTheFirst) {
  v1::Feed feed;
  ASSERT_TRUE(Begin(41, "", feed).ok());
  for (const int64_t number : {1, 40, 43}) {
    const grpc::Status gap = Begin(number, "", feed);
    EXPECT_EQ(gap.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(DescribeError(gap).reason, "FEED_NUMBER_GAP");
    EXPECT_EQ(DescribeError(gap).expected_feed_number, 42) << number;
  }
  EXPECT_EQ(port_.Count("feed"), 1);

  // One that was given up has had its number.
  ASSERT_TRUE(Begin(42, "", feed).ok());
  v1::CancelFeedRequest cancel;
  cancel.set_feed_id(feed.feed_id());
  grpc::ClientContext context;
  v1::CancelFeedResponse cancelled;
  ASSERT_TRUE(stub_->CancelFeed(&context, cancel, &cancelled).ok());
  EXPECT_EQ(DescribeError(Begin(44, "", feed)).expected_feed_number, 43);
  ASSERT_TRUE(Begin(42, "", feed).ok());
  EXPECT_EQ(feed.state(), v1::FEED_STATE_CANCELLED);
  EXPECT_TRUE(Begin(43, "", feed).ok());
}

TEST_F(FeedExactlyOnceTest, TruncatedAndOversizedChunksHaveReasonsOfTheirOwnAndLeaveNothing) {
  v1::Feed feed;
  ASSERT_TRUE(Begin(1, "", feed).ok());
  auto truncated = Chunk(feed.feed_id(), 1, 3);
  truncated.mutable_coverages()->RemoveLast();
  auto empty = truncated;
  empty.clear_coverages();
  for (const auto& chunk : {truncated, empty}) {
    const grpc::Status status = Push(chunk);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(DescribeError(status).reason, "FEED_CHUNK_TRUNCATED");
  }
  EXPECT_EQ(DescribeError(Push(Chunk(feed.feed_id(), 1, kMostRowsInChunk + 1))).reason,
            "FEED_CHUNK_TOO_LARGE");
  // Beyond the port's own bound gRPC refuses the message before it is one.
  auto enormous = Chunk(feed.feed_id(), 1, 1);
  enormous.mutable_coverages(0)->set_address(std::string(5 << 20, 'x'));
  EXPECT_EQ(Push(enormous).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(port_.Count("feed_chunk"), 0);
  EXPECT_TRUE(Push(Chunk(feed.feed_id(), 1, kMostRowsInChunk)).ok());
  EXPECT_EQ(port_.Count("feed_chunk"), 1);
}

}  // namespace
}  // namespace kakunin
