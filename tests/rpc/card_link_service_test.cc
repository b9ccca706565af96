#include "server/rpc/card_link_service.h"

#include <gtest/gtest.h>

#include "domain/civil_day.h"
#include "kakunin/v1/card_link_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
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

// RecordingNumbers keeps what the border hands over and answers as told.
class RecordingNumbers final : public NumberStore {
 public:
  absl::StatusOr<std::vector<NumberChangeOutcome>> Change(Transaction&,
                                                          std::span<const NumberChange> given,
                                                          absl::Time) override {
    changes.assign(given.begin(), given.end());
    ++calls;
    return outcomes;
  }
  std::vector<NumberChange> changes;
  int calls = 0;
  std::vector<NumberChangeOutcome> outcomes = {NumberChangeOutcome::kChanged};
};

constexpr char kNumber[] = "123456789018";     // its check digit is right
constexpr char kNewNumber[] = "987654321093";  // likewise

class CardLinkServiceTest : public testing::Test {
 protected:
  CardLinkServiceTest() {
    RegisterTestCallers(database_, clock_.Now());
    server_ = std::make_unique<RpcServer>(database_, clock_, Port::kOperator);
    service_ = MakeCardLinkService({server_->dispatch(), server_->database(), links_, numbers_,
                                    requests_, number_key_, audit_key_});
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

  v1::PushNumberChangesRequest ChangeRequest() const {
    v1::PushNumberChangesRequest request;
    request.set_request_id(TestUuid());
    v1::NumberChange& change = *request.add_changes();
    change.set_old_individual_number(kNumber);
    change.set_new_individual_number(kNewNumber);
    *change.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
    return request;
  }
  grpc::Status Push(const v1::PushNumberChangesRequest& request,
                    Caller caller = Caller::kOperator) {
    const auto stub = v1::CardLinkService::NewStub(server_->Channel(caller));
    grpc::ClientContext context;
    return stub->PushNumberChanges(&context, request, &changed_);
  }

  TestDatabase database_;
  SettableClock clock_;
  PostgresRequestStore requests_;
  RecordingLinks links_;
  RecordingNumbers numbers_;
  auth::HmacKey number_key_ = TestKey("individual number");
  auth::HmacKey audit_key_ = TestKey("audit");
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<grpc::Service> service_;
  v1::PushCardLinksResponse response_;
  v1::PushNumberChangesResponse changed_;
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

TEST_F(CardLinkServiceTest, AChangedNumberIsHandedOverAsTwoKeyedHashes) {
  ASSERT_TRUE(Push(ChangeRequest()).ok());
  EXPECT_EQ(changed_.changed(), 1);
  ASSERT_EQ(numbers_.changes.size(), 1u);
  EXPECT_EQ(numbers_.changes[0].from.hash, number_key_.Mac(std::string_view(kNumber)));
  EXPECT_EQ(numbers_.changes[0].to.hash, number_key_.Mac(std::string_view(kNewNumber)));
  EXPECT_EQ(numbers_.changes[0].to.key_id, number_key_.key_id());
  EXPECT_EQ(numbers_.changes[0].day, CivilDayAt(clock_.Now()));
  const auto rows = database_.Exec(
      "SELECT a::text FROM kakunin.audit_event a UNION ALL"
      " SELECT o::text FROM kakunin.request_outcome o");
  ASSERT_EQ(rows.size(), 2u);
  for (const auto& row : rows) {
    EXPECT_EQ(row[0].as<std::string>().find(kNumber), std::string::npos);
    EXPECT_EQ(row[0].as<std::string>().find(kNewNumber), std::string::npos);
  }
}

TEST_F(CardLinkServiceTest, ARefusedChangeIsToldByItsPlaceAndLeavesTheOthersAlone) {
  auto request = ChangeRequest();
  for (int i = 0; i < 4; ++i) *request.add_changes() = request.changes(0);
  using enum NumberChangeOutcome;
  numbers_.outcomes = {kChanged, kTwoPersons, kUnchanged, kAlreadyReplaced, kWouldReturn};
  ASSERT_TRUE(Push(request).ok());
  EXPECT_EQ(changed_.changed(), 1);
  EXPECT_EQ(changed_.unchanged(), 1);
  std::vector<std::pair<int, int>> refused;
  for (const auto& one : changed_.refused()) refused.emplace_back(one.index(), one.refusal());
  EXPECT_EQ(refused,
            (std::vector<std::pair<int, int>>{{1, v1::NUMBER_CHANGE_REFUSAL_TWO_PERSONS},
                                              {3, v1::NUMBER_CHANGE_REFUSAL_ALREADY_REPLACED},
                                              {4, v1::NUMBER_CHANGE_REFUSAL_WOULD_RETURN}}));
  EXPECT_EQ(database_.Exec("SELECT details FROM kakunin.audit_event")[0][0].as<std::string>(),
            "changed=1;unchanged=1;refused=3");
}

TEST_F(CardLinkServiceTest, ARepeatedChangeActsOnce) {
  const auto request = ChangeRequest();
  ASSERT_TRUE(Push(request).ok());
  ASSERT_TRUE(Push(request).ok());
  EXPECT_EQ(changed_.changed(), 1);
  EXPECT_EQ(numbers_.calls, 1);
  auto other = request;
  other.mutable_changes(0)->set_old_individual_number(kNewNumber);
  other.mutable_changes(0)->set_new_individual_number(kNumber);
  EXPECT_EQ(DescribeError(Push(other)).reason, "REQUEST_ID_REUSED");
}

TEST_F(CardLinkServiceTest, TellsEveryViolationOfAChangeByItsPlace) {
  auto request = ChangeRequest();
  *request.add_changes() = request.changes(0);
  request.mutable_changes(0)->set_new_individual_number(kNumber);
  request.mutable_changes(1)->set_old_individual_number("123456789012");
  request.mutable_changes(1)->clear_new_individual_number();
  *request.mutable_changes(1)->mutable_day() = DayToProto(CivilDayAt(clock_.Now()) + 1);
  request.add_changes();
  std::vector<std::string> fields;
  for (const FieldViolation& violation : DescribeError(Push(request)).violations) {
    fields.push_back(violation.field);
  }
  EXPECT_EQ(fields, (std::vector<std::string>{
                        "changes[0].new_individual_number", "changes[1].old_individual_number",
                        "changes[1].new_individual_number", "changes[1].day",
                        "changes[2].old_individual_number", "changes[2].new_individual_number",
                        "changes[2].day"}));
  EXPECT_EQ(numbers_.calls, 0);
}

TEST_F(CardLinkServiceTest, TakesAThousandChangesAndNoMore) {
  auto request = ChangeRequest();
  while (request.changes_size() < 1000) *request.add_changes() = request.changes(0);
  EXPECT_TRUE(Push(request).ok());
  *request.add_changes() = request.changes(0);
  EXPECT_EQ(DescribeError(Push(request)).violations.at(0).field, "changes");
}

TEST_F(CardLinkServiceTest, ChangesAreForOperatorsAlone) {
  for (const Caller caller : {Caller::kTerminal, Caller::kInsurer}) {
    EXPECT_EQ(DescribeError(Push(ChangeRequest(), caller)).reason, "WRONG_KIND_OF_CALLER");
  }
  EXPECT_EQ(numbers_.calls, 0);
}

}  // namespace
}  // namespace kakunin
