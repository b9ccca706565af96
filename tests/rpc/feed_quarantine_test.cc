// A dangerous feed over both ports into the real stores: quarantined, released by both sides,
// published, taken back, and explained.

#include <gtest/gtest.h>

#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "kakunin/v1/operations_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/insurer_feed_service.h"
#include "server/rpc/operations_service.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/status.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/identity_case_store.h"
#include "storage/postgres/number_store.h"
#include "storage/postgres/person_repair_store.h"
#include "storage/postgres/protection_store.h"
#include "storage/postgres/request_store.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

constexpr int kMembers = 40;

// An individual number with its check digit: a person each.
std::string NumberOf(int who) {
  std::string digits = std::to_string(10'000'000'000 + who);
  int sum = 0;
  for (int n = 1; n <= 11; ++n) {
    const int digit = digits[static_cast<size_t>(11 - n)] - '0';
    sum += digit * (n <= 6 ? n + 1 : n - 5);
  }
  const int rest = sum % 11;
  return digits + std::to_string(rest <= 1 ? 0 : 11 - rest);
}

class FeedQuarantineTest : public testing::Test {
 protected:
  FeedQuarantineTest() {
    RegisterTestCallers(database_, clock_.Now());
    insurer_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kInsurer);
    operator_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kOperator);
    feed_service_ = MakeInsurerFeedService({insurer_port_->dispatch(), insurer_port_->database(),
                                            feeds_, insurer_port_->registry_store(), requests_,
                                            FeedKeys{number_key_, look_up_key_, audit_key_},
                                            CopiesOfThisFormat(), histories_});
    operations_ = MakeOperationsService(
        {operator_port_->dispatch(), operator_port_->database(), operator_port_->registry_store(),
         requests_, feeds_, histories_, look_up_key_, audit_key_, protections_, number_key_,
         repairs_, cases_, numbers_, CopiesOfThisFormat()});
    insurer_port_->Start(*feed_service_);
    operator_port_->Start(*operations_);
    insurer_ = v1::InsurerFeedService::NewStub(insurer_port_->Channel(Caller::kInsurer));
    operator_ = v1::OperationsService::NewStub(operator_port_->Channel(Caller::kOperator));
  }
  ~FeedQuarantineTest() override {
    insurer_port_->Stop();
    operator_port_->Stop();
  }

  static v1::CoverageRow Row(int who, v1::RowAction action = v1::ROW_ACTION_NEW) {
    v1::CoverageRow row;
    row.set_action(action);
    row.set_coverage_reference("R" + std::to_string(who));
    row.set_individual_number(NumberOf(who));
    row.set_card_classification(v1::CARD_CLASSIFICATION_GENERAL);
    row.set_symbol("１２");
    row.set_number(std::to_string(1000 + who));
    row.mutable_name()->set_original("厚労　太郎");
    row.set_sex(v1::SEX_MALE);
    *row.mutable_birth_date() = DayToProto(absl::CivilDay(1970, 1, 1));
    *row.mutable_qualification_date() = DayToProto(absl::CivilDay(2018, 7, 1));
    if (action == v1::ROW_ACTION_LOST) {
      *row.mutable_disqualification_date() = DayToProto(absl::CivilDay(2026, 4, 1));
    }
    return row;
  }
  static std::vector<v1::CoverageRow> Rows(v1::RowAction action) {
    std::vector<v1::CoverageRow> rows;
    for (int who = 0; who < kMembers; ++who) rows.push_back(Row(who, action));
    return rows;
  }

  template <class Stub, class Request, class Response>
  static grpc::Status Call(Stub& stub,
                           grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                        Response*),
                           const Request& request, Response& response) {
    grpc::ClientContext context;
    return (stub.*method)(&context, request, &response);
  }
  using InsurerStub = v1::InsurerFeedService::Stub;
  using OperatorStub = v1::OperationsService::Stub;

  // Push begins a feed and sends its rows; Seal ends it.
  std::string Push(int64_t number, const std::vector<v1::CoverageRow>& rows) {
    v1::BeginFeedRequest begin;
    begin.set_request_id(TestUuid());
    begin.set_kind(v1::FEED_KIND_COVERAGES);
    begin.set_feed_number(number);
    v1::BeginFeedResponse begun;
    EXPECT_TRUE(Call(*insurer_, &InsurerStub::BeginFeed, begin, begun).ok());
    v1::PushRowsRequest chunk;
    chunk.set_feed_id(begun.feed().feed_id());
    chunk.set_chunk_number(1);
    for (const v1::CoverageRow& row : rows) *chunk.add_coverages() = row;
    grpc::ClientContext context;
    const auto stream = insurer_->PushRows(&context);
    v1::PushRowsResponse receipt;
    EXPECT_TRUE(stream->Write(chunk) && stream->Read(&receipt));
    EXPECT_EQ(receipt.refused_rows(), 0);
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
    return begun.feed().feed_id();
  }
  v1::SealFeedResponse Seal(const std::string& feed, bool hold = false) {
    v1::SealFeedRequest request;
    request.set_feed_id(feed);
    request.set_chunk_count(1);
    request.set_row_count(kMembers);
    request.set_hold(hold);
    v1::SealFeedResponse response;
    const grpc::Status status = Call(*insurer_, &InsurerStub::SealFeed, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    clock_.Advance(absl::Hours(1));
    return response;
  }
  grpc::Status Publish(const std::string& feed, v1::PublishFeedResponse& response) {
    v1::PublishFeedRequest request;
    request.set_feed_id(feed);
    return Call(*insurer_, &InsurerStub::PublishFeed, request, response);
  }
  grpc::Status Release(const std::string& feed) {
    v1::ReleaseFeedRequest request;
    request.set_feed_id(feed);
    request.set_released_by("section-chief");
    v1::ReleaseFeedResponse response;
    return Call(*insurer_, &InsurerStub::ReleaseFeed, request, response);
  }
  grpc::Status ReleaseAsOperator(const std::string& feed, bool look,
                                 v1::OperationsServiceReleaseFeedResponse& response) {
    v1::OperationsServiceReleaseFeedRequest request;
    request.set_request_id(TestUuid());
    request.set_party_number(kTestInsurer);
    request.set_feed_id(feed);
    request.set_released_by("duty-officer");
    request.set_validate_only(look);
    return Call(*operator_, &OperatorStub::ReleaseFeed, request, response);
  }
  // The number of coverages that are lost by current knowledge.
  int64_t Lost() {
    return database_
        .Exec(
            "SELECT count(*) FROM kakunin.coverage WHERE known_to IS NULL"
            " AND disqualification_date IS NOT NULL")[0][0]
        .as<int64_t>();
  }

  TestDatabase database_;
  SettableClock clock_;
  PostgresRequestStore requests_;
  PostgresFeedStore feeds_;
  PostgresCoverageHistoryStore histories_;
  PostgresProtectionStore protections_;
  PostgresPersonRepairStore repairs_;
  PostgresIdentityCaseStore cases_;
  PostgresNumberStore numbers_;
  auth::HmacKey number_key_ = TestKey("individual number");
  auth::HmacKey look_up_key_ = TestKey("look-up");
  auth::HmacKey audit_key_ = TestKey("audit");
  std::unique_ptr<RpcServer> insurer_port_;
  std::unique_ptr<RpcServer> operator_port_;
  std::unique_ptr<grpc::Service> feed_service_;
  std::unique_ptr<grpc::Service> operations_;
  std::unique_ptr<InsurerStub> insurer_;
  std::unique_ptr<OperatorStub> operator_;
};

