#include <gtest/gtest.h>

#include "domain/answer_row.h"
#include "domain/civil_day.h"
#include "kakunin/v1/card_link_service.grpc.pb.h"
#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/rpc/card_link_service.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/insurer_feed_service.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/status.h"
#include "storage/postgres/card_link_store.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/number_store.h"
#include "storage/postgres/request_store.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

constexpr char kNumber[] = "123456789018";     // its check digit is right
constexpr char kNewNumber[] = "987654321093";  // likewise

// FeedToTruthTest pushes over two ports into the real stores, and looks into the tables.
class FeedToTruthTest : public testing::Test {
 protected:
  FeedToTruthTest() {
    RegisterTestCallers(database_, clock_.Now());
    insurer_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kInsurer);
    operator_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kOperator);
    feed_service_ = MakeInsurerFeedService({insurer_port_->dispatch(), insurer_port_->database(),
                                            feeds_, insurer_port_->registry_store(), requests_,
                                            FeedKeys{number_key_, look_up_key_, audit_key_},
                                            CopiesOfThisFormat(), histories_});
    link_service_ = MakeCardLinkService({operator_port_->dispatch(), operator_port_->database(),
                                         links_, numbers_, requests_, number_key_, audit_key_});
    insurer_port_->Start(*feed_service_);
    operator_port_->Start(*link_service_);
    insurer_ = v1::InsurerFeedService::NewStub(insurer_port_->Channel(Caller::kInsurer));
  }
  ~FeedToTruthTest() override {
    insurer_port_->Stop();
    operator_port_->Stop();
  }

  static v1::CoverageRow Row(const std::string& reference) {
    v1::CoverageRow row;
    row.set_action(v1::ROW_ACTION_NEW);
    row.set_coverage_reference(reference);
    row.set_individual_number(kNumber);
    row.set_card_classification(v1::CARD_CLASSIFICATION_GENERAL);
    row.set_symbol("１２３４");
    row.set_number("5678910");
    row.set_branch_number("01");
    row.mutable_name()->set_original("厚労　太郎");
    row.set_sex(v1::SEX_MALE);
    *row.mutable_birth_date() = DayToProto(absl::CivilDay(1970, 1, 1));
    *row.mutable_qualification_date() = DayToProto(absl::CivilDay(2018, 7, 1));
    return row;
  }

  // Deliver pushes rows as one chunk of a new feed, seals and publishes it.
  v1::FeedCounts Deliver(int64_t feed_number, const std::vector<v1::CoverageRow>& rows) {
    v1::BeginFeedRequest begin;
    begin.set_request_id(TestUuid());
    begin.set_kind(v1::FEED_KIND_COVERAGES);
    begin.set_feed_number(feed_number);
    grpc::ClientContext begin_context;
    v1::BeginFeedResponse begun;
    EXPECT_TRUE(insurer_->BeginFeed(&begin_context, begin, &begun).ok());

    v1::PushRowsRequest chunk;
    chunk.set_feed_id(begun.feed().feed_id());
    chunk.set_chunk_number(1);
    for (const v1::CoverageRow& row : rows) *chunk.add_coverages() = row;
    grpc::ClientContext push_context;
    const auto stream = insurer_->PushRows(&push_context);
    v1::PushRowsResponse receipt;
    EXPECT_TRUE(stream->Write(chunk) && stream->Read(&receipt));
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());

    v1::SealFeedRequest seal;
    seal.set_feed_id(begun.feed().feed_id());
    seal.set_chunk_count(1);
    seal.set_row_count(static_cast<int64_t>(rows.size()));
    grpc::ClientContext seal_context;
    v1::SealFeedResponse sealed;
    const grpc::Status status = insurer_->SealFeed(&seal_context, seal, &sealed);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(sealed.feed().state(), v1::FEED_STATE_PUBLISHED);
    clock_.Advance(absl::Hours(1));
    return sealed.counts();
  }

  // AnswerOf reads the one person's stored answer row.
  std::vector<v1::Coverage> AnswerOf() {
    const auto rows = database_.Exec("SELECT encode(octets, 'hex'), format FROM kakunin.answer");
    EXPECT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0][1].as<int>(), kAnswerFormat);
    const std::string hex = rows[0][0].as<std::string>();
    std::string octets;
    for (size_t i = 0; i < hex.size(); i += 2) {
      octets.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    std::vector<v1::Coverage> coverages;
    const auto decoded = DecodeAnswerRow(octets);
    EXPECT_TRUE(decoded.ok());
    for (const AnswerCoverage& coverage : *decoded) {
      std::string spliced(coverage.octets);
      for (const AnswerPiece& piece : coverage.pieces) spliced += piece.octets;
      EXPECT_TRUE(coverages.emplace_back().ParseFromString(spliced));
    }
    return coverages;
  }
  int64_t Count(const std::string& from) {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }

  TestDatabase database_;
  SettableClock clock_;
  PostgresRequestStore requests_;
  PostgresFeedStore feeds_;
  PostgresCoverageHistoryStore histories_;
  PostgresCardLinkStore links_;
  PostgresNumberStore numbers_;
  auth::HmacKey number_key_ = TestKey("individual number");
  auth::HmacKey look_up_key_ = TestKey("look-up");
  auth::HmacKey audit_key_ = TestKey("audit");
  std::unique_ptr<RpcServer> insurer_port_;
  std::unique_ptr<RpcServer> operator_port_;
  std::unique_ptr<grpc::Service> feed_service_;
  std::unique_ptr<grpc::Service> link_service_;
  std::unique_ptr<v1::InsurerFeedService::Stub> insurer_;
};

