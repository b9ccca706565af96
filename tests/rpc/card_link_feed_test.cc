// Card links from the provider's own certificate to a card at the desk.

#include <gtest/gtest.h>

#include <algorithm>

#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/rpc/insurer_feed_service.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/status.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/request_store.h"
#include "tests/rpc/card_confirmation_fixture.h"

namespace kakunin {
namespace {

constexpr char kNumber[] = "123456789018";       // its check digit is right
constexpr char kOtherNumber[] = "987654321093";  // likewise
constexpr uint64_t kRenewed = 0x7001;

class CardLinkFeedServiceTest : public CardConfirmationTest {
 protected:
  CardLinkFeedServiceTest() {
    insurer_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kInsurer);
    feed_service_ = MakeInsurerFeedService({insurer_port_->dispatch(), insurer_port_->database(),
                                            feeds_, insurer_port_->registry_store(), requests_,
                                            FeedKeys{number_key_, look_up_key_, audit_key_},
                                            CopiesOfThisFormat(), histories_});
    insurer_port_->Start(*feed_service_);
    provider_ = Feeder(Caller::kLinkProvider);
  }
  ~CardLinkFeedServiceTest() override { insurer_port_->Stop(); }

  std::unique_ptr<v1::InsurerFeedService::Stub> Feeder(Caller caller) {
    return v1::InsurerFeedService::NewStub(insurer_port_->Channel(caller));
  }

  static v1::CardLink Link(uint64_t serial, const std::string& number = kNumber,
                           uint64_t replaces = 0) {
    v1::CardLink link;
    link.set_issuer_key_id(CardIssuerKeyId());
    link.set_serial(SerialOctets(serial));
    link.set_medium(v1::CARD_MEDIUM_CARD);
    link.set_individual_number(number);
    if (replaces != 0) {
      link.set_replaces_issuer_key_id(CardIssuerKeyId());
      link.set_replaces_serial(SerialOctets(replaces));
    }
    return link;
  }

  static grpc::Status Begin(v1::InsurerFeedService::Stub& stub, v1::FeedKind kind, int64_t number,
                            v1::BeginFeedResponse& begun, const std::string& digest = "") {
    v1::BeginFeedRequest begin;
    begin.set_request_id(TestUuid());
    begin.set_kind(kind);
    begin.set_feed_number(number);
    begin.set_content_digest(digest);
    grpc::ClientContext context;
    return stub.BeginFeed(&context, begin, &begun);
  }
  static grpc::Status Push(v1::InsurerFeedService::Stub& stub, const v1::PushRowsRequest& chunk,
                           v1::PushRowsResponse& receipt) {
    grpc::ClientContext context;
    const auto stream = stub.PushRows(&context);
    stream->Write(chunk);
    stream->Read(&receipt);
    stream->WritesDone();
    return stream->Finish();
  }

  // Delivers links as the provider does: one chunk, sealed, and published unless it is risky.
  v1::SealFeedResponse Deliver(const std::vector<v1::CardLink>& links) {
    v1::BeginFeedResponse begun;
    EXPECT_TRUE(Begin(*provider_, v1::FEED_KIND_CARD_LINKS, ++number_, begun).ok());
    feed_id_ = begun.feed().feed_id();
    v1::PushRowsRequest chunk;
    chunk.set_feed_id(feed_id_);
    chunk.set_chunk_number(1);
    for (const v1::CardLink& link : links) *chunk.add_card_links() = link;
    v1::PushRowsResponse receipt;
    const grpc::Status pushed = Push(*provider_, chunk, receipt);
    EXPECT_TRUE(pushed.ok()) << pushed.error_message();
    v1::SealFeedRequest seal;
    seal.set_feed_id(feed_id_);
    seal.set_chunk_count(1);
    seal.set_row_count(static_cast<int64_t>(links.size()));
    grpc::ClientContext context;
    v1::SealFeedResponse sealed;
    const grpc::Status status = provider_->SealFeed(&context, seal, &sealed);
    EXPECT_TRUE(status.ok()) << status.error_message();
    clock_.Advance(absl::Minutes(1));
    return sealed;
  }
  // "field reason" of every finding of the last feed.
  std::string Findings() {
    v1::GetFeedReportRequest request;
    request.set_feed_id(feed_id_);
    grpc::ClientContext context;
    v1::GetFeedReportResponse report;
    EXPECT_TRUE(provider_->GetFeedReport(&context, request, &report).ok());
    std::string all;
    for (const v1::RowFinding& finding : report.findings()) {
      all += finding.field() + " " + finding.reason() + "; ";
      EXPECT_FALSE(finding.message().empty());
      EXPECT_EQ(finding.ShortDebugString().find(kNumber), std::string::npos);
    }
    return all;
  }
  // Has the number's owner insured.
  void InsureOwner(const std::string& number) {
    Insure(1, "777", "01", {}, kTestInsurer, HashOf(number_key_, *IndividualNumber::Parse(number)));
  }
  v1::Validity AtTheDesk(uint64_t serial) {
    certificate_ = CertificateOf(serial);
    const grpc::Status status = Use(Act());
    if (!status.ok()) {
      ADD_FAILURE() << status.error_message();
      return v1::VALIDITY_UNSPECIFIED;
    }
    return response_.validity();
  }

