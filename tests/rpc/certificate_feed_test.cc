// From an insurer's certificate, delivered by itself, to what a desk is shown: two ports, real TLS,
// the lane and PostgreSQL.

#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/rpc/insurer_feed_service.h"
#include "server/rpc/status.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/request_store.h"
#include "tests/rpc/eligibility_fixture.h"

namespace kakunin {
namespace {

constexpr char kNumber[] = "123456789018";       // its check digit is right
constexpr char kOtherNumber[] = "987654321093";  // likewise

class CertificateFeedTest : public EligibilityServiceTest {
 protected:
  CertificateFeedTest() {
    insurer_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kInsurer);
    feed_service_ = MakeInsurerFeedService({insurer_port_->dispatch(), insurer_port_->database(),
                                            feeds_, insurer_port_->registry_store(), requests_,
                                            FeedKeys{number_key_, look_up_key_, audit_key_},
                                            CopiesOfThisFormat(), histories_});
    insurer_port_->Start(*feed_service_);
    insurer_ = v1::InsurerFeedService::NewStub(insurer_port_->Channel(Caller::kInsurer));
    Insure(1, "5678910", "01", {}, kTestInsurer, NumberHash(kNumber));
    Insure(2, "5678911", "01", {}, kTestInsurer, NumberHash(kOtherNumber));
    today_ = CivilDayAt(clock_.Now());
  }
  ~CertificateFeedTest() override { insurer_port_->Stop(); }

  IndividualNumberHash NumberHash(const char* number) const {
    return HashOf(number_key_, *IndividualNumber::Parse(number));
  }

  static v1::LimitCertificateRow Limit(absl::CivilDay from, absl::CivilDay through,
                                       const std::string& flag) {
    v1::LimitCertificateRow row;
    row.set_action(v1::ROW_ACTION_NEW);
    row.set_certificate_reference("L1");
    row.set_coverage_reference("ref-1");
    row.set_individual_number(kNumber);
    v1::LimitCertificate& certificate = *row.mutable_certificate();
    certificate.set_classification(v1::LIMIT_CERTIFICATE_CLASSIFICATION_LIMIT);
    certificate.set_classification_flag(flag);
    *certificate.mutable_valid_from() = DayToProto(from);
    *certificate.mutable_valid_through() = DayToProto(through);
    return row;
  }

  std::string Begin(v1::FeedKind kind) {
    v1::BeginFeedRequest request;
    request.set_request_id(TestUuid());
    request.set_kind(kind);
    request.set_feed_number(++feed_);
    grpc::ClientContext context;
    v1::BeginFeedResponse begun;
    const grpc::Status status = insurer_->BeginFeed(&context, request, &begun);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return begun.feed().feed_id();
  }
  grpc::Status Push(v1::PushRowsRequest chunk, const std::string& feed,
                    v1::PushRowsResponse& receipt) {
    chunk.set_feed_id(feed);
    chunk.set_chunk_number(1);
    grpc::ClientContext context;
    const auto stream = insurer_->PushRows(&context);
    if (stream->Write(chunk)) stream->Read(&receipt);
    stream->WritesDone();
    return stream->Finish();
  }
  // Delivers one row as one feed, and publishes it.
  v1::FeedCounts Deliver(v1::FeedKind kind, const v1::PushRowsRequest& chunk) {
    last_ = Begin(kind);
    v1::PushRowsResponse receipt;
    const grpc::Status pushed = Push(chunk, last_, receipt);
    EXPECT_TRUE(pushed.ok()) << pushed.error_message();
    v1::SealFeedRequest seal;
    seal.set_feed_id(last_);
    seal.set_chunk_count(1);
    seal.set_row_count(1);
    grpc::ClientContext context;
    v1::SealFeedResponse sealed;
    const grpc::Status status = insurer_->SealFeed(&context, seal, &sealed);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(sealed.feed().state(), v1::FEED_STATE_PUBLISHED);
    return sealed.counts();
  }
  v1::FeedCounts Deliver(const v1::LimitCertificateRow& row) {
    v1::PushRowsRequest chunk;
    *chunk.add_limit_certificates() = row;
    return Deliver(v1::FEED_KIND_LIMIT_CERTIFICATES, chunk);
  }
  // "reason field: message" of the last feed's only finding.
  v1::RowFinding Finding() {
    v1::GetFeedReportRequest request;
    request.set_feed_id(last_);
    grpc::ClientContext context;
    v1::GetFeedReportResponse report;
    EXPECT_TRUE(insurer_->GetFeedReport(&context, request, &report).ok());
    EXPECT_EQ(report.findings_size(), 1);
    return report.findings_size() == 1 ? report.findings(0) : v1::RowFinding();
  }