TEST_F(FeedQuarantineTest, AHeldFeedIsJudgedAndPublishedWhenAsked) {
  const std::string feed = Push(1, Rows(v1::ROW_ACTION_NEW));
  const v1::SealFeedResponse held = Seal(feed, /*hold=*/true);
  EXPECT_EQ(held.feed().state(), v1::FEED_STATE_SEALED);
  EXPECT_EQ(held.counts().new_rows(), kMembers);
  EXPECT_EQ(held.counts().new_persons(), kMembers);
  EXPECT_EQ(held.feed().risk_score(), 0);
  EXPECT_EQ(database_.Exec("SELECT count(*) FROM kakunin.coverage")[0][0].as<int>(), 0);
  v1::PublishFeedResponse published;
  ASSERT_TRUE(Publish(feed, published).ok());
  EXPECT_EQ(published.feed().state(), v1::FEED_STATE_PUBLISHED);
  EXPECT_EQ(published.counts().new_rows(), kMembers);
}

TEST_F(FeedQuarantineTest, AMassLossWaitsForBothNamesAndMayBeTakenBack) {
  Seal(Push(1, Rows(v1::ROW_ACTION_NEW)));
  const std::string feed = Push(2, Rows(v1::ROW_ACTION_LOST));
  const v1::SealFeedResponse sealed = Seal(feed);
  EXPECT_EQ(sealed.feed().state(), v1::FEED_STATE_QUARANTINED);
  EXPECT_EQ(sealed.counts().lost_rows(), kMembers);
  ASSERT_EQ(sealed.risks_size(), 1);
  EXPECT_EQ(sealed.risks(0).reason(), "MASS_LOSS");
  EXPECT_EQ(sealed.risks(0).base_rows(), kMembers);
  EXPECT_EQ(Lost(), 0);
  EXPECT_EQ(Seal(feed).feed().state(), v1::FEED_STATE_QUARANTINED);  // a lost answer

  v1::PublishFeedResponse published;
  EXPECT_EQ(DescribeError(Publish(feed, published)).reason, "FEED_QUARANTINED");
  v1::OperationsServiceReleaseFeedResponse released;
  ASSERT_TRUE(ReleaseAsOperator(feed, /*look=*/true, released).ok());
  EXPECT_EQ(released.risks(0).reason(), "MASS_LOSS");
  EXPECT_EQ(released.releases_size(), 0);
  ASSERT_TRUE(ReleaseAsOperator(feed, /*look=*/false, released).ok());
  EXPECT_EQ(released.releases_size(), 1);
  EXPECT_EQ(DescribeError(Publish(feed, published)).reason, "FEED_QUARANTINED");
  ASSERT_TRUE(Release(feed).ok());
  ASSERT_TRUE(Publish(feed, published).ok());
  EXPECT_EQ(published.feed().state(), v1::FEED_STATE_PUBLISHED);
  EXPECT_EQ(Lost(), kMembers);

  v1::GetFeedReportRequest report_request;
  report_request.set_feed_id(feed);
  v1::GetFeedReportResponse report;
  ASSERT_TRUE(Call(*insurer_, &InsurerStub::GetFeedReport, report_request, report).ok());
  ASSERT_EQ(report.releases_size(), 2);
  EXPECT_FALSE(report.releases(0).by_operator());
  EXPECT_EQ(report.releases(0).actor(), kTestInsurer);
  EXPECT_EQ(report.releases(0).released_by(), "section-chief");
  EXPECT_TRUE(report.releases(1).by_operator());
  EXPECT_EQ(report.releases(1).released_by(), "duty-officer");
  EXPECT_EQ(report.sample_size(), 5);
  EXPECT_EQ(report.sample(0).verdict(), "LOST");
  EXPECT_EQ(report.sample(0).changed_fields(0), "disqualification_date");

  clock_.Advance(absl::Hours(1));
  v1::UndoFeedRequest undo;
  undo.set_feed_id(feed);
  undo.set_validate_only(true);
  v1::UndoFeedResponse undone;
  ASSERT_TRUE(Call(*insurer_, &InsurerStub::UndoFeed, undo, undone).ok());
  EXPECT_EQ(undone.feed().state(), v1::FEED_STATE_PUBLISHED);
  EXPECT_EQ(undone.restored_rows(), kMembers);
  EXPECT_EQ(Lost(), kMembers);
  undo.set_validate_only(false);
  ASSERT_TRUE(Call(*insurer_, &InsurerStub::UndoFeed, undo, undone).ok());
  EXPECT_EQ(undone.feed().state(), v1::FEED_STATE_UNDONE);
  EXPECT_TRUE(undone.feed().has_undo_time());
  EXPECT_EQ(Lost(), 0);
}