  PostgresRequestStore requests_;
  PostgresFeedStore feeds_;
  PostgresCoverageHistoryStore histories_;
  const auth::HmacKey number_key_ = TestKey("individual number");
  std::unique_ptr<RpcServer> insurer_port_;
  std::unique_ptr<grpc::Service> feed_service_;
  std::unique_ptr<v1::InsurerFeedService::Stub> provider_;
  std::string feed_id_;
  int64_t number_ = 0;
};

TEST_F(CardLinkFeedServiceTest, ADeliveredCardIsItsHoldersAtTheDesk) {
  InsureOwner(kNumber);
  const v1::SealFeedResponse sealed = Deliver({Link(auth::kSerial)});
  EXPECT_EQ(sealed.feed().state(), v1::FEED_STATE_PUBLISHED);
  EXPECT_EQ(sealed.counts().new_rows(), 1);
  EXPECT_EQ(sealed.counts().new_persons(), 0);
  EXPECT_EQ(AtTheDesk(auth::kSerial), v1::VALIDITY_VALID);

  // The card is renewed: the old one is told to be superseded, the new one is the holder's.
  EXPECT_EQ(Deliver({Link(kRenewed, kNumber, auth::kSerial)}).counts().changed_rows(), 1);
  EXPECT_EQ(AtTheDesk(kRenewed), v1::VALIDITY_VALID);
  certificate_ = CertificateOf(auth::kSerial);
  EXPECT_EQ(DescribeError(Use(Act())).reason, "CARD_REVOKED");

  // The renewal is taken back.
  v1::UndoFeedRequest undo;
  undo.set_feed_id(feed_id_);
  grpc::ClientContext context;
  v1::UndoFeedResponse undone;
  const grpc::Status status = provider_->UndoFeed(&context, undo, &undone);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(undone.restored_rows(), 1);
  EXPECT_EQ(undone.removed_rows(), 1);
  EXPECT_EQ(AtTheDesk(auth::kSerial), v1::VALIDITY_VALID);
}

TEST_F(CardLinkFeedServiceTest, EachPartyDeliversItsOwnKindAlone) {
  v1::BeginFeedResponse begun;
  for (int kind = v1::FEED_KIND_COVERAGES; kind <= v1::FEED_KIND_SPECIFIC_DISEASE_CERTIFICATES;
       ++kind) {
    EXPECT_EQ(DescribeError(Begin(*provider_, static_cast<v1::FeedKind>(kind), 1, begun)).reason,
              "FEED_KIND_NOT_ALLOWED")
        << kind;
  }
  for (const Caller caller : {Caller::kInsurer, Caller::kReviewer}) {
    EXPECT_EQ(DescribeError(Begin(*Feeder(caller), v1::FEED_KIND_CARD_LINKS, 1, begun)).reason,
              "FEED_KIND_NOT_ALLOWED");
  }
  // Nor does a feed of links take rows of another kind, or another party's chunk.
  ASSERT_TRUE(Begin(*provider_, v1::FEED_KIND_CARD_LINKS, 1, begun).ok());
  v1::PushRowsRequest chunk;
  chunk.set_feed_id(begun.feed().feed_id());
  chunk.set_chunk_number(1);
  chunk.add_receipts();
  v1::PushRowsResponse receipt;
  EXPECT_EQ(DescribeError(Push(*provider_, chunk, receipt)).reason, "INVALID_FIELDS");
  *chunk.add_card_links() = Link(1);
  EXPECT_EQ(DescribeError(Push(*provider_, chunk, receipt)).reason, "INVALID_FIELDS");
  chunk.clear_receipts();
  EXPECT_EQ(DescribeError(Push(*Feeder(Caller::kInsurer), chunk, receipt)).reason,
            "FEED_NOT_FOUND");
}

TEST_F(CardLinkFeedServiceTest, NumbersFollowEachOtherAndAreOfOneContent) {
  v1::BeginFeedResponse begun;
  const std::string digest(32, 'd');
  ASSERT_TRUE(Begin(*provider_, v1::FEED_KIND_CARD_LINKS, 5, begun, digest).ok());
  const std::string id = begun.feed().feed_id();
  ASSERT_TRUE(Begin(*provider_, v1::FEED_KIND_CARD_LINKS, 5, begun, digest).ok());
  EXPECT_EQ(begun.feed().feed_id(), id);
  EXPECT_EQ(
      DescribeError(Begin(*provider_, v1::FEED_KIND_CARD_LINKS, 5, begun, std::string(32, 'e')))
          .reason,
      "FEED_NUMBER_REUSED");
  EXPECT_EQ(DescribeError(Begin(*provider_, v1::FEED_KIND_CARD_LINKS, 7, begun)).reason,
            "FEED_NUMBER_GAP");
}

TEST_F(CardLinkFeedServiceTest, ARowThatCannotBeReadIsRefusedAloneWithItsReason) {
  std::vector<v1::CardLink> links(9, Link(0x51));
  links[0].set_issuer_key_id("short");
  links[1].set_serial(std::string("\0\x01", 2));
  links[2].set_serial(std::string(21, 's'));
  links[3].clear_medium();
  links[4].set_individual_number("123456789012");
  links[5].clear_individual_number();
  links[6].set_replaces_serial("x");
  links[7] = Link(0x51, kNumber, 0x51);
  links[8].set_serial("123456789018");
  links.push_back(Link(0x52, kOtherNumber));
  const v1::SealFeedResponse sealed = Deliver(links);
  EXPECT_EQ(sealed.counts().refused_rows(), 9);
  EXPECT_EQ(sealed.counts().new_rows(), 1);
  EXPECT_EQ(Findings(),
            "issuer_key_id FIELD_MALFORMED; serial FIELD_MALFORMED; serial FIELD_MALFORMED; "
            "medium FIELD_MISSING; individual_number INDIVIDUAL_NUMBER_INVALID; "
            "individual_number FIELD_MISSING; replaces_issuer_key_id FIELD_MISSING; "
            "replaces_serial CARD_REPLACES_ITSELF; serial INDIVIDUAL_NUMBER_IN_CLEAR; ");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.card_link"), 1);
}

TEST_F(CardLinkFeedServiceTest, ACardThatWouldMoveStaysAndItsPersonsAreInQuestion) {
  InsureOwner(kNumber);
  Deliver({Link(auth::kSerial)});
  EXPECT_EQ(Deliver({Link(auth::kSerial, kOtherNumber)}).counts().refused_rows(), 1);
  EXPECT_EQ(Findings(), " PERSON_CONFLICT; ");
  EXPECT_EQ(AtTheDesk(auth::kSerial), v1::VALIDITY_VALID);
  EXPECT_TRUE(std::ranges::any_of(response_.warnings(), [](const v1::Warning& warning) {
    return warning.reason() == "IDENTITY_IN_QUESTION";
  }));
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.identity_case WHERE state = 1 AND kind = 4 AND"
                  " insurer_number = 'j-lis' AND reason = 'CARD_OF_ANOTHER_PERSON'"),
            1);
  Deliver({Link(auth::kSerial)});
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.identity_case WHERE state = 1"), 0);
}

TEST_F(CardLinkFeedServiceTest, ManyCardsOfOnePersonWaitInQuarantine) {
  std::vector<v1::CardLink> links;
  for (int i = 0; i <= kMostLinksInForce; ++i) links.push_back(Link(0x100 + i));
  const v1::SealFeedResponse sealed = Deliver(links);
  EXPECT_EQ(sealed.feed().state(), v1::FEED_STATE_QUARANTINED);
  ASSERT_EQ(sealed.risks_size(), 1);
  EXPECT_EQ(sealed.risks(0).reason(), "CARD_LINKS_PILED_UP");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.card_link"), 0);
}

}  // namespace
}  // namespace kakunin
