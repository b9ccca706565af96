// A coverage about somebody else than its number's owner, over the insurers' port into the real
// stores: hidden, reported, in a case, released or corrected.

#include <gtest/gtest.h>

#include "kakunin/v1/identity_case_service.grpc.pb.h"
#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/identity_case_service.h"
#include "server/rpc/insurer_feed_service.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/status.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/identity_case_store.h"
#include "storage/postgres/request_store.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

constexpr char kNumber[] = "123456789018";  // its check digit is right

// The register knows one resident, whoever is asked for; or cannot be asked.
class OneResident final : public ResidentIdentities {
 public:
  absl::StatusOr<std::vector<std::optional<ResidentIdentity>>> FindIdentities(
      std::span<const Digest32> numbers) override {
    if (broken) return absl::FailedPreconditionError("residents.csv:2: wrong");
    return std::vector<std::optional<ResidentIdentity>>(
        numbers.size(), ResidentIdentity{.name = {"渡邉　花子", "ワタナベ　ハナコ"},
                                         .birth_date = absl::CivilDay(1980, 2, 3),
                                         .sex = Sex::kFemale,
                                         .address = "東京都みどり野市緑町一丁目２番"});
  }
  std::atomic<bool> broken = false;
};

class IdentityGateRpcTest : public testing::Test {
 protected:
  IdentityGateRpcTest() {
    RegisterTestCallers(database_, clock_.Now());
    port_ = std::make_unique<RpcServer>(database_, clock_, Port::kInsurer);
    feed_service_ = MakeInsurerFeedService({port_->dispatch(), port_->database(), feeds_,
                                            port_->registry_store(), requests_,
                                            FeedKeys{number_key_, look_up_key_, audit_key_},
                                            CopiesOfThisFormat(), histories_, &residents_});
    case_service_ = MakeIdentityCaseService(
        {port_->dispatch(), port_->database(), cases_, audit_key_, CopiesOfThisFormat()});
    port_->Start([this](grpc::ServerBuilder& builder) {
      builder.RegisterService(feed_service_.get());
      builder.RegisterService(case_service_.get());
    });
    insurer_ = v1::InsurerFeedService::NewStub(port_->Channel(Caller::kInsurer));
    case_stub_ = v1::IdentityCaseService::NewStub(port_->Channel(Caller::kInsurer));
  }
  ~IdentityGateRpcTest() override { port_->Stop(); }

  static v1::CoverageRow Row(const std::string& name, const std::string& kana) {
    v1::CoverageRow row;
    row.set_action(v1::ROW_ACTION_NEW);
    row.set_coverage_reference("R1");
    row.set_individual_number(kNumber);
    row.set_card_classification(v1::CARD_CLASSIFICATION_GENERAL);
    row.set_symbol("１２");
    row.set_number("1001");
    row.mutable_name()->set_original(name);
    row.mutable_name()->set_kana(kana);
    row.set_sex(v1::SEX_FEMALE);
    row.set_address("みどり野市緑町1-2");
    *row.mutable_birth_date() = DayToProto(absl::CivilDay(1980, 2, 3));
    *row.mutable_qualification_date() = DayToProto(absl::CivilDay(2018, 7, 1));
    return row;
  }
  static v1::CoverageRow Right() { return Row("渡辺花子", "ﾜﾀﾅﾍﾞ ﾊﾅｺ"); }
  static v1::CoverageRow Wrong() { return Row("鈴木　一郎", "スズキ　イチロウ"); }