  // What a desk is shown of the person of `number` about `day`.
  v1::Coverage Shown(absl::CivilDay day, v1::Decision decision = v1::DECISION_AGREED,
                     const std::string& number = "5678910") {
    v1::ConfirmByInsuredNumberRequest request = Ask(number, "01");
    *request.mutable_day() = DayToProto(day);
    request.set_limit_certificate_consent(decision);
    v1::ConfirmByInsuredNumberResponse response;
    const auto desk = StubOf();
    const grpc::Status status = Confirm(*desk, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.coverages_size(), 1);
    return response.coverages_size() == 1 ? response.coverages(0) : v1::Coverage();
  }
  std::string BandOn(absl::CivilDay day) {
    return Shown(day).limit_certificate().classification_flag();
  }

  PostgresRequestStore requests_;
  PostgresFeedStore feeds_;
  PostgresCoverageHistoryStore histories_;
  const auth::HmacKey number_key_ = TestKey("individual number");
  std::unique_ptr<RpcServer> insurer_port_;
  std::unique_ptr<grpc::Service> feed_service_;
  std::unique_ptr<v1::InsurerFeedService::Stub> insurer_;
  absl::CivilDay today_;
  std::string last_;  // the last delivered feed's id
  int64_t feed_ = 1000;
};

TEST_F(CertificateFeedTest, ADeskSeesTheBandOnItsDaysWithConsentAndUntilItIsUndone) {
  EXPECT_EQ(BandOn(today_ - 3), "");
  const absl::CivilDay from = today_ - 4;
  const absl::CivilDay through = today_ - 2;
  EXPECT_EQ(Deliver(Limit(from, through, "A03")).new_rows(), 1);
  EXPECT_EQ(BandOn(from - 1), "");
  EXPECT_EQ(BandOn(from), "A03");
  EXPECT_EQ(BandOn(from + 1), "A03");
  EXPECT_EQ(BandOn(through), "A03");
  EXPECT_EQ(BandOn(through + 1), "");
  EXPECT_FALSE(Shown(from, v1::DECISION_DECLINED).has_limit_certificate());
  EXPECT_FALSE(Shown(from, v1::DECISION_AGREED, "5678911").has_limit_certificate());

  v1::UndoFeedRequest undo;
  undo.set_feed_id(last_);
  grpc::ClientContext context;
  v1::UndoFeedResponse undone;
  const grpc::Status status = insurer_->UndoFeed(&context, undo, &undone);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(undone.restored_rows(), 1);
  EXPECT_EQ(BandOn(from), "");
}

TEST_F(CertificateFeedTest, OfTwoThatHoldTheOneThatBeganLastIsShown) {
  Deliver(Limit(today_ - 10, today_, "A03"));
  v1::LimitCertificateRow next = Limit(today_ - 5, today_, "A04");
  next.set_certificate_reference("L2");
  Deliver(next);
  EXPECT_EQ(BandOn(today_ - 6), "A03");
  EXPECT_EQ(BandOn(today_ - 5), "A04");
  v1::LimitCertificateRow lost = next;
  lost.set_action(v1::ROW_ACTION_LOST);
  lost.clear_certificate();
  *lost.mutable_certificate()->mutable_valid_through() = DayToProto(today_ - 5);
  EXPECT_EQ(Deliver(lost).lost_rows(), 1);
  EXPECT_EQ(BandOn(today_ - 5), "A04");
  EXPECT_EQ(BandOn(today_ - 4), "A03");
}

TEST_F(CertificateFeedTest, RatioAndSpecificDiseaseComeWithTheirCoverage) {
  v1::PushRowsRequest chunk;
  v1::ElderlyRecipientCertificateRow& elderly = *chunk.add_elderly_recipient_certificates();
  elderly.set_action(v1::ROW_ACTION_NEW);
  elderly.set_certificate_reference("E1");
  elderly.set_coverage_reference("ref-1");
  elderly.set_individual_number(kNumber);
  elderly.mutable_certificate()->set_contribution_percent(20);
  *elderly.mutable_certificate()->mutable_valid_from() = DayToProto(today_);
  EXPECT_EQ(Deliver(v1::FEED_KIND_ELDERLY_RECIPIENT_CERTIFICATES, chunk).new_rows(), 1);
  EXPECT_FALSE(Shown(today_ - 1).has_elderly_recipient_certificate());
  EXPECT_EQ(Shown(today_).elderly_recipient_certificate().contribution_percent(), 20);

  chunk.Clear();
  v1::SpecificDiseaseCertificateRow& disease = *chunk.add_specific_disease_certificates();
  disease.set_action(v1::ROW_ACTION_NEW);
  disease.set_certificate_reference("D1");
  disease.set_coverage_reference("ref-1");
  disease.set_individual_number(kNumber);
  disease.mutable_certificate()->set_disease(v1::SPECIFIC_DISEASE_DIALYSIS);
  disease.mutable_certificate()->set_self_pay_yen(10000);
  *disease.mutable_certificate()->mutable_valid_from() = DayToProto(today_);
  EXPECT_EQ(Deliver(v1::FEED_KIND_SPECIFIC_DISEASE_CERTIFICATES, chunk).new_rows(), 1);
  // It needs a consent that a desk cannot be given by number.
  EXPECT_EQ(Shown(today_).specific_disease_certificates_size(), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.coverage WHERE known_to IS NULL"
                  " AND jsonb_array_length(certificates) = 2"),
            1);
}

