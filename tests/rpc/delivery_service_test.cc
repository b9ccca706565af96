// An insurer's view of its deliveries, over its port.

#include "server/rpc/delivery_service.h"

#include <gtest/gtest.h>

#include "kakunin/v1/delivery_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "storage/postgres/delivery_store.h"
#include "tests/postgres/feed_driver.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

using Stub = v1::DeliveryService::Stub;

StagedCoverage WithoutNumber(const std::string& insurer, int who) {
  const StagedCoverage row = SampleRow(insurer, "R" + std::to_string(who), who);
  return {.action = row.action, .record = row.record};
}

class DeliveryServiceTest : public testing::Test {
 protected:
  DeliveryServiceTest() {
    RegisterTestCallers(database_, clock_.Now());
    port_ = std::make_unique<RpcServer>(database_, clock_, Port::kInsurer);
    service_ = MakeDeliveryService(
        {port_->dispatch(), port_->database(), deliveries_, audit_key_, /*tolerated_days=*/5});
    port_->Start([this](grpc::ServerBuilder& builder) { builder.RegisterService(service_.get()); });
  }
  ~DeliveryServiceTest() override { port_->Stop(); }

  template <class Request, class Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response& response, Caller caller = Caller::kInsurer) {
    response.Clear();
    grpc::ClientContext context;
    const auto stub = v1::DeliveryService::NewStub(port_->Channel(caller));
    return (stub.get()->*method)(&context, request, &response);
  }
  v1::GetDeliveryStatusResponse Status() {
    v1::GetDeliveryStatusResponse response;
    const grpc::Status status = Call(&Stub::GetDeliveryStatus, {}, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  SettableClock clock_;
  const TestDatabase database_;
  PostgresDeliveryStore deliveries_;
  FeedDriver feeds_{database_, kTestInsurer};
  const auth::HmacKey audit_key_ = TestKey("audit");
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<RpcServer> port_;
};

TEST_F(DeliveryServiceTest, WhoNeverDeliveredIsToldThatFacilitiesHearOfIt) {
  const v1::GetDeliveryStatusResponse status = Status();
  EXPECT_FALSE(status.has_days_since_delivery());
  EXPECT_TRUE(status.facilities_are_told());
  EXPECT_EQ(status.told_from_days(), 6);
  EXPECT_EQ(status.lags_size(), 6);
  EXPECT_FALSE(status.has_waiting());
}

TEST_F(DeliveryServiceTest, OfAReviewersDelayNoFacilityHears) {
  v1::GetDeliveryStatusResponse status;
  ASSERT_TRUE(Call(&Stub::GetDeliveryStatus, {}, status, Caller::kReviewer).ok());
  EXPECT_FALSE(status.facilities_are_told());
  EXPECT_EQ(status.told_from_days(), 0);
  v1::ListHiddenCoveragesResponse hidden;
  EXPECT_FALSE(Call(&Stub::ListHiddenCoverages, {}, hidden, Caller::kReviewer).ok());
}

TEST_F(DeliveryServiceTest, TellsHowFarHowLateAndWhatIsHidden) {
  feeds_.Deliver(1, std::vector<StagedCoverage>{SampleRow(kTestInsurer, "R1", 1)});
  feeds_.Deliver(2, {SampleRow(kTestInsurer, "R2", 2), WithoutNumber(kTestInsurer, 3)});
  feeds_.Begin(3);
  database_.Exec("UPDATE kakunin.delivery_progress SET through = '" +
                 absl::FormatTime(clock_.Now() - absl::Hours(24 * 6)) +
                 "'; UPDATE kakunin.feed SET published_at = '" + absl::FormatTime(clock_.Now()) +
                 "' WHERE published_at IS NOT NULL");
  const v1::GetDeliveryStatusResponse status = Status();
  EXPECT_EQ(status.days_since_delivery(), 6);
  EXPECT_TRUE(status.facilities_are_told());
  EXPECT_EQ(status.lags(5).begun_rows(), 1) << "began in 2018";
  EXPECT_EQ(status.waiting().feed_number(), 3);
  ASSERT_EQ(status.hidden_size(), 1);
  EXPECT_EQ(status.hidden(0).reason(), "NO_INDIVIDUAL_NUMBER");
  EXPECT_NE(status.hidden(0).message().find("個人番号がない"), std::string::npos);

  v1::ListHiddenCoveragesResponse hidden;
  ASSERT_TRUE(Call(&Stub::ListHiddenCoverages, {}, hidden).ok());
  ASSERT_EQ(hidden.coverages_size(), 1);
  EXPECT_EQ(hidden.coverages(0).coverage_reference(), "R3");
  EXPECT_TRUE(hidden.next_page_token().empty());
}

TEST_F(DeliveryServiceTest, HiddenCoveragesArePaged) {
  std::vector<StagedCoverage> rows;
  for (int i = 1; i <= 5; ++i) rows.push_back(WithoutNumber(kTestInsurer, i));
  feeds_.Deliver(1, rows);
  v1::ListHiddenCoveragesRequest request;
  request.set_page_size(2);
  std::string told;
  do {
    v1::ListHiddenCoveragesResponse page;
    ASSERT_TRUE(Call(&Stub::ListHiddenCoverages, request, page).ok());
    for (const auto& coverage : page.coverages()) told += coverage.coverage_reference();
    told += '|';
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(told, "R1R2|R3R4|R5|");
  request.set_page_size(-1);
  request.set_page_token(std::string(161, 'x'));
  v1::ListHiddenCoveragesResponse page;
  EXPECT_EQ(DescribeError(Call(&Stub::ListHiddenCoverages, request, page)).reason,
            "INVALID_FIELDS");
}

TEST_F(DeliveryServiceTest, AnotherInsurersAreNotThere) {
  FeedDriver other(database_, kInsurerA);
  other.Deliver(1, std::vector<StagedCoverage>{WithoutNumber(kInsurerA, 1)});
  EXPECT_EQ(Status().delivered_size(), 0);
  EXPECT_EQ(Status().hidden_size(), 0);
}

}  // namespace
}  // namespace kakunin