TEST_F(FeedToTruthTest, APublishedRowIsAnswerAndLookUp) {
  const v1::FeedCounts counts = Deliver(1, {Row("R1")});
  EXPECT_EQ(counts.new_rows(), 1);
  EXPECT_EQ(counts.new_persons(), 1);
  const auto answer = AnswerOf();
  ASSERT_EQ(answer.size(), 1u);
  EXPECT_EQ(answer[0].name().original(), "厚労　太郎");
  EXPECT_EQ(answer[0].insurer_number(), kTestInsurer);
  EXPECT_EQ(answer[0].insurer_name(), "試験用の名称");
  EXPECT_EQ(Count("insured_lookup"), 2);  // with and without the branch
}

TEST_F(FeedToTruthTest, ChangedAndLostRowsReplaceWhatWasKnown) {
  Deliver(1, {Row("R1")});
  v1::CoverageRow changed = Row("R1");
  changed.set_action(v1::ROW_ACTION_CHANGED);
  changed.set_address("東京都千代田区");
  EXPECT_EQ(Deliver(2, {changed}).changed_rows(), 1);
  EXPECT_EQ(AnswerOf().at(0).address(), "東京都千代田区");
  v1::CoverageRow lost = changed;
  lost.set_action(v1::ROW_ACTION_LOST);
  *lost.mutable_disqualification_date() = DayToProto(absl::CivilDay(2026, 4, 1));
  EXPECT_EQ(Deliver(3, {lost}).lost_rows(), 1);
  EXPECT_EQ(DayFromProto(AnswerOf().at(0).disqualification_date()), absl::CivilDay(2026, 4, 1));
  EXPECT_EQ(Count("coverage"), 3);  // nothing is overwritten
  EXPECT_EQ(Deliver(4, {lost}).unchanged_rows(), 1);
}

TEST_F(FeedToTruthTest, ARowWithoutNumberIsStoredAndShownToNobody) {
  v1::CoverageRow row = Row("R1");
  row.clear_individual_number();
  EXPECT_EQ(Deliver(1, {row}).hidden_rows(), 1);
  EXPECT_EQ(Count("hidden_coverage"), 1);
  EXPECT_EQ(Count("coverage"), 0);
  EXPECT_EQ(Count("insured_lookup"), 0);
}

// What cannot be read says nothing but whom it is about.
TEST_F(FeedToTruthTest, ARowThatCannotBeReadTakesTheOtherRowsOfItsPersonWithIt) {
  v1::CoverageRow lost = Row("R1");
  lost.set_action(v1::ROW_ACTION_LOST);
  *lost.mutable_disqualification_date() = DayToProto(absl::CivilDay(2026, 4, 1));
  v1::CoverageRow next = Row("R2");
  *next.mutable_qualification_date() = DayToProto(absl::CivilDay(2026, 4, 1));
  next.clear_number();
  Deliver(1, {Row("R1")});
  v1::FeedCounts counts = Deliver(2, {lost, next});
  EXPECT_EQ(counts.refused_rows(), 2);
  EXPECT_FALSE(AnswerOf().at(0).has_disqualification_date()) << "nobody is left without coverage";
  next.set_number("5678910");
  counts = Deliver(3, {lost, next});
  EXPECT_EQ(counts.lost_rows(), 1);
  EXPECT_EQ(counts.new_rows(), 1);
}

TEST_F(FeedToTruthTest, CardAndCoverageMeetInOnePersonWhoseNumberIsNowhere) {
  const auto stub = v1::CardLinkService::NewStub(operator_port_->Channel(Caller::kOperator));
  v1::PushCardLinksRequest request;
  request.set_request_id(TestUuid());
  v1::CardLink& link = *request.add_links();
  link.set_issuer_key_id(std::string(32, 'k'));
  link.set_serial("\x12\x34");
  link.set_medium(v1::CARD_MEDIUM_CARD);
  link.set_individual_number(kNumber);
  grpc::ClientContext context;
  v1::PushCardLinksResponse response;
  const grpc::Status status = stub->PushCardLinks(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.linked(), 1);
  EXPECT_EQ(Deliver(1, {Row("R1")}).new_persons(), 0);
  EXPECT_EQ(Count("person"), 1);
  EXPECT_EQ(Count("card_link JOIN kakunin.coverage USING (person_id)"), 1);

  const auto tables = database_.Exec(
      "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'kakunin'");
  for (const auto& table : tables) {
    const std::string name = table[0].as<std::string>();
    EXPECT_EQ(database_
                  .Exec("SELECT count(*) FROM " + name + " t WHERE t::text LIKE '%" + kNumber +
                        "%'")[0][0]
                  .as<int64_t>(),
              0)
        << name;
  }
}

TEST_F(FeedToTruthTest, ANewIndividualNumberLeadsToTheSamePersonAsTheOldOne) {
  Deliver(1, {Row("R1")});
  const auto stub = v1::CardLinkService::NewStub(operator_port_->Channel(Caller::kOperator));
  v1::PushNumberChangesRequest request;
  request.set_request_id(TestUuid());
  v1::NumberChange& change = *request.add_changes();
  change.set_old_individual_number(kNumber);
  change.set_new_individual_number(kNewNumber);
  *change.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
  grpc::ClientContext context;
  v1::PushNumberChangesResponse response;
  const grpc::Status status = stub->PushNumberChanges(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.changed(), 1);

  v1::CoverageRow under_new = Row("R2");
  under_new.set_individual_number(kNewNumber);
  EXPECT_EQ(Deliver(2, {under_new}).new_persons(), 0);
  EXPECT_EQ(Deliver(3, {Row("R3")}).new_persons(), 0);  // an insurer that has not heard of it
  EXPECT_EQ(Count("person"), 1);
  EXPECT_EQ(AnswerOf().size(), 3u);
}

}  // namespace
}  // namespace kakunin
