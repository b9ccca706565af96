// Bulk inquiry over the wire: what is sent, fetched, refused and removed.
#include <set>
#include <thread>

#include "server/rpc/fields.h"
#include "server/usecases/bulk_intake.h"
#include "tests/rpc/bulk_service_fixture.h"

namespace kakunin {
namespace {

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
  const auto await_dropped = [&] {
    const auto bound = Soon();
    while (Count("bulk_rows") + Count("bulk_chunk") > 0 &&
           std::chrono::steady_clock::now() < bound) {
    }
    return Count("bulk_rows") + Count("bulk_chunk");
  };
  worker_ = Worker();
  {
    v1::BulkServiceCancelResponse response;
    grpc::ClientContext context;
    ASSERT_TRUE(Stub()->Cancel(&context, cancel, &response).ok());
  }
  EXPECT_EQ(await_dropped(), 0);  // nobody will ask by them any more
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

TEST_F(BulkServiceTest, AnotherTerminalDoesNotGoOnWithAListOfThisOne) {
  Send(Rows(2), 1, /*whole=*/false, 1, 1);
  EXPECT_EQ(DescribeError(Send(Rows(2), 1, true, 2, 2, Caller::kViewingTerminal)).reason,
            "REQUEST_ID_REUSED");
  EXPECT_EQ(Count("audit_event WHERE operation = 75 AND reason = 'REQUEST_ID_REUSED'"), 1);
  EXPECT_TRUE(Send(Rows(2), 1, true, 2).ok());
}

TEST_F(BulkServiceTest, AFacilityHasSoManyListsAndNotMore) {
  for (int i = 0; i < kMostOpenBulkInquiries; ++i) {
    header_.set_request_id(TestUuid());
    ASSERT_TRUE(Send(Rows(1), 10).ok()) << i;
  }
  header_.set_request_id(TestUuid());
  EXPECT_EQ(DescribeError(Send(Rows(1), 10)).reason, "BULK_LIMIT");
  EXPECT_EQ(Count("bulk_inquiry"), kMostOpenBulkInquiries);
  // Nor more rows than so many, however few lists they stand in.
  database_.Exec(fmt::format("UPDATE kakunin.bulk_inquiry SET state = 3, rows = {}",
                             (kMostBulkRowsKept - 1) / kMostOpenBulkInquiries));
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  database_.Exec("UPDATE kakunin.bulk_inquiry SET state = 3, rows = rows + 1");
  header_.set_request_id(TestUuid());
  EXPECT_EQ(DescribeError(Send(Rows(1), 10)).reason, "BULK_LIMIT");
}

TEST_F(BulkServiceTest, APeerThatDoesNotTakeItsTurnIsCutOff) {
  Serve({.peer_bound = std::chrono::milliseconds(50)});
  grpc::ClientContext context;
  v1::BulkServiceSubmitResponse response;
  const auto stub = Stub();
  const auto writer = stub->Submit(&context, &response);
  v1::BulkServiceSubmitRequest request;
  *request.mutable_header() = header_;
  writer->Write(request);
  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(Count("bulk_inquiry WHERE state = 1"), 1);
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
    const auto jobs = database_.Open("kakunin_job");
    for (int64_t deleted = 1; deleted > 0;) {  // step by step, as housekeeping does
      const absl::Status status = jobs->Write(Soon(), [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(deleted, store.DeleteBulkInquiry(tx, now));
        return absl::OkStatus();
      });
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) break;
    }
    return Count("bulk_inquiry");
  };
  EXPECT_EQ(tidy(at + kBulkReceivingLife - absl::Seconds(1)), 2);
  EXPECT_EQ(tidy(at + kBulkReceivingLife), 1);
  EXPECT_EQ(tidy(at + kBulkResultsLife - absl::Seconds(1)), 1);
  EXPECT_EQ(tidy(at + kBulkResultsLife), 0);
  EXPECT_EQ(Count("bulk_results"), 0);
}

