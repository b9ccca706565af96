#include "server/rpc/card_link_service.h"

#include <gtest/gtest.h>

#include "kakunin/v1/card_link_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "storage/postgres/request_store.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

// RecordingLinks keeps what the border hands over.
class RecordingLinks final : public CardLinkStore {
 public:
  absl::StatusOr<CardLinkCounts> Put(Transaction&, std::span<const CardLinkRow> links,
                                     absl::Time) override {
    if (!status.ok()) return status;
    rows.assign(links.begin(), links.end());
    ++puts;
    return CardLinkCounts{.linked = static_cast<int64_t>(links.size())};
  }
  std::vector<CardLinkRow> rows;
  int puts = 0;
  absl::Status status;
};

constexpr char kNumber[] = "123456789018";  // its check digit is right

class CardLinkServiceTest : public testing::Test {
 protected:
  CardLinkServiceTest() {
    RegisterTestCallers(database_, clock_.Now());
    server_ = std::make_unique<RpcServer>(database_, clock_, Port::kOperator);
    service_ = MakeCardLinkService(
        {server_->dispatch(), server_->database(), links_, requests_, number_key_, audit_key_});
    server_->Start(*service_);
  }
  ~CardLinkServiceTest() override { server_->Stop(); }

  static v1::PushCardLinksRequest Request() {
    v1::PushCardLinksRequest request;
    request.set_request_id(TestUuid());
    v1::CardLink& link = *request.add_links();
    link.set_issuer_key_id(std::string(32, 'k'));
    link.set_serial("\x12\x34");
    link.set_medium(v1::CARD_MEDIUM_CARD);
    link.set_individual_number(kNumber);
    return request;
  }
  grpc::Status Push(const v1::PushCardLinksRequest& request, Caller caller = Caller::kOperator) {
    const auto stub = v1::CardLinkService::NewStub(server_->Channel(caller));
    grpc::ClientContext context;
    return stub->PushCardLinks(&context, request, &response_);
  }

  TestDatabase database_;
  SettableClock clock_;
  PostgresRequestStore requests_;
  RecordingLinks links_;
  auth::HmacKey number_key_ = TestKey("individual number");
  auth::HmacKey audit_key_ = TestKey("audit");
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<grpc::Service> service_;
  v1::PushCardLinksResponse response_;
};

TEST_F(CardLinkServiceTest, HandsOverTheKeyedHashOnly) {
  ASSERT_TRUE(Push(Request()).ok());
  EXPECT_EQ(response_.linked(), 1);
  ASSERT_EQ(links_.rows.size(), 1u);
  EXPECT_EQ(links_.rows[0].individual.hash, number_key_.Mac(std::string_view(kNumber)));
  EXPECT_EQ(links_.rows[0].individual.key_id, number_key_.key_id());
  EXPECT_EQ(links_.rows[0].medium, 1);
}

TEST_F(CardLinkServiceTest, TheNumberStandsNowhereInTheDatabase) {
  ASSERT_TRUE(Push(Request()).ok());
  const auto rows = database_.Exec(
      "SELECT a::text FROM kakunin.audit_event a UNION ALL"
      " SELECT o::text FROM kakunin.request_outcome o");
  ASSERT_EQ(rows.size(), 2u);
  for (const auto& row : rows) {
    EXPECT_EQ(row[0].as<std::string>().find(kNumber), std::string::npos);
  }
}

TEST_F(CardLinkServiceTest, ARepetitionActsOnce) {
  const auto request = Request();
  ASSERT_TRUE(Push(request).ok());
  ASSERT_TRUE(Push(request).ok());
  EXPECT_EQ(response_.linked(), 1);
  EXPECT_EQ(links_.puts, 1);
  auto other = request;
  other.mutable_links(0)->set_serial("\x55");
  EXPECT_EQ(DescribeError(Push(other)).reason, "REQUEST_ID_REUSED");
}

TEST_F(CardLinkServiceTest, TellsEveryViolationByItsPlace) {
  auto request = Request();
  *request.add_links() = request.links(0);
  request.mutable_links(1)->set_individual_number("123456789012");
  request.mutable_links(1)->set_issuer_key_id("short");
  request.mutable_links(1)->set_serial(std::string("\0\1", 2));
  request.mutable_links(1)->set_replaces_serial("\x01");
  const ErrorDescription told = DescribeError(Push(request));
  std::vector<std::string> fields;
  for (const FieldViolation& violation : told.violations) fields.push_back(violation.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"links[1].issuer_key_id", "links[1].serial",
                                              "links[1].replaces_issuer_key_id",
                                              "links[1].individual_number"}));
  EXPECT_EQ(links_.puts, 0);
}

TEST_F(CardLinkServiceTest, ACardDoesNotReplaceItself) {
  auto request = Request();
  v1::CardLink& link = *request.mutable_links(0);
  link.set_replaces_issuer_key_id(link.issuer_key_id());
  link.set_replaces_serial(link.serial());
  const ErrorDescription told = DescribeError(Push(request));
  ASSERT_EQ(told.violations.size(), 1u);
  EXPECT_EQ(told.violations[0].field, "links[0].replaces_serial");
  EXPECT_EQ(links_.puts, 0);
}

TEST_F(CardLinkServiceTest, TakesFiveThousandAndNoMore) {
  auto request = Request();
  while (request.links_size() < 5000) *request.add_links() = request.links(0);
  EXPECT_TRUE(Push(request).ok());
  *request.add_links() = request.links(0);
  EXPECT_EQ(DescribeError(Push(request)).violations.at(0).field, "links");
}

TEST_F(CardLinkServiceTest, AConflictIsToldAndAuditedAndKeepsNoOutcome) {
  links_.status = MakeError(Reason::kPersonConflict);
  EXPECT_EQ(DescribeError(Push(Request())).reason, "PERSON_CONFLICT");
  EXPECT_EQ(
      database_
          .Exec("SELECT count(*) FROM kakunin.audit_event WHERE reason = 'PERSON_CONFLICT'")[0][0]
          .as<int>(),
      1);
  EXPECT_EQ(database_.Exec("SELECT count(*) FROM kakunin.request_outcome")[0][0].as<int>(), 0);
}

TEST_F(CardLinkServiceTest, RefusesEverybodyButOperators) {
  for (const Caller caller : {Caller::kTerminal, Caller::kInsurer}) {
    EXPECT_EQ(DescribeError(Push(Request(), caller)).reason, "WRONG_KIND_OF_CALLER");
  }
  EXPECT_EQ(DescribeError(Push(Request(), Caller::kRevokedTerminal)).reason, "TERMINAL_REVOKED");
  EXPECT_EQ(DescribeError(Push(Request(), Caller::kUnknown)).reason, "CERTIFICATE_NOT_REGISTERED");
  for (const Caller caller : {Caller::kForeign, Caller::kExpired, Caller::kNobody}) {
    EXPECT_EQ(Push(Request(), caller).error_code(), grpc::StatusCode::UNAVAILABLE);
  }
  EXPECT_EQ(links_.puts, 0);
}

}  // namespace
}  // namespace kakunin