// Whoever exports a table and shifts the columns of names and address by one.
TEST_F(FeedQuarantineTest, CoveragesWithShiftedColumnsWait) {
  std::vector<v1::CoverageRow> plain = Rows(v1::ROW_ACTION_NEW);
  for (v1::CoverageRow& row : plain) {
    row.mutable_name()->set_kana("コウロウ　タロウ");
    row.set_address("東京都千代田区霞が関１－２－２");
  }
  EXPECT_EQ(Seal(Push(1, plain)).feed().state(), v1::FEED_STATE_PUBLISHED);
  std::vector<v1::CoverageRow> shifted = plain;
  for (v1::CoverageRow& row : shifted) {
    row.set_action(v1::ROW_ACTION_CHANGED);
    const std::string name = row.name().original();
    row.mutable_name()->set_original(row.address());
    row.set_address(row.name().kana());
    row.mutable_name()->set_kana(name);
  }
  const std::string feed = Push(2, shifted);
  const v1::SealFeedResponse sealed = Seal(feed);
  EXPECT_EQ(sealed.feed().state(), v1::FEED_STATE_QUARANTINED);
  ASSERT_EQ(sealed.risks_size(), 1);
  EXPECT_EQ(sealed.risks(0).reason(), "COLUMNS_SHIFTED");
  EXPECT_EQ(sealed.risks(0).observed_rows(), kMembers);
  v1::PublishFeedResponse published;
  EXPECT_EQ(DescribeError(Publish(feed, published)).reason, "FEED_QUARANTINED");
  EXPECT_EQ(database_
                .Exec("SELECT count(*) FROM kakunin.coverage WHERE known_to IS NULL"
                      " AND address LIKE '東京都%'")[0][0]
                .as<int>(),
            kMembers)
      << "what is known stays";
  // Less than one in twenty is a slip here and there.
  std::vector<v1::CoverageRow> slips = plain;
  slips[0] = shifted[0];
  EXPECT_EQ(Seal(Push(3, slips)).feed().state(), v1::FEED_STATE_PUBLISHED);
}

