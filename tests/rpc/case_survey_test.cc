// What an operator sees of the cases of every insurer, and the watch that counts them.

#include <gtest/gtest.h>

#include "domain/resident_identity.h"
#include "kakunin/v1/operations_service.grpc.pb.h"
#include "server/identity_case_watch.h"
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
#include "tests/postgres/feed_driver.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

using Request = v1::OperationsServiceListIdentityCasesRequest;
using Response = v1::OperationsServiceListIdentityCasesResponse;

class CaseSurveyTest : public testing::Test {
 protected:
  CaseSurveyTest() {
    RegisterTestCallers(database_, clock_.Now());
    port_ = std::make_unique<RpcServer>(database_, clock_, Port::kOperator);
    service_ = MakeOperationsService({port_->dispatch(), port_->database(), port_->registry_store(),
                                      requests_, feeds_, histories_, key_, key_, protections_, key_,
                                      repairs_, cases_, numbers_, CopiesOfThisFormat()});
    port_->Start(*service_);
    Deliver(a_, kInsurerA, 1, {1, 2});
    Deliver(b_, kInsurerB, 2, {3});
    Opened(kInsurerA, clock_.Now() - absl::Hours(29));
    Opened(kInsurerB, clock_.Now());
  }
  ~CaseSurveyTest() override { port_->Stop(); }

  // Sets when the insurer's cases were opened.
  void Opened(const std::string& insurer, absl::Time at) {
    database_.Exec("UPDATE kakunin.identity_case SET opened_at = '" +
                   absl::FormatTime(at, absl::UTCTimeZone()) + "' WHERE insurer_number = '" +
                   insurer + "'");
  }
  // Delivers rows in doubt, `hour` hours after TestInstant.
  static void Deliver(FeedDriver& feeds, const std::string& insurer, int64_t hour,
                      const std::vector<int>& who) {
    std::vector<StagedCoverage> rows;
    for (const int one : who) {
      rows.push_back(SampleRow(insurer, "R" + std::to_string(one), one));
      rows.back().doubt = IdentityDoubt{kIdentityName | kIdentitySex, SampleKey(1000 + one)};
    }
    feeds.Deliver(hour, rows);
  }
  grpc::Status List(const Request& request, Response& response) {
    response.Clear();
    grpc::ClientContext context;
    const auto stub = v1::OperationsService::NewStub(port_->Channel(Caller::kOperator));
    return stub->ListIdentityCases(&context, request, &response);
  }
  // The references that are told, page by page.
  std::string References(Request request) {
    std::string told;
    Response response;
    do {
      const grpc::Status status = List(request, response);
      EXPECT_TRUE(status.ok()) << status.error_message();
      for (const v1::CaseOfInsurer& one : response.cases()) {
        told += one.insurer_number() + "/" + one.identity_case().coverage_reference() + " ";
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return told;
  }

  SettableClock clock_;
  const TestDatabase database_;
  PostgresFeedStore feeds_;
  PostgresRequestStore requests_;
  PostgresCoverageHistoryStore histories_;
  PostgresProtectionStore protections_;
  PostgresPersonRepairStore repairs_;
  PostgresIdentityCaseStore cases_;
  PostgresNumberStore numbers_;
  FeedDriver a_{database_, kInsurerA};
  FeedDriver b_{database_, kInsurerB};
  const auth::HmacKey key_ = TestKey("any");
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<RpcServer> port_;
};

TEST_F(CaseSurveyTest, ListsTheCasesOfEveryInsurerByInsurerAgeAndState) {
  Request request;
  request.set_page_size(1);
  const std::string of_a = References([] {
    Request one;
    one.set_insurer_number(kInsurerA);
    return one;
  }());
  EXPECT_EQ(of_a.size(), 2 * std::string("33120015/R1 ").size());
  const std::string of_b = std::string(kInsurerB) + "/R3 ";
  EXPECT_EQ(References(request), of_a + of_b);
  request.set_least_days_old(1);  // 24 hours or more
  EXPECT_EQ(References(request), of_a);
  request.set_least_days_old(2);
  EXPECT_EQ(References(request), "");

  Response response;
  request.Clear();
  request.set_insurer_number(kInsurerB);
  ASSERT_TRUE(List(request, response).ok());
  ASSERT_EQ(response.cases_size(), 1);
  EXPECT_EQ(response.cases(0).persons(), 1);
  const v1::IdentityCase told = response.cases(0).identity_case();
  EXPECT_EQ(told.fields_size(), 2);
  b_.Deliver(3, std::vector<StagedCoverage>{SampleRow(kInsurerB, "R3", 3)});  // corrected
  EXPECT_EQ(References(request), "");
  request.set_include_ended(true);
  EXPECT_EQ(References(request), of_b);

  request.Clear();
  request.set_case_id(told.case_id());
  ASSERT_TRUE(List(request, response).ok());
  ASSERT_EQ(response.cases_size(), 1);
  EXPECT_EQ(response.cases(0).identity_case().state(), v1::IDENTITY_CASE_STATE_CLOSED);
  request.set_case_id(TestUuid());
  EXPECT_EQ(DescribeError(List(request, response)).reason, "CASE_NOT_FOUND");
}

TEST_F(CaseSurveyTest, TellsEveryFieldThatIsWrong) {
  Request request;
  request.set_insurer_number("12");
  request.set_case_id("x");
  request.set_least_days_old(-1);
  request.set_page_size(-1);
  request.set_page_token("nonsense");
  Response response;
  const ErrorDescription told = DescribeError(List(request, response));
  EXPECT_EQ(told.reason, "INVALID_FIELDS");
  EXPECT_EQ(told.violations.size(), 5u);
}

TEST_F(CaseSurveyTest, TheWatchCountsThemByTheirAge) {
  const IdentityCaseWatch now(port_->database(), cases_, clock_);
  EXPECT_EQ(now.Open(0), 3);
  EXPECT_EQ(now.Open(1), 0);
  EXPECT_LT(now.Age(), absl::Minutes(1));
  clock_.Advance(absl::Hours(72 - 29));
  const IdentityCaseWatch later(port_->database(), cases_, clock_);
  EXPECT_EQ(later.Open(1), 2);  // for three days
  EXPECT_EQ(later.Open(2), 0);
}

}  // namespace
}  // namespace kakunin