TEST_F(CertificateFeedTest, WhatIsRefusedIsToldWithItsReasonAndNeverWithAValue) {
  v1::LimitCertificateRow row = Limit(today_, today_, "A03");
  row.set_individual_number(kOtherNumber);
  EXPECT_EQ(Deliver(row).refused_rows(), 1);
  EXPECT_EQ(Finding().reason(), "PERSON_CONFLICT");
  EXPECT_EQ(BandOn(today_), "");

  row.clear_individual_number();
  EXPECT_EQ(Deliver(row).refused_rows(), 1);
  EXPECT_EQ(Finding().reason(), "FIELD_MISSING");
  EXPECT_EQ(Finding().field(), "individual_number");
  EXPECT_FALSE(Finding().hidden());

  EXPECT_EQ(Deliver(Limit(today_, today_ - 1, "A03")).refused_rows(), 1);
  EXPECT_EQ(Finding().reason(), "DATE_ORDER_IMPOSSIBLE");
  EXPECT_EQ(Finding().field(), "certificate.valid_through");

  row = Limit(today_, today_, "A03");
  row.set_coverage_reference("ref-9");
  EXPECT_EQ(Deliver(row).refused_rows(), 1);
  EXPECT_EQ(Finding().reason(), "COVERAGE_UNKNOWN");
  EXPECT_EQ(Finding().coverage_reference(), "L1");
  EXPECT_NE(Finding().message().find("先に資格を登録"), std::string::npos);
}

TEST_F(CertificateFeedTest, RowsOfOneKindOfCertificateAreNoRowsOfAnother) {
  v1::PushRowsRequest chunk;
  *chunk.add_limit_certificates() = Limit(today_, today_, "A03");
  const std::string elderly = Begin(v1::FEED_KIND_ELDERLY_RECIPIENT_CERTIFICATES);
  v1::PushRowsResponse receipt;
  const ErrorDescription refused = DescribeError(Push(chunk, elderly, receipt));
  EXPECT_EQ(refused.reason, "INVALID_FIELDS");
  chunk.add_elderly_recipient_certificates();
  EXPECT_EQ(DescribeError(Push(chunk, elderly, receipt)).reason, "INVALID_FIELDS");
}

}  // namespace
}  // namespace kakunin