TEST_F(FeedQuarantineTest, AnUndoRefusesRowsThatALaterFeedTouched) {
  const std::string first = Push(1, Rows(v1::ROW_ACTION_NEW));
  Seal(first);
  v1::CoverageRow changed = Row(3, v1::ROW_ACTION_CHANGED);
  changed.set_address("東京都千代田区");
  std::vector<v1::CoverageRow> rows = Rows(v1::ROW_ACTION_NEW);
  rows[3] = changed;
  EXPECT_EQ(Seal(Push(2, rows)).counts().changed_rows(), 1);
  v1::UndoFeedRequest undo;
  undo.set_feed_id(first);
  undo.set_validate_only(true);
  v1::UndoFeedResponse undone;
  ASSERT_TRUE(Call(*insurer_, &InsurerStub::UndoFeed, undo, undone).ok());
  EXPECT_EQ(undone.touched_later_rows(), 1);
  EXPECT_EQ(undone.touched_later_references(0), "R3");
  undo.set_validate_only(false);
  EXPECT_EQ(DescribeError(Call(*insurer_, &InsurerStub::UndoFeed, undo, undone)).reason,
            "FEED_TOUCHED_LATER");
  undo.set_force(true);
  EXPECT_TRUE(Call(*insurer_, &InsurerStub::UndoFeed, undo, undone).ok());
  EXPECT_EQ(database_.Exec("SELECT count(*) FROM kakunin.coverage WHERE known_to IS NULL")[0][0]
                .as<int>(),
            0);
}

