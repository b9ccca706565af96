// Bulk inquiry over the wire: real TLS, real PostgreSQL, the worker that a server has.
#include "server/rpc/bulk_service.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "auth/encoding.h"
#include "auth/hash_function.h"
#include "domain/civil_day.h"
#include "kakunin/v1/bulk_service.grpc.pb.h"
#include "server/bulk_worker.h"
#include "server/rpc/convert_bulk.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/coverage_octets.h"
#include "server/rpc/record_octets.h"
#include "server/rpc/status.h"
#include "server/usecases/feed_keys.h"
#include "storage/postgres/bulk_lane_store.h"
#include "storage/postgres/bulk_store.h"
#include "storage/postgres/housekeeping_store.h"
#include "tests/postgres/feed_driver.h"
#include "tests/support/rpc_server.h"

namespace kakunin {
namespace {

const absl::CivilDay kBirth(1970, 1, 1);

class BulkServiceTest : public testing::Test {
 protected:
  BulkServiceTest() {
    RegisterTestCallers(database_, clock_.Now());
    port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    service_ = MakeBulkService(
        {port_->dispatch(), port_->database(), lists_, audit_key_, look_up_key_, [this] {
           if (worker_) worker_->Wake();
         }});
    port_->Start(*service_);
  }
  ~BulkServiceTest() override {
    worker_.reset();
    port_->Stop();
  }

  StagedCoverage Insured(int who, RowAction action = RowAction::kNew) const {
    StagedCoverage row = SampleRow(kTestInsurer, fmt::format("R{}", who), who, action);
    const InsuredKey key{.insurer = *InsurerNumber::Parse(kTestInsurer),
                         .symbol = *InsuredSymbol::Parse("1234"),
                         .number = *InsuredNumber::Parse(std::to_string(who)),
                         .birth_date = kBirth};
    row.record.key_without_branch = LookUpHash(look_up_key_, key, false);
    row.record.key_with_branch = LookUpHash(look_up_key_, key, true);
    row.record.birth_date = kBirth;
    return row;
  }

  // Insures persons 1 to `count` by one feed of the test insurer, numbers "1" to "count".
  void Insure(int count) {
    std::vector<StagedCoverage> rows;
    for (int who = 1; who <= count; ++who) rows.push_back(Insured(who));
    FeedDriver driver(database_, kTestInsurer, FeedKind::kCoverages, CopiesOfThisFormat());
    ASSERT_TRUE(driver.Publish(driver.Stage(1, rows), clock_.Now()).ok());
  }

  std::unique_ptr<BulkWorker> Worker(std::function<bool()> desk_waits = [] { return false; }) {
    return std::make_unique<BulkWorker>(
        MakeBulkLaneStore(database_.ConnInfo("kakunin_terminal"), "", "bulk lane"),
        BulkWorker::Backend{.keys = {audit_key_, handle_key_},
                            .rules = rules_,
                            .build = &BuildAnswerRow,
                            .hash = auth::kSha256,
                            .codec = BulkCodecFor(),
                            .terminal =
                                [this](const BulkHeader& header, absl::Time at) {
                                  return RegisteredTerminal(port_->registry(), header, at);
                                }},
        clock_, std::move(desk_waits));
  }

  v1::BulkInquiryRow Row(int who) {
    v1::BulkInquiryRow row;
    row.set_row_id(fmt::format("row-{}", who));
    row.set_insurer_number(kTestInsurer);
    row.set_symbol("1234");
    row.set_number(std::to_string(who));
    *row.mutable_birth_date() = DayToProto(kBirth);
    return row;
  }
  std::vector<v1::BulkInquiryRow> Rows(int count) {
    std::vector<v1::BulkInquiryRow> rows;
    for (int who = 1; who <= count; ++who) rows.push_back(Row(who));
    return rows;
  }

  std::unique_ptr<v1::BulkService::Stub> Stub(Caller caller = Caller::kTerminal) {
    return v1::BulkService::NewStub(port_->Channel(caller));
  }

