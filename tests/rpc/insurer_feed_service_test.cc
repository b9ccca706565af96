#include "server/rpc/insurer_feed_service.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/fields.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/status.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/request_store.h"
#include "storage/store_error.h"
#include "tests/support/memory_feed_store.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

constexpr char kNumber[] = "123456789018";  // its check digit is right

v1::CoverageRow Row(const std::string& reference) {
  v1::CoverageRow row;
  row.set_action(v1::ROW_ACTION_NEW);
  row.set_coverage_reference(reference);
  row.set_individual_number(kNumber);
  row.set_card_classification(v1::CARD_CLASSIFICATION_GENERAL);
  row.set_symbol("1234");
  row.set_number("5678910");
  row.set_branch_number("01");
  row.mutable_name()->set_original("厚労　太郎");
  row.set_sex(v1::SEX_MALE);
  *row.mutable_birth_date() = DayToProto(absl::CivilDay(1970, 1, 1));
  *row.mutable_qualification_date() = DayToProto(absl::CivilDay(2018, 7, 1));
  return row;
}

v1::PushRowsRequest Chunk(const std::string& feed, int64_t number, int rows = 1) {
  v1::PushRowsRequest request;
  request.set_feed_id(feed);
  request.set_chunk_number(number);
  for (int i = 0; i < rows; ++i) {
    *request.add_coverages() = Row(std::to_string(number) + "-" + std::to_string(i));
  }
  return request;
}

class InsurerFeedServiceTest : public testing::Test {
 protected:
  using Stub = v1::InsurerFeedService::Stub;

  // Stream is one open PushRows call.
  struct Stream {
    explicit Stream(Stub& stub) : call(stub.PushRows(&context)) {}
    // Push sends a chunk and waits for its acknowledgement; empty when the stream ended instead.
    std::optional<v1::PushRowsResponse> Push(const v1::PushRowsRequest& chunk) {
      v1::PushRowsResponse response;
      if (!call->Write(chunk) || !call->Read(&response)) return std::nullopt;
      return response;
    }
    grpc::Status Close() {
      call->WritesDone();
      return call->Finish();
    }
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<v1::PushRowsRequest, v1::PushRowsResponse>> call;
  };

  InsurerFeedServiceTest() {
    RegisterTestCallers(database_, clock_.Now());
    server_ = std::make_unique<RpcServer>(database_, clock_, Port::kInsurer);
  }
  ~InsurerFeedServiceTest() override { server_->Stop(); }

  void Start(const InsurerFeedLimits& limits = {}) {
    service_ = MakeService(limits);
    server_->Start(*service_);
    stub_ = StubOf(Caller::kInsurer);
  }
  std::unique_ptr<grpc::Service> MakeService(const InsurerFeedLimits& limits) {
    return MakeInsurerFeedService(
        {server_->dispatch(), server_->database(), feeds_, server_->registry_store(), requests_,
         FeedKeys{number_key_, look_up_key_, audit_key_}, CopiesOfThisFormat(), histories_},
        limits);
  }
  std::unique_ptr<Stub> StubOf(Caller caller) {
    return v1::InsurerFeedService::NewStub(server_->Channel(caller));
  }