  // Push sends one row; the stream's status.
  grpc::Status Push(int64_t number, const v1::CoverageRow& row) {
    v1::BeginFeedRequest begin;
    begin.set_request_id(TestUuid());
    begin.set_kind(v1::FEED_KIND_COVERAGES);
    begin.set_feed_number(number);
    v1::BeginFeedResponse begun;
    grpc::ClientContext begin_context;
    EXPECT_TRUE(insurer_->BeginFeed(&begin_context, begin, &begun).ok());
    feed_ = begun.feed().feed_id();
    v1::PushRowsRequest chunk;
    chunk.set_feed_id(feed_);
    chunk.set_chunk_number(1);
    *chunk.add_coverages() = row;
    grpc::ClientContext context;
    const auto stream = insurer_->PushRows(&context);
    v1::PushRowsResponse receipt;
    stream->Write(chunk);
    stream->Read(&receipt);
    stream->WritesDone();
    return stream->Finish();
  }
  v1::SealFeedResponse Deliver(int64_t number, const v1::CoverageRow& row) {
    EXPECT_TRUE(Push(number, row).ok());
    v1::SealFeedRequest request;
    request.set_feed_id(feed_);
    request.set_chunk_count(1);
    request.set_row_count(1);
    v1::SealFeedResponse response;
    grpc::ClientContext context;
    const grpc::Status status = insurer_->SealFeed(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    clock_.Advance(absl::Hours(1));
    return response;
  }
  v1::ListIdentityCasesResponse Cases(bool ended = false) {
    v1::ListIdentityCasesRequest request;
    request.set_include_ended(ended);
    v1::ListIdentityCasesResponse response;
    grpc::ClientContext context;
    EXPECT_TRUE(case_stub_->ListIdentityCases(&context, request, &response).ok());
    return response;
  }
  grpc::Status Release(v1::IdentityCaseService::Stub& stub, const std::string& id,
                       v1::ReleaseIdentityCaseResponse& response) {
    v1::ReleaseIdentityCaseRequest request;
    request.set_case_id(id);
    request.set_released_by("係長");
    grpc::ClientContext context;
    return stub.ReleaseIdentityCase(&context, request, &response);
  }
  std::string Visible() {
    return database_
        .Exec(
            "SELECT coalesce(string_agg(name, ' '), '') FROM kakunin.coverage"
            " WHERE known_to IS NULL AND visible")[0][0]
        .c_str();
  }

  SettableClock clock_;
  const TestDatabase database_;
  PostgresFeedStore feeds_;
  PostgresIdentityCaseStore cases_;
  PostgresRequestStore requests_;
  PostgresCoverageHistoryStore histories_;
  OneResident residents_;
  const auth::HmacKey number_key_ = TestKey("number");
  const auth::HmacKey look_up_key_ = TestKey("look-up");
  const auth::HmacKey audit_key_ = TestKey("audit");
  std::unique_ptr<grpc::Service> feed_service_;
  std::unique_ptr<grpc::Service> case_service_;
  std::unique_ptr<RpcServer> port_;
  std::unique_ptr<v1::InsurerFeedService::Stub> insurer_;
  std::unique_ptr<v1::IdentityCaseService::Stub> case_stub_;
  std::string feed_;
};

TEST_F(IdentityGateRpcTest, AMismatchIsHiddenReportedAndVisibleOnceReleased) {
  EXPECT_EQ(Deliver(1, Wrong()).counts().hidden_rows(), 1);
  EXPECT_EQ(Visible(), "");

  v1::GetFeedReportRequest report;
  report.set_feed_id(feed_);
  v1::GetFeedReportResponse reported;
  grpc::ClientContext context;
  ASSERT_TRUE(insurer_->GetFeedReport(&context, report, &reported).ok());
  ASSERT_EQ(reported.findings_size(), 1);
  EXPECT_EQ(reported.findings(0).reason(), "IDENTITY_MISMATCH");
  EXPECT_TRUE(reported.findings(0).hidden());

  const auto cases = Cases();
  ASSERT_EQ(cases.cases_size(), 1);
  const v1::IdentityCase& told = cases.cases(0);
  EXPECT_EQ(told.reason(), "IDENTITY_MISMATCH");
  EXPECT_EQ(told.coverage_reference(), "R1");
  EXPECT_EQ(told.feed_id(), feed_);
  ASSERT_EQ(told.fields_size(), 2);
  EXPECT_EQ(told.fields(0), v1::IDENTITY_FIELD_NAME);
  EXPECT_EQ(told.fields(1), v1::IDENTITY_FIELD_KANA);
  EXPECT_EQ(told.state(), v1::IDENTITY_CASE_STATE_OPEN);

  // Nobody else's insurer sees or releases it.
  const auto other = v1::IdentityCaseService::NewStub(port_->Channel(Caller::kOtherInsurer));
  v1::ReleaseIdentityCaseResponse released;
  EXPECT_EQ(DescribeError(Release(*other, told.case_id(), released)).reason, "CASE_NOT_FOUND");

  for (const int64_t ended : {1, 0}) {  // a lost answer is asked for again
    ASSERT_TRUE(Release(*case_stub_, told.case_id(), released).ok());
    EXPECT_EQ(released.released_cases(), ended);
    EXPECT_EQ(released.identity_case().state(), v1::IDENTITY_CASE_STATE_RELEASED);
    EXPECT_EQ(released.identity_case().decided_by(), "係長");
  }
  EXPECT_EQ(Visible(), "鈴木　一郎");
  EXPECT_EQ(Cases().cases_size(), 0);
  EXPECT_EQ(Cases(/*ended=*/true).cases_size(), 1);
}

TEST_F(IdentityGateRpcTest, CorrectedDataMakeItVisibleAndCloseTheCase) {
  Deliver(1, Wrong());
  EXPECT_EQ(Deliver(2, Right()).counts().new_rows(), 1);
  EXPECT_EQ(Visible(), "渡辺花子");
  const auto cases = Cases(/*ended=*/true);
  ASSERT_EQ(cases.cases_size(), 1);
  EXPECT_EQ(cases.cases(0).state(), v1::IDENTITY_CASE_STATE_CLOSED);
  v1::ReleaseIdentityCaseResponse released;
  EXPECT_EQ(DescribeError(Release(*case_stub_, cases.cases(0).case_id(), released)).reason,
            "CASE_NOT_OPEN");
}

TEST_F(IdentityGateRpcTest, WithoutTheRegisterNothingPassesAndThePushIsRepeated) {
  residents_.broken = true;
  const grpc::Status refused = Push(1, Right());
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(DescribeError(refused).reason, "RESIDENTS_UNAVAILABLE");
  residents_.broken = false;
  EXPECT_EQ(Deliver(1, Right()).counts().new_rows(), 1);
  EXPECT_EQ(Visible(), "渡辺花子");
}

}  // namespace
}  // namespace kakunin