  // One stream: the header, the chunks from `first` on, and the end when `whole`.
  grpc::Status Send(const std::vector<v1::BulkInquiryRow>& rows, int chunk_rows, bool whole = true,
                    int first = 1, int last = 1'000'000, Caller caller = Caller::kTerminal) {
    grpc::ClientContext context;
    submitted_.Clear();
    const auto stub = Stub(caller);
    const auto writer = stub->Submit(&context, &submitted_);
    v1::BulkServiceSubmitRequest request;
    *request.mutable_header() = header_;
    writer->Write(request);
    const int count = static_cast<int>(rows.size());
    const int chunks = (count + chunk_rows - 1) / chunk_rows;
    for (int chunk = first; chunk <= std::min(chunks, last); ++chunk) {
      request.mutable_chunk()->Clear();
      request.mutable_chunk()->set_chunk_number(chunk);
      for (int i = (chunk - 1) * chunk_rows; i < std::min(chunk * chunk_rows, count); ++i) {
        *request.mutable_chunk()->add_rows() = rows[static_cast<size_t>(i)];
      }
      writer->Write(request);
    }
    if (whole) {
      request.mutable_end()->set_chunk_count(chunks);
      request.mutable_end()->set_row_count(count);
      writer->Write(request);
    }
    writer->WritesDone();
    return writer->Finish();
  }

  v1::BulkInquiry Get(const std::string& number, Caller caller = Caller::kTerminal) {
    v1::BulkServiceGetRequest request;
    request.set_reception_number(number);
    v1::BulkServiceGetResponse response;
    grpc::ClientContext context;
    const grpc::Status status = Stub(caller)->Get(&context, request, &response);
    reason_ = DescribeError(status).reason;
    return response.inquiry();
  }
  std::string Number() const { return submitted_.inquiry().reception_number(); }

  v1::BulkInquiry Await(v1::BulkState state) {
    const auto bound = Soon() + std::chrono::seconds(50);
    for (;;) {
      v1::BulkInquiry inquiry = Get(Number());
      if (inquiry.state() == state || std::chrono::steady_clock::now() > bound) {
        EXPECT_EQ(inquiry.state(), state);
        return inquiry;
      }
    }
  }

  std::vector<v1::BulkResult> Results(const std::string& token = "", const std::string& key = "") {
    v1::BulkServiceStreamResultsRequest request;
    request.set_reception_number(Number());
    request.set_resume_token(token);
    request.set_echo_key(key);
    grpc::ClientContext context;
    const auto stub = Stub();
    const auto reader = stub->StreamResults(&context, request);
    std::vector<v1::BulkResult> results;
    v1::BulkServiceStreamResultsResponse response;
    complete_ = false;
    while (reader->Read(&response)) {
      for (const v1::BulkResult& result : response.results()) results.push_back(result);
      complete_ = response.complete();
      token_ = response.resume_token();
    }
    const grpc::Status status = reader->Finish();
    reason_ = DescribeError(status).reason;
    return results;
  }
  int64_t Count(const std::string& from) const {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }
  v1::BulkInquiryHeader Header() {
    v1::BulkInquiryHeader header;
    header.set_request_id(TestUuid());
    *header.mutable_day() = DayToProto(CivilDayAt(clock_.Now()) + 1);
    header.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    return header;
  }