TEST_F(FeedQuarantineTest, ExplainsOverBothAxesToOperatorAndInsurerAndToNoOtherInsurer) {
  const absl::Time before = clock_.Now();
  Seal(Push(1, Rows(v1::ROW_ACTION_NEW)));
  const absl::Time between = clock_.Now() - absl::Microseconds(1);
  v1::CoverageRow lost = Row(5, v1::ROW_ACTION_LOST);
  std::vector<v1::CoverageRow> rows = Rows(v1::ROW_ACTION_NEW);
  rows[5] = lost;
  Seal(Push(2, rows));

  v1::ExplainCoverageRequest request;
  request.mutable_subject()->set_coverage_reference("R5");
  *request.mutable_day() = DayToProto(absl::CivilDay(2026, 4, 1));
  v1::ExplainCoverageResponse told;
  ASSERT_TRUE(Call(*insurer_, &InsurerStub::ExplainCoverage, request, told).ok());
  ASSERT_EQ(told.versions_size(), 2);
  EXPECT_FALSE(told.versions(0).known());
  EXPECT_TRUE(told.versions(1).known());
  EXPECT_FALSE(told.versions(1).covers());
  EXPECT_EQ(told.versions(1).feed_number(), 2);
  // What was known between the two said otherwise.
  *request.mutable_known_time() = TimeToProto(between);
  ASSERT_TRUE(Call(*insurer_, &InsurerStub::ExplainCoverage, request, told).ok());
  EXPECT_TRUE(told.versions(0).covers());
  EXPECT_FALSE(told.versions(1).known());
  *request.mutable_known_time() = TimeToProto(before - absl::Microseconds(1));
  ASSERT_TRUE(Call(*insurer_, &InsurerStub::ExplainCoverage, request, told).ok());
  EXPECT_FALSE(told.versions(0).known() || told.versions(1).known());

  // By what is on the card, by an operator.
  v1::OperationsServiceExplainCoverageRequest asked;
  asked.set_insurer_number(kTestInsurer);
  asked.mutable_subject()->set_symbol("12");
  asked.mutable_subject()->set_number("1005");
  *asked.mutable_subject()->mutable_birth_date() = DayToProto(absl::CivilDay(1970, 1, 1));
  v1::OperationsServiceExplainCoverageResponse shown;
  const grpc::Status status = Call(*operator_, &OperatorStub::ExplainCoverage, asked, shown);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(shown.versions_size(), 2);

  const auto other = v1::InsurerFeedService::NewStub(insurer_port_->Channel(Caller::kOtherInsurer));
  ASSERT_TRUE(Call(*other, &InsurerStub::ExplainCoverage, request, told).ok());
  EXPECT_EQ(told.versions_size(), 0);
}

TEST_F(FeedQuarantineTest, FeedsAreListedAndACancelledOneIsGone) {
  Seal(Push(1, Rows(v1::ROW_ACTION_NEW)));
  const std::string feed = Push(2, {Row(1)});
  v1::CancelFeedRequest cancel;
  cancel.set_feed_id(feed);
  v1::CancelFeedResponse cancelled;
  ASSERT_TRUE(Call(*insurer_, &InsurerStub::CancelFeed, cancel, cancelled).ok());
  EXPECT_EQ(cancelled.feed().state(), v1::FEED_STATE_CANCELLED);
  v1::ListFeedsRequest list;
  list.set_page_size(1);
  std::vector<int64_t> numbers;
  do {
    v1::ListFeedsResponse page;
    ASSERT_TRUE(Call(*insurer_, &InsurerStub::ListFeeds, list, page).ok());
    for (const v1::ListedFeed& one : page.feeds()) numbers.push_back(one.feed().feed_number());
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(numbers, (std::vector<int64_t>{2, 1}));
  list.set_page_token("nonsense");
  v1::ListFeedsResponse page;
  EXPECT_EQ(DescribeError(Call(*insurer_, &InsurerStub::ListFeeds, list, page)).reason,
            "INVALID_FIELDS");
}

}  // namespace
}  // namespace kakunin
