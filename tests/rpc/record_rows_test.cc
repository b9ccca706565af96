// Receipts and health checks over the wire: who may push what, and what becomes of it.

#include <gtest/gtest.h>

#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/insurer_feed_service.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/status.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/month_records.h"
#include "storage/postgres/request_store.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

constexpr char kNumber[] = "123456789018";  // its check digit is right

class RecordRowsTest : public testing::Test {
 protected:
  using Stub = v1::InsurerFeedService::Stub;

  RecordRowsTest() {
    RegisterTestCallers(database_, clock_.Now());
    server_ = std::make_unique<RpcServer>(database_, clock_, Port::kInsurer);
    service_ = MakeInsurerFeedService(
        {server_->dispatch(), server_->database(), feeds_, server_->registry_store(), requests_,
         FeedKeys{number_key_, look_up_key_, audit_key_}, CopiesOfThisFormat(), histories_});
    server_->Start(*service_);
  }
  ~RecordRowsTest() override { server_->Stop(); }

  std::unique_ptr<Stub> StubOf(Caller caller) {
    return v1::InsurerFeedService::NewStub(server_->Channel(caller));
  }
  absl::CivilDay Today() { return absl::ToCivilDay(clock_.Now(), absl::FixedTimeZone(9 * 3600)); }

  static grpc::Status Begin(Stub& stub, v1::FeedKind kind, v1::Feed& feed) {
    v1::BeginFeedRequest request;
    request.set_request_id(TestUuid());
    request.set_kind(kind);
    request.set_feed_number(1);
    grpc::ClientContext context;
    v1::BeginFeedResponse response;
    const grpc::Status status = stub.BeginFeed(&context, request, &response);
    feed = response.feed();
    return status;
  }
  static grpc::Status Push(Stub& stub, const v1::PushRowsRequest& chunk,
                           v1::PushRowsResponse& response) {
    grpc::ClientContext context;
    const auto stream = stub.PushRows(&context);
    stream->Write(chunk);
    stream->Read(&response);
    stream->WritesDone();
    return stream->Finish();
  }
  static v1::FeedCounts Seal(Stub& stub, const std::string& feed) {
    v1::SealFeedRequest request;
    request.set_feed_id(feed);
    request.set_chunk_count(1);
    request.set_row_count(1);
    grpc::ClientContext context;
    v1::SealFeedResponse response;
    const grpc::Status status = stub.SealFeed(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.counts();
  }

  v1::ReceiptRow Receipt() {
    v1::ReceiptRow row;
    row.set_action(v1::ROW_ACTION_NEW);
    row.set_receipt_reference("R1");
    row.set_individual_number(kNumber);
    const absl::CivilDay today = Today();
    row.set_treatment_month(absl::FormatCivilTime(absl::CivilMonth(today)));
    row.set_source(v1::DRUG_SOURCE_RECEIPT);
    row.set_receipt_kind(v1::RECEIPT_KIND_DISPENSING);
    row.mutable_facility()->set_code("1340000007");
    row.mutable_facility()->set_name("見本薬局");
    v1::DrugDay& day = *row.add_drug_days();
    *day.mutable_dispensing_date() = DayToProto(today);
    v1::Drug& drug = *day.add_drugs();
    drug.set_code("620100201");
    drug.set_name("ガスターD錠20mg");
    drug.set_drug_class(v1::DRUG_CLASS_ORAL);
    return row;
  }
  v1::HealthCheckRow HealthCheck(v1::HealthCheckProgramme programme) {
    v1::HealthCheckRow row;
    row.set_action(v1::ROW_ACTION_NEW);
    row.set_examination_reference("H1");
    row.set_individual_number(kNumber);
    *row.mutable_examination_date() = DayToProto(Today());
    row.set_programme(programme);
    row.mutable_facility()->set_code("1310000003");
    row.mutable_facility()->set_name("見本クリニック");
    v1::HealthCheckItem& item = *row.add_items();
    item.set_code("9A755000000000001");
    item.set_data_type("PQ");
    item.set_value("128");
    return row;
  }
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }

  TestDatabase database_;
  SettableClock clock_;
  PostgresRequestStore requests_;
  PostgresFeedStore feeds_;
  PostgresCoverageHistoryStore histories_;
  auth::HmacKey number_key_ = TestKey("individual number");
  auth::HmacKey look_up_key_ = TestKey("look-up");
  auth::HmacKey audit_key_ = TestKey("audit");
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<grpc::Service> service_;
};