  TestDatabase database_;
  SettableClock clock_;
  PostgresBulkStore lists_;
  const auth::HmacKey look_up_key_ = TestKey("look-up");
  const auth::HmacKey audit_key_ = TestKey("audit");
  const auth::PatientHandleKey handle_key_{auth::AsBytes("0123456789abcdef0123456789abcdef")};
  ConfirmationRules rules_;
  std::unique_ptr<RpcServer> port_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<BulkWorker> worker_;
  v1::BulkInquiryHeader header_ = Header();
  v1::BulkServiceSubmitResponse submitted_;
  std::string reason_;
  std::string token_;
  bool complete_ = false;
};

TEST_F(BulkServiceTest, AnswersEveryRowInItsOrderWithAnAuditRowEach) {
  Insure(300);
  std::vector<v1::BulkInquiryRow> rows = Rows(301);  // nobody has the last number
  rows[9].clear_birth_date();
  rows[19].set_row_id("row-1");
  worker_ = Worker();
  ASSERT_TRUE(Send(rows, 100).ok());
  EXPECT_EQ(submitted_.inquiry().row_count(), 301);
  const v1::BulkInquiry done = Await(v1::BULK_STATE_DONE);
  EXPECT_EQ(done.answered_rows(), 301);
  EXPECT_EQ(done.error_rows(), 2);
  EXPECT_EQ(TimeFromProto(done.expire_time()), TimeFromProto(done.end_time()) + absl::Hours(168));

  const std::vector<v1::BulkResult> results = Results();
  EXPECT_TRUE(complete_);
  ASSERT_EQ(results.size(), 301u);
  for (size_t i = 0; i < results.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(results[i].row_number(), static_cast<int64_t>(i) + 1);
    EXPECT_EQ(results[i].row_id(), rows[i].row_id());
    if (i == 9 || i == 19 || i == 300) continue;
    EXPECT_EQ(results[i].answer().validity(), v1::VALIDITY_VALID);
    ASSERT_EQ(results[i].answer().coverages_size(), 1);
    EXPECT_EQ(results[i].answer().coverages(0).number(), std::to_string(i + 1));
    EXPECT_FALSE(results[i].answer().patient_handle().empty());
    EXPECT_FALSE(results[i].answer().audit_id().empty());
  }
  EXPECT_EQ(results[9].error().reason(), "INVALID_FIELDS");
  EXPECT_EQ(results[9].error().violations(0).field(), "birth_date");
  EXPECT_EQ(results[19].error().reason(), "DUPLICATE_ROW_ID");
  EXPECT_EQ(results[300].answer().validity(), v1::VALIDITY_NOT_FOUND);
  EXPECT_NE(results[300].answer().next_step().find("受付"), std::string::npos);

  EXPECT_EQ(Count("audit_event WHERE operation = 90"), 301);
  EXPECT_EQ(Count("audit_event WHERE operation = 90 AND code = 3"), 2);
  EXPECT_EQ(Count("confirmation"), 298);
  EXPECT_EQ(Results("299").size(), 2u);
  EXPECT_EQ(Results("301").size(), 0u);
  EXPECT_TRUE(complete_);
}

TEST_F(BulkServiceTest, TellsWhatHasChangedSinceTheFacilityAskedLast) {
  Insure(3);
  worker_ = Worker();
  const auto changes = [&] {
    clock_.Advance(absl::Hours(24));
    header_ = Header();
    EXPECT_TRUE(Send(Rows(3), 10).ok());
    Await(v1::BULK_STATE_DONE);
    std::vector<v1::BulkChange> told;
    for (const v1::BulkResult& result : Results()) told.push_back(result.answer().change());
    return told;
  };
  using Changes = std::vector<v1::BulkChange>;
  EXPECT_EQ(changes(), Changes(3, v1::BULK_CHANGE_FIRST_TIME));
  EXPECT_EQ(changes(), Changes(3, v1::BULK_CHANGE_SAME));
  // An address is nothing to a reception, a copay ratio is.
  std::vector<StagedCoverage> rows = {Insured(1, RowAction::kChanged),
                                      Insured(2, RowAction::kChanged)};
  rows[0].record.address = "大阪府";
  rows[1].record.partial_contribution_percent = 20;
  clock_.Advance(absl::Seconds(1));
  FeedDriver driver(database_, kTestInsurer, FeedKind::kCoverages, CopiesOfThisFormat());
  ASSERT_TRUE(driver.Publish(driver.Stage(2, rows), clock_.Now()).ok());
  EXPECT_EQ(changes(),
            (Changes{v1::BULK_CHANGE_SAME, v1::BULK_CHANGE_CHANGED, v1::BULK_CHANGE_SAME}));
  EXPECT_EQ(changes(), Changes(3, v1::BULK_CHANGE_SAME));
}

TEST_F(BulkServiceTest, NamesAreEchoedToWhoeverHasTheKeyAndStoredForNobodyToRead) {
  Insure(2);
  std::vector<v1::BulkInquiryRow> rows = Rows(2);
  rows[0].set_name("<b>予約　花子</b>");
  rows[0].set_address("東京都千代田区");
  header_.set_echo_key(std::string(32, 'k'));
  worker_ = Worker();
  ASSERT_TRUE(Send(rows, 10).ok());
  Await(v1::BULK_STATE_DONE);
  const auto echoed = Results("", header_.echo_key());
  ASSERT_EQ(echoed.size(), 2u);
  EXPECT_EQ(echoed[0].name(), "<b>予約　花子</b>");
  EXPECT_EQ(echoed[0].address(), "東京都千代田区");
  EXPECT_EQ(echoed[1].name(), "");
  EXPECT_EQ(Results()[0].name(), "");
  EXPECT_EQ(Results("", std::string(32, 'x'))[0].name(), "");
  Results("", "short");
  EXPECT_EQ(reason_, "INVALID_FIELDS");
  const std::string name = auth::HexEncode(std::string_view("予約"));
  for (const char* table : {"bulk_rows", "bulk_results"}) {
    EXPECT_EQ(Count(fmt::format("{} WHERE position('\\x{}'::bytea in octets) > 0", table, name)),
              0);
  }
}

TEST_F(BulkServiceTest, AListThatBrokeOffGoesOnBehindItsLastChunk) {
  Insure(25);
  worker_ = Worker();
  const auto rows = Rows(25);
  const grpc::Status broken = Send(rows, 10, /*whole=*/false, 1, 2);
  EXPECT_EQ(DescribeError(broken).reason, "BULK_INCOMPLETE");
  v1::BulkServiceGetRequest request;
  request.set_request_id(header_.request_id());
  v1::BulkServiceGetResponse found;
  {
    grpc::ClientContext context;
    ASSERT_TRUE(Stub()->Get(&context, request, &found).ok());
  }
  EXPECT_EQ(found.inquiry().state(), v1::BULK_STATE_RECEIVING);
  EXPECT_EQ(found.inquiry().next_chunk_number(), 3);
  EXPECT_EQ(Count("confirmation"), 0);

  // A chunk that was stored is known again; a gap is told; a row's id is remembered.
  auto twice = rows;
  twice[22].set_row_id("row-4");
  EXPECT_EQ(DescribeError(Send(twice, 10, true, 4)).reason, "BULK_INCOMPLETE");
  ASSERT_TRUE(Send(twice, 10, true, 2).ok());
  Await(v1::BULK_STATE_DONE);
  const auto results = Results();
  ASSERT_EQ(results.size(), 25u);
  EXPECT_EQ(results[22].error().reason(), "DUPLICATE_ROW_ID");
  EXPECT_EQ(results[23].answer().validity(), v1::VALIDITY_VALID);

  // The end once more, and something else under the same name.
  EXPECT_TRUE(Send(twice, 10, true, 4).ok());
  EXPECT_EQ(submitted_.inquiry().state(), v1::BULK_STATE_DONE);
  EXPECT_EQ(DescribeError(Send(rows, 10)).reason, "BULK_CLOSED");
  header_.mutable_day()->set_year(header_.day().year() - 1);
  EXPECT_EQ(DescribeError(Send(rows, 10)).reason, "REQUEST_ID_REUSED");
}

TEST_F(BulkServiceTest, AChunkWithOtherContentIsRefused) {
  auto rows = Rows(10);
  Send(rows, 10, /*whole=*/false);
  rows[3].set_number("999");
  EXPECT_EQ(DescribeError(Send(rows, 10)).reason, "FEED_CHUNK_DIFFERS");
}

// tests/long: 200,000 rows, a worker's end after every twentieth of them or so.
TEST_F(BulkServiceTest, TheWorkersEndAtAnyPointLosesAndRepeatsNothing) {
  const bool whole = std::getenv("KAKUNIN_LONG") != nullptr;
  const int persons = whole ? 200'000 : 3000;
  const int64_t between = whole ? persons / 20 : 1;
  Insure(persons);
  ASSERT_TRUE(Send(Rows(persons), 1000).ok());
  int ends = 0;
  const auto bound = Soon() + std::chrono::seconds(whole ? 500 : 50);
  while (Get(Number()).state() == v1::BULK_STATE_RUNNING &&
         std::chrono::steady_clock::now() < bound) {
    worker_ = Worker();
    const int64_t before = Get(Number()).answered_rows();
    while (Get(Number()).answered_rows() < before + between &&
           Get(Number()).state() == v1::BULK_STATE_RUNNING &&
           std::chrono::steady_clock::now() < bound) {
    }
    // As a server that is killed: its connection goes in the middle of whatever it does.
    database_.Exec(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
        " current_database() AND application_name = 'bulk lane'");
    worker_.reset();
    ++ends;
  }
  EXPECT_GE(ends, whole ? 10 : 3);
  const auto results = Results();
  EXPECT_TRUE(complete_);
  ASSERT_EQ(results.size(), static_cast<size_t>(persons));
  std::set<std::string> ids;
  std::set<std::string> audits;
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].row_number(), static_cast<int64_t>(i) + 1);
    EXPECT_EQ(results[i].answer().validity(), v1::VALIDITY_VALID);
    ids.insert(results[i].row_id());
    audits.insert(results[i].answer().audit_id());
  }
  EXPECT_EQ(ids.size(), static_cast<size_t>(persons));
  EXPECT_EQ(audits.size(), static_cast<size_t>(persons));
  EXPECT_EQ(Count("audit_event WHERE operation = 90 AND code = 0"), persons);
  EXPECT_EQ(Count("confirmation"), persons);
}