  v1::Feed Begin(int64_t number = 1) {
    v1::BeginFeedRequest request;
    request.set_request_id(TestUuid());
    request.set_kind(v1::FEED_KIND_COVERAGES);
    request.set_feed_number(number);
    grpc::ClientContext context;
    v1::BeginFeedResponse response;
    const grpc::Status status = stub_->BeginFeed(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.feed();
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
  grpc::Status Publish(const std::string& feed, v1::PublishFeedResponse& response) {
    v1::PublishFeedRequest request;
    request.set_feed_id(feed);
    grpc::ClientContext context;
    return stub_->PublishFeed(&context, request, &response);
  }
  int64_t AuditRows(Operation operation) {
    return database_
        .Exec("SELECT count(*) FROM kakunin.audit_event WHERE operation = " +
              std::to_string(static_cast<int>(operation)))[0][0]
        .as<int64_t>();
  }
  MemoryFeedStore::Kept& OnlyFeed() { return feeds_.feeds.begin()->second; }

  TestDatabase database_;
  SettableClock clock_;
  PostgresRequestStore requests_;
  MemoryFeedStore feeds_;
  PostgresCoverageHistoryStore histories_;
  auth::HmacKey number_key_ = TestKey("individual number");
  auth::HmacKey look_up_key_ = TestKey("look-up");
  auth::HmacKey audit_key_ = TestKey("audit");
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<Stub> stub_;
};

TEST_F(InsurerFeedServiceTest, TakesAFeedFromBeginToPublished) {
  Start();
  const v1::Feed feed = Begin();
  EXPECT_EQ(feed.state(), v1::FEED_STATE_OPEN);
  EXPECT_EQ(feed.next_chunk_number(), 1);
  {
    Stream stream(*stub_);
    for (int chunk = 1; chunk <= 3; ++chunk) {
      const auto receipt = stream.Push(Chunk(feed.feed_id(), chunk, 2));
      ASSERT_TRUE(receipt.has_value());
      EXPECT_EQ(receipt->acknowledged_chunk_number(), chunk);
      EXPECT_EQ(receipt->row_count(), 2);
    }
    EXPECT_TRUE(stream.Close().ok());
  }
  v1::SealFeedResponse sealed;
  ASSERT_TRUE(Seal(feed.feed_id(), 3, 6, sealed).ok());
  EXPECT_EQ(sealed.feed().state(), v1::FEED_STATE_PUBLISHED);
  EXPECT_EQ(sealed.counts().new_rows(), 6);
  EXPECT_EQ(OnlyFeed().rows.at(0).record.insurer_number, kTestInsurer);
  EXPECT_EQ(OnlyFeed().rows.at(0).record.insurer_name, "試験用の名称");
  EXPECT_EQ(OnlyFeed().rows.at(0).individual->hash, number_key_.Mac(std::string_view(kNumber)));
  EXPECT_EQ(AuditRows(Operation::kPushRows), 3);
  EXPECT_EQ(AuditRows(Operation::kSealFeed), 2);  // sealed, published
}

TEST_F(InsurerFeedServiceTest, AGapTellsTheExpectedNumberAndTheFeedResumesThere) {
  Start();
  const v1::Feed feed = Begin();
  Stream broken(*stub_);
  ASSERT_TRUE(broken.Push(Chunk(feed.feed_id(), 1)).has_value());
  EXPECT_FALSE(broken.Push(Chunk(feed.feed_id(), 3)).has_value());
  const grpc::Status status = broken.Close();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(DescribeError(status).expected_chunk, 2);

  const v1::Feed again = Begin();
  EXPECT_EQ(again.feed_id(), feed.feed_id());
  EXPECT_EQ(again.next_chunk_number(), 2);
  Stream resumed(*stub_);
  EXPECT_TRUE(resumed.Push(Chunk(feed.feed_id(), 2)).has_value());
  EXPECT_TRUE(resumed.Close().ok());
}

TEST_F(InsurerFeedServiceTest, ARepeatedChunkIsAcknowledgedAndAnotherContentRefused) {
  Start();
  const v1::Feed feed = Begin();
  Stream stream(*stub_);
  ASSERT_TRUE(stream.Push(Chunk(feed.feed_id(), 1, 2)).has_value());
  const auto again = stream.Push(Chunk(feed.feed_id(), 1, 2));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->row_count(), 2);
  EXPECT_EQ(OnlyFeed().rows.size(), 2u);
  EXPECT_FALSE(stream.Push(Chunk(feed.feed_id(), 1, 1)).has_value());
  EXPECT_EQ(DescribeError(stream.Close()).reason, "FEED_CHUNK_DIFFERS");
}

TEST_F(InsurerFeedServiceTest, ABadRowIsReportedAndBlocksNobodyElse) {
  Start();
  const v1::Feed feed = Begin();
  auto chunk = Chunk(feed.feed_id(), 1, 4);
  chunk.mutable_coverages(1)->set_individual_number("123456789019");
  chunk.mutable_coverages(2)->clear_individual_number();
  chunk.mutable_coverages(3)->clear_number();
  Stream stream(*stub_);
  EXPECT_EQ(stream.Push(chunk)->refused_rows(), 2);
  EXPECT_TRUE(stream.Close().ok());

  v1::GetFeedReportRequest request;
  request.set_feed_id(feed.feed_id());
  request.set_page_size(2);
  std::vector<std::string> reasons;
  do {
    grpc::ClientContext context;
    v1::GetFeedReportResponse report;
    ASSERT_TRUE(stub_->GetFeedReport(&context, request, &report).ok());
    EXPECT_EQ(report.feed().row_count(), 4);
    EXPECT_EQ(report.SerializeAsString().find(kNumber), std::string::npos);
    for (const v1::RowFinding& finding : report.findings()) {
      reasons.push_back(std::to_string(finding.row_index()) + " " + finding.reason() + " " +
                        finding.field());
      EXPECT_FALSE(finding.message().empty());
      EXPECT_EQ(finding.hidden(), finding.reason() == "NO_INDIVIDUAL_NUMBER");
    }
    request.set_page_token(report.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(reasons, (std::vector<std::string>{"1 INDIVIDUAL_NUMBER_INVALID individual_number",
                                               "2 NO_INDIVIDUAL_NUMBER individual_number",
                                               "3 FIELD_MISSING number"}));
}

TEST_F(InsurerFeedServiceTest, AFailedPublicationLeavesTheFeedSealedAndPublishFeedRepeatsIt) {
  Start();
  const v1::Feed feed = Begin();
  Stream stream(*stub_);
  ASSERT_TRUE(stream.Push(Chunk(feed.feed_id(), 1)).has_value());
  ASSERT_TRUE(stream.Close().ok());
  feeds_.publish_status = StoreError(StoreFailure::kTimedOut);
  v1::SealFeedResponse sealed;
  const grpc::Status status = Seal(feed.feed_id(), 1, 1, sealed);
  EXPECT_EQ(DescribeError(status).reason, "DATABASE_UNAVAILABLE");
  EXPECT_TRUE(DescribeError(status).retry_after.has_value());
  EXPECT_EQ(OnlyFeed().row.state, FeedState::kSealed);

  feeds_.publish_status = absl::OkStatus();
  v1::PublishFeedResponse first;
  v1::PublishFeedResponse second;
  ASSERT_TRUE(Publish(feed.feed_id(), first).ok());
  ASSERT_TRUE(Publish(feed.feed_id(), second).ok());
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  EXPECT_EQ(first.feed().state(), v1::FEED_STATE_PUBLISHED);
}

TEST_F(InsurerFeedServiceTest, CountsThatDifferAreNotSealed) {
  Start();
  const v1::Feed feed = Begin();
  Stream stream(*stub_);
  ASSERT_TRUE(stream.Push(Chunk(feed.feed_id(), 1, 2)).has_value());
  ASSERT_TRUE(stream.Close().ok());
  v1::SealFeedResponse sealed;
  EXPECT_EQ(DescribeError(Seal(feed.feed_id(), 1, 3, sealed)).reason, "FEED_INCOMPLETE");
  EXPECT_EQ(OnlyFeed().row.state, FeedState::kOpen);
}

TEST_F(InsurerFeedServiceTest, AnotherInsurersFeedIsNotFound) {
  Start();
  const v1::Feed feed = Begin();
  const auto other = StubOf(Caller::kOtherInsurer);
  Stream stream(*other);
  EXPECT_FALSE(stream.Push(Chunk(feed.feed_id(), 1)).has_value());
  EXPECT_EQ(DescribeError(stream.Close()).reason, "FEED_NOT_FOUND");
  stub_ = StubOf(Caller::kOtherInsurer);
  v1::PublishFeedResponse response;
  EXPECT_EQ(DescribeError(Publish(feed.feed_id(), response)).reason, "FEED_NOT_FOUND");
}

TEST_F(InsurerFeedServiceTest, MalformedChunksAreRefusedWithAllViolations) {
  Start();
  Stream stream(*stub_);
  EXPECT_FALSE(stream.Push({}).has_value());
  const ErrorDescription told = DescribeError(stream.Close());
  EXPECT_EQ(told.reason, "INVALID_FIELDS");
  EXPECT_EQ(told.violations.size(), 3u);
  Stream large(*stub_);
  EXPECT_FALSE(large.Push(Chunk(Begin().feed_id(), 1, 2001)).has_value());
  EXPECT_EQ(DescribeError(large.Close()).reason, "FEED_CHUNK_TOO_LARGE");
}

TEST_F(InsurerFeedServiceTest, AuthorityIsAskedForWithEveryMessage) {
  Start();
  const v1::Feed feed = Begin();
  Stream stream(*stub_);
  ASSERT_TRUE(stream.Push(Chunk(feed.feed_id(), 1)).has_value());
  clock_.Advance(absl::Hours(24 * 366));  // past the registered end of the certificate
  EXPECT_FALSE(stream.Push(Chunk(feed.feed_id(), 2)).has_value());
  EXPECT_EQ(DescribeError(stream.Close()).reason, "CERTIFICATE_EXPIRED");
  EXPECT_EQ(OnlyFeed().row.next_chunk, 2);
}

TEST_F(InsurerFeedServiceTest, AnIdleStreamEndsWithItsLife) {
  Start({.stream_life = std::chrono::milliseconds(100)});
  const v1::Feed feed = Begin();
  Stream stream(*stub_);
  v1::PushRowsResponse response;
  EXPECT_FALSE(stream.call->Read(&response));
  EXPECT_EQ(DescribeError(stream.call->Finish()).reason, "DEADLINE_EXCEEDED");
}

TEST_F(InsurerFeedServiceTest, AStreamWhosePeerIsSilentEndsLongBeforeItsLife) {
  Start({.peer_bound = std::chrono::milliseconds(100)});
  const v1::Feed feed = Begin();
  Stream stream(*stub_);
  ASSERT_TRUE(stream.Push(Chunk(feed.feed_id(), 1)).has_value());
  v1::PushRowsResponse response;
  EXPECT_FALSE(stream.call->Read(&response));
  EXPECT_EQ(DescribeError(stream.call->Finish()).reason, "DEADLINE_EXCEEDED");
}

TEST_F(InsurerFeedServiceTest, EveryChunkGivesThePeerItsTimeAnew) {
  constexpr std::chrono::seconds kPeerBound(1);
  Start({.peer_bound = kPeerBound});
  const v1::Feed feed = Begin();
  Stream stream(*stub_);
  const auto end = std::chrono::steady_clock::now() + 2 * kPeerBound;
  int64_t chunk = 0;
  while (std::chrono::steady_clock::now() < end) {
    ASSERT_TRUE(stream.Push(Chunk(feed.feed_id(), ++chunk)).has_value());
  }
  EXPECT_TRUE(stream.Close().ok());
}

TEST_F(InsurerFeedServiceTest, AStreamWhosePeerTakesNoReceiptsIsCancelled) {
  // Receipts go out at once or not at all, and the peer has room for a few.
  service_ = MakeService({.peer_bound = std::chrono::milliseconds(300)});
  server_->Start([&](grpc::ServerBuilder& builder) {
    builder.RegisterService(service_.get());
    builder.AddChannelArgument(GRPC_ARG_HTTP2_WRITE_BUFFER_SIZE, 1);
  });
  grpc::ChannelArguments little;
  little.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 64);
  little.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  stub_ = v1::InsurerFeedService::NewStub(
      server_->Channel(IdentityOf(Caller::kInsurer), std::move(little)));
  const v1::Feed feed = Begin();
  Stream stream(*stub_);
  stream.context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  while (stream.call->Write(Chunk(feed.feed_id(), 1))) {
  }
  v1::PushRowsResponse response;  // gRPC tells the end only to a client that has read what it has
  while (stream.call->Read(&response)) {
  }
  EXPECT_EQ(stream.call->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(InsurerFeedServiceTest, ABusyStreamEndsWithItsLifeBetweenTwoChunks) {
  Start({.stream_life = std::chrono::milliseconds(100)});
  const v1::Feed feed = Begin();
  Stream stream(*stub_);
  int64_t acknowledged = 0;
  while (stream.Push(Chunk(feed.feed_id(), acknowledged + 1)).has_value()) ++acknowledged;
  EXPECT_EQ(DescribeError(stream.Close()).reason, "DEADLINE_EXCEEDED");
  // What was acknowledged is there; at most one chunk more was stored without its receipt.
  EXPECT_GE(OnlyFeed().row.next_chunk, acknowledged + 1);
  EXPECT_LE(OnlyFeed().row.next_chunk, acknowledged + 2);
}

TEST_F(InsurerFeedServiceTest, AFullQueueIsToldAsOverload) {
  Start({.threads = 1, .most_queued = 0});
  const v1::Feed feed = Begin();
  Stream stream(*stub_);
  EXPECT_FALSE(stream.Push(Chunk(feed.feed_id(), 1)).has_value());
  EXPECT_EQ(DescribeError(stream.Close()).reason, "OVERLOADED");
}

TEST_F(InsurerFeedServiceTest, OnePublicationTooManyIsToldAsOverloadBeforeItSealsAnything) {
  Start({.most_publishing = 1});
  const v1::Feed slow = Begin(1);
  const v1::Feed other = Begin(2);
  std::promise<void> begun;
  std::promise<void> may_end;
  std::atomic<bool> first = true;
  feeds_.publishing = [&] {
    if (!first.exchange(false)) return;
    begun.set_value();
    may_end.get_future().wait();
  };
  auto sealing = std::async(std::launch::async, [&] {
    v1::SealFeedResponse sealed;
    return Seal(slow.feed_id(), 0, 0, sealed);
  });
  begun.get_future().wait();
  v1::SealFeedResponse sealed;
  v1::PublishFeedResponse published;
  for (const grpc::Status& status :
       {Seal(other.feed_id(), 0, 0, sealed), Publish(slow.feed_id(), published)}) {
    EXPECT_EQ(DescribeError(status).reason, "OVERLOADED");
    EXPECT_TRUE(DescribeError(status).retry_after.has_value());
  }
  // Everybody else is served.
  EXPECT_EQ(Begin(2).state(), v1::FEED_STATE_OPEN);
  may_end.set_value();
  EXPECT_TRUE(sealing.get().ok());
  EXPECT_TRUE(Seal(other.feed_id(), 0, 0, sealed).ok());
}

TEST_F(InsurerFeedServiceTest, ManyStreamsComeAndGoAtAnyPoint) {
  Start();
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&, client] {
      const auto stub = StubOf(Caller::kInsurer);
      for (int round = 0; round < 20; ++round) {
        Stream stream(*stub);
        stream.call->Write(Chunk(TestUuid(), 1));
        if ((client + round) % 2 == 0) stream.context.TryCancel();
        if ((client + round) % 3 == 0) stream.call->WritesDone();
        (void)stream.call->Finish();
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(Begin().next_chunk_number(), 1);  // the server is well
}

TEST_F(InsurerFeedServiceTest, EveryMethodRefusesEveryWrongCaller) {
  Start();
  const std::pair<Caller, std::string> wrongs[] = {{Caller::kTerminal, "WRONG_KIND_OF_CALLER"},
                                                   {Caller::kOperator, "WRONG_KIND_OF_CALLER"},
                                                   {Caller::kRevokedTerminal, "TERMINAL_REVOKED"},
                                                   {Caller::kLapsedTerminal, "CERTIFICATE_EXPIRED"},
                                                   {Caller::kUnknown, "CERTIFICATE_NOT_REGISTERED"},
                                                   {Caller::kForeign, ""},
                                                   {Caller::kExpired, ""},
                                                   {Caller::kNobody, ""}};
  for (const auto& [caller, reason] : wrongs) {
    stub_ = StubOf(caller);
    grpc::ClientContext begin_context;
    v1::BeginFeedResponse begin;
    EXPECT_EQ(DescribeError(stub_->BeginFeed(&begin_context, {}, &begin)).reason, reason);
    Stream stream(*stub_);
    const grpc::Status pushed = stream.Close();
    EXPECT_EQ(DescribeError(pushed).reason, reason);
    EXPECT_EQ(pushed.error_code(),
              reason.empty() ? grpc::StatusCode::UNAVAILABLE : grpc::StatusCode::PERMISSION_DENIED);
    v1::SealFeedResponse sealed;
    EXPECT_EQ(DescribeError(Seal("", 0, 0, sealed)).reason, reason);
    v1::PublishFeedResponse published;
    EXPECT_EQ(DescribeError(Publish("", published)).reason, reason);
    grpc::ClientContext report_context;
    v1::GetFeedReportResponse report;
    EXPECT_EQ(DescribeError(stub_->GetFeedReport(&report_context, {}, &report)).reason, reason);
  }
  EXPECT_TRUE(feeds_.feeds.empty());
}

}  // namespace
}  // namespace kakunin