TEST_F(RecordRowsTest, EachPartyBeginsItsOwnKindsOfFeedAndNoOther) {
  for (const Caller caller : {Caller::kInsurer, Caller::kReviewer}) {
    const auto stub = StubOf(caller);
    for (const v1::FeedKind kind :
         {v1::FEED_KIND_COVERAGES, v1::FEED_KIND_RECEIPTS, v1::FEED_KIND_HEALTH_CHECKS}) {
      const bool reviewers = kind == v1::FEED_KIND_RECEIPTS;
      v1::Feed feed;
      const grpc::Status status = Begin(*stub, kind, feed);
      if (reviewers == (caller == Caller::kReviewer)) {
        EXPECT_TRUE(status.ok()) << status.error_message();
      } else {
        EXPECT_EQ(DescribeError(status).reason, "FEED_KIND_NOT_ALLOWED");
      }
    }
  }
  // Each refusal is told in the audit, too.
  EXPECT_EQ(Count("audit_event WHERE reason = 'FEED_KIND_NOT_ALLOWED'"), 3);
}

TEST_F(RecordRowsTest, AReviewersReceiptBecomesAMonthRecordOfANewPerson) {
  const auto stub = StubOf(Caller::kReviewer);
  v1::Feed feed;
  ASSERT_TRUE(Begin(*stub, v1::FEED_KIND_RECEIPTS, feed).ok());
  v1::PushRowsRequest chunk;
  chunk.set_feed_id(feed.feed_id());
  chunk.set_chunk_number(1);
  *chunk.add_receipts() = Receipt();
  v1::PushRowsResponse acknowledged;
  ASSERT_TRUE(Push(*stub, chunk, acknowledged).ok());
  EXPECT_EQ(acknowledged.row_count(), 1);
  EXPECT_EQ(acknowledged.refused_rows(), 0);
  // A repeated chunk is acknowledged again and stored once.
  ASSERT_TRUE(Push(*stub, chunk, acknowledged).ok());
  EXPECT_EQ(Count("feed_receipt_row"), 1);
  EXPECT_EQ(Count("month_record"), 0);
  const v1::FeedCounts counts = Seal(*stub, feed.feed_id());
  EXPECT_EQ(counts.new_rows(), 1);
  EXPECT_EQ(counts.new_persons(), 1);
  EXPECT_EQ(Count("month_record WHERE kind = 1"), 1);
  EXPECT_EQ(Count("receipt WHERE pushed_by = '113' AND known_to IS NULL"), 1);
}

TEST_F(RecordRowsTest, RowsOfAnotherKindOrOfTwoKindsAreRefused) {
  const auto stub = StubOf(Caller::kReviewer);
  v1::Feed feed;
  ASSERT_TRUE(Begin(*stub, v1::FEED_KIND_RECEIPTS, feed).ok());
  v1::PushRowsRequest chunk;
  chunk.set_feed_id(feed.feed_id());
  chunk.set_chunk_number(1);
  *chunk.add_health_checks() = HealthCheck(v1::HEALTH_CHECK_PROGRAMME_SPECIFIC);
  v1::PushRowsResponse acknowledged;
  const ErrorDescription other = DescribeError(Push(*stub, chunk, acknowledged));
  EXPECT_EQ(other.reason, "INVALID_FIELDS");
  *chunk.add_receipts() = Receipt();
  EXPECT_EQ(DescribeError(Push(*stub, chunk, acknowledged)).reason, "INVALID_FIELDS");
  EXPECT_EQ(Count("feed_receipt_row") + Count("feed_health_check_row"), 0);
}

TEST_F(RecordRowsTest, AnInsurersCheckUpIsNamedAfterItAndOfItsProgramme) {
  const auto stub = StubOf(Caller::kInsurer);
  v1::Feed feed;
  ASSERT_TRUE(Begin(*stub, v1::FEED_KIND_HEALTH_CHECKS, feed).ok());
  v1::PushRowsRequest chunk;
  chunk.set_feed_id(feed.feed_id());
  chunk.set_chunk_number(1);
  *chunk.add_health_checks() = HealthCheck(v1::HEALTH_CHECK_PROGRAMME_SPECIFIC);
  v1::PushRowsResponse acknowledged;
  ASSERT_TRUE(Push(*stub, chunk, acknowledged).ok());
  EXPECT_EQ(Seal(*stub, feed.feed_id()).new_rows(), 1);
  EXPECT_EQ(Count("health_check WHERE registrar_name = '試験用の名称'"), 1);
  EXPECT_EQ(Count("month_record WHERE kind = 4"), 1);

  // A late-elderly association has another programme.
  const auto association = StubOf(Caller::kOtherInsurer);
  v1::Feed theirs;
  ASSERT_TRUE(Begin(*association, v1::FEED_KIND_HEALTH_CHECKS, theirs).ok());
  chunk.set_feed_id(theirs.feed_id());
  ASSERT_TRUE(Push(*association, chunk, acknowledged).ok());
  EXPECT_EQ(acknowledged.refused_rows(), 1);
}

}  // namespace
}  // namespace kakunin