TEST_F(BulkServiceTest, TwoServersNeverRunOneListTwice) {
  Insure(2000);
  const auto other = Worker();
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(2000), 500).ok());
  other->Wake();
  Await(v1::BULK_STATE_DONE);
  EXPECT_EQ(Count("audit_event WHERE operation = 90"), 2000);
  EXPECT_EQ(Results().size(), 2000u);
}

TEST_F(BulkServiceTest, AnotherFacilitysListIsLikeNone) {
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  const std::string number = Number();
  database_.Exec("UPDATE kakunin.bulk_inquiry SET facility_code = '1399999999'");
  Get(number);
  EXPECT_EQ(reason_, "BULK_NOT_FOUND");
  Results();
  EXPECT_EQ(reason_, "BULK_NOT_FOUND");
  Get(TestUuid());
  EXPECT_EQ(reason_, "BULK_NOT_FOUND");
  Get("no number");
  EXPECT_EQ(reason_, "INVALID_FIELDS");
  EXPECT_EQ(Count("audit_event WHERE operation = 76 AND reason = 'BULK_NOT_FOUND'"), 2);
}

TEST_F(BulkServiceTest, ACancelledListKeepsWhatWasAnsweredAndCanBeDeleted) {
  Insure(1);
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  v1::BulkServiceDeleteRequest remove;
  remove.set_reception_number(Number());
  v1::BulkServiceDeleteResponse removed;
  {
    grpc::ClientContext context;
    EXPECT_EQ(DescribeError(Stub()->Delete(&context, remove, &removed)).reason, "BULK_RUNNING");
  }
  v1::BulkServiceCancelRequest cancel;
  cancel.set_reception_number(Number());
  for (int i = 0; i < 2; ++i) {
    v1::BulkServiceCancelResponse response;
    grpc::ClientContext context;
    ASSERT_TRUE(Stub()->Cancel(&context, cancel, &response).ok());
    EXPECT_EQ(response.inquiry().state(), v1::BULK_STATE_CANCELLED);
  }
  EXPECT_EQ(Results().size(), 0u);
  EXPECT_TRUE(complete_);
  {
    grpc::ClientContext context;
    EXPECT_TRUE(Stub()->Delete(&context, remove, &removed).ok());
  }
  EXPECT_EQ(Count("bulk_rows") + Count("bulk_chunk"), 0);
  Get(remove.reception_number());
  EXPECT_EQ(reason_, "BULK_NOT_FOUND");
  // Its counts stay for a day, so that its name does, too.
  EXPECT_EQ(DescribeError(Send(Rows(1), 10)).reason, "REQUEST_ID_REUSED");
}