// Housekeeping comes when it comes: nobody reads what is over, and nothing is added to it.
TEST_F(BulkServiceTest, WhatIsOverIsReadNoMoreThoughItIsStillThere) {
  Send(Rows(2), 1, /*whole=*/false);
  clock_.Advance(kBulkReceivingLife);
  EXPECT_EQ(DescribeError(Send(Rows(2), 1)).reason, "BULK_NOT_FOUND");
  clock_.Advance(-kBulkReceivingLife);
  header_ = Header();
  Insure(1);
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  Await(v1::BULK_STATE_DONE);
  clock_.Advance(kBulkResultsLife - absl::Seconds(1));
  EXPECT_EQ(Results().size(), 1u);
  clock_.Advance(absl::Seconds(1));
  Get(Number());
  EXPECT_EQ(reason_, "BULK_NOT_FOUND");
  EXPECT_EQ(Results().size(), 0u);
  EXPECT_EQ(reason_, "BULK_NOT_FOUND");
  EXPECT_EQ(Count("bulk_inquiry"), 2);
}

TEST_F(BulkServiceTest, WhatIsDeletedIsReadNoMoreAndGoesStepByStep) {
  constexpr int kPersons = 320;
  Insure(kPersons);
  worker_ = Worker([] { return true; });  // beside a desk: pieces of 32 rows
  ASSERT_TRUE(Send(Rows(kPersons), 100).ok());
  Await(v1::BULK_STATE_DONE);
  worker_.reset();
  EXPECT_EQ(Results().size(), static_cast<size_t>(kPersons));
  const int64_t pieces_before = Count("bulk_results");
  EXPECT_GE(pieces_before, 9);  // more than a step
  // A hole is told and not passed over.
  database_.Exec("DELETE FROM kakunin.bulk_results WHERE first_row = 33");
  EXPECT_EQ(Results("32").size(), 0u);
  EXPECT_EQ(reason_, "BULK_NOT_FOUND");
  EXPECT_FALSE(complete_);
  // Deleted between a stream's beginning and its next page.
  const auto terminals = database_.Open("kakunin_terminal");
  const auto read = [&] {
    size_t pieces = 0;
    EXPECT_TRUE(terminals
                    ->Read(Soon(),
                           [&](Transaction& tx) -> absl::Status {
                             const auto id = BulkIdOf(audit_key_, kTestFacility,
                                                      {*ParseUuid(header_.request_id())});
                             ASSIGN_OR_RETURN(const auto found, lists_.Results(tx, id, 0, 10));
                             pieces = found.size();
                             return absl::OkStatus();
                           })
                    .ok());
    return pieces;
  };
  EXPECT_GT(read(), 0u);
  database_.Exec("UPDATE kakunin.bulk_inquiry SET state = 6");
  EXPECT_EQ(read(), 0u);
  EXPECT_EQ(Count("bulk_results"), pieces_before - 1);
  worker_ = Worker();
  worker_->Drop(BulkIdOf(audit_key_, kTestFacility, {*ParseUuid(header_.request_id())}));
  const auto bound = Soon();
  while (Count("bulk_results") > 0 && std::chrono::steady_clock::now() < bound) {
  }
  EXPECT_EQ(Count("bulk_results"), 0);
}

TEST_F(BulkServiceTest, TwoHousekeepersLeaveNothingOfAList) {
  Insure(1);
  worker_ = Worker();
  ASSERT_TRUE(Send(Rows(1), 10).ok());
  Await(v1::BULK_STATE_DONE);
  worker_.reset();
  database_.Exec(
      "INSERT INTO kakunin.bulk_results SELECT bulk_id, g, 1, octets FROM kakunin.bulk_results,"
      " generate_series(2, 100) g");
  const absl::Time over = clock_.Now() + kBulkResultsLife;
  const auto tidy = [&] {
    PostgresHousekeepingStore store{CopiesOfThisFormat()};
    const auto jobs = database_.Open("kakunin_job");
    for (int64_t deleted = 1; deleted > 0;) {
      const absl::Status status = jobs->Write(Soon(), [&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(deleted, store.DeleteBulkInquiry(tx, over));
        return absl::OkStatus();
      });
      EXPECT_TRUE(status.ok()) << status;
    }
  };
  std::thread other(tidy);
  tidy();
  other.join();
  tidy();
  EXPECT_EQ(Count("bulk_inquiry"), 0);
  EXPECT_EQ(Count("bulk_results"), 0);
}

TEST_F(BulkServiceTest, ABadHeaderIsToldAtOnce) {
  header_.set_request_id("");
  header_.set_form_of_care(v1::FORM_OF_CARE_UNSPECIFIED);
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