TEST_F(BulkServiceTest, WhatRanIsNotKeptAsItWasAsked) {
  Insure(1);
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  Await(v1::BULK_STATE_DONE);
  const auto bound = Soon();
  while (Count("bulk_rows") > 0 && std::chrono::steady_clock::now() < bound) {
  }
  EXPECT_EQ(Count("bulk_rows") + Count("bulk_chunk"), 0);
  const auto results = Results();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].answer().coverages(0).address(), "");
}

TEST_F(BulkServiceTest, ANumberThatWasNotAskedByBeforeIsAChange) {
  Insure(1);
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  Await(v1::BULK_STATE_DONE);
  clock_.Advance(absl::Seconds(1));
  StagedCoverage row = Insured(2);
  row.individual = SampleNumber(1);
  row.record.coverage_reference = "R-new";
  StagedCoverage lost = Insured(1, RowAction::kLost);
  lost.record.disqualification_date = CivilDayAt(clock_.Now());
  row.record.qualification_date = CivilDayAt(clock_.Now());
  FeedDriver driver(database_, kTestInsurer, FeedKind::kCoverages, CopiesOfThisFormat());
  ASSERT_TRUE(driver.Publish(driver.Stage(2, std::vector{lost, row}), clock_.Now()).ok());
  clock_.Advance(absl::Seconds(1));
  header_ = Header();
  ASSERT_TRUE(Send({Row(2)}, 10).ok());
  Await(v1::BULK_STATE_DONE);
  EXPECT_EQ(Results()[0].answer().change(), v1::BULK_CHANGE_CHANGED);
}

TEST_F(BulkServiceTest, ARoundThatCannotBeWrittenIsTriedAgainAndOthersGoOn) {
  Insure(1);
  database_.Exec("REVOKE INSERT ON kakunin.bulk_results FROM kakunin_terminal");
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  const auto bound = Soon();
  while (worker_->Rounds() == 0 && Count("confirmation") == 0 &&
         std::chrono::steady_clock::now() < bound - std::chrono::seconds(8)) {
  }
  EXPECT_EQ(Get(Number()).answered_rows(), 0);
  EXPECT_EQ(Count("audit_event WHERE operation = 90"), 0);
  EXPECT_LE(worker_->Rounds(), 5);
  database_.Exec("GRANT INSERT ON kakunin.bulk_results TO kakunin_terminal");
  EXPECT_EQ(Await(v1::BULK_STATE_DONE).error_rows(), 0);
  EXPECT_EQ(Count("audit_event WHERE operation = 90"), 1);
}

TEST_F(BulkServiceTest, AnotherTerminalDoesNotGoOnWithAListOfThisOne) {
  Send(Rows(2), 1, /*whole=*/false, 1, 1);
  EXPECT_EQ(DescribeError(Send(Rows(2), 1, true, 2, 2, Caller::kViewingTerminal)).reason,
            "REQUEST_ID_REUSED");
  EXPECT_EQ(Count("audit_event WHERE operation = 75 AND reason = 'REQUEST_ID_REUSED'"), 1);
  EXPECT_TRUE(Send(Rows(2), 1, true, 2).ok());
}

TEST_F(BulkServiceTest, ATerminalThatWasRevokedAsksNoMore) {
  Insure(1);
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  database_.Exec("UPDATE kakunin.bulk_inquiry SET terminal_id = 'revoked-1'");
  worker_ = Worker();
  EXPECT_EQ(Await(v1::BULK_STATE_STOPPED).reason(), "TERMINAL_REVOKED");
  EXPECT_EQ(Count("confirmation"), 0);
}

TEST_F(BulkServiceTest, AListOfGuessesIsStopped) {
  Insure(100);
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(5000), 1000).ok());
  const v1::BulkInquiry stopped = Await(v1::BULK_STATE_STOPPED);
  EXPECT_EQ(stopped.reason(), "INQUIRY_LIMIT");
  EXPECT_GE(stopped.answered_rows(), 1000);
  EXPECT_LT(stopped.answered_rows(), 1000 + 2 * kBulkRoundRows);
  // Nor are those who know the rule let on: errors do not count, and the next list is no new day.
  v1::BulkServiceDeleteRequest remove;
  remove.set_reception_number(Number());
  v1::BulkServiceDeleteResponse removed;
  grpc::ClientContext context;
  ASSERT_TRUE(Stub()->Delete(&context, remove, &removed).ok());
  header_ = Header();
  ASSERT_TRUE(Send(Rows(10), 10).ok());
  EXPECT_EQ(Await(v1::BULK_STATE_STOPPED).answered_rows(), 0);
  clock_.Advance(kBulkCountedFor + absl::Seconds(1));
  header_ = Header();
  ASSERT_TRUE(Send(Rows(10), 10).ok());
  Await(v1::BULK_STATE_DONE);
}

TEST_F(BulkServiceTest, AFacilityHasSoManyListsAndNotMore) {
  for (int i = 0; i < kMostOpenBulkInquiries; ++i) {
    header_.set_request_id(TestUuid());
    ASSERT_TRUE(Send(Rows(1), 10).ok()) << i;
  }
  header_.set_request_id(TestUuid());
  EXPECT_EQ(DescribeError(Send(Rows(1), 10)).reason, "BULK_LIMIT");
  EXPECT_EQ(Count("bulk_inquiry"), kMostOpenBulkInquiries);
}

TEST_F(BulkServiceTest, TimeIsUpForListsAtTheirInstantAndNotBefore) {
  Send(Rows(1), 10, /*whole=*/false);
  header_ = Header();
  Insure(1);
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  Await(v1::BULK_STATE_DONE);
  const absl::Time at = clock_.Now();
  const auto tidy = [&](absl::Time now) {
    PostgresHousekeepingStore store{CopiesOfThisFormat()};
    EXPECT_TRUE(
        database_.Open("kakunin_job")
            ->Write(Soon(),
                    [&](Transaction& tx) { return store.DeleteBulkInquiry(tx, now).status(); })
            .ok());
    return Count("bulk_inquiry");
  };
  EXPECT_EQ(tidy(at + kBulkReceivingLife - absl::Seconds(1)), 2);
  EXPECT_EQ(tidy(at + kBulkReceivingLife), 1);
  EXPECT_EQ(tidy(at + kBulkResultsLife - absl::Seconds(1)), 1);
  EXPECT_EQ(tidy(at + kBulkResultsLife), 0);
  EXPECT_EQ(Count("bulk_results"), 0);
}

TEST_F(BulkServiceTest, ABadHeaderIsToldAtOnce) {
  header_.set_request_id("");
  header_.set_form_of_care(v1::FORM_OF_CARE_HOME_VISIT);
  *header_.mutable_day() = DayToProto(CivilDayAt(clock_.Now()) + kMostBulkDaysAhead + 1);
  header_.set_echo_key("short");
  const ErrorDescription error = DescribeError(Send(Rows(1), 10));
  EXPECT_EQ(error.reason, "INVALID_FIELDS");
  std::set<std::string> fields;
  for (const FieldViolation& violation : error.violations) fields.insert(violation.field);
  EXPECT_EQ(fields, (std::set<std::string>{"request_id", "form_of_care", "day", "echo_key"}));
}

}  // namespace
}  // namespace kakunin
