#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "auth/encoding.h"
#include "auth/hash_function.h"
#include "domain/civil_day.h"
#include "kakunin/v1/bulk_service.grpc.pb.h"
#include "server/bulk_worker.h"
#include "server/rpc/bulk_service.h"
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

// BulkServiceTest is the terminals' port with bulk inquiry and, when a test makes one, the worker
// that a server has.
class BulkServiceTest : public testing::Test {
 protected:
  static constexpr absl::CivilDay kBirth{1970, 1, 1};

  BulkServiceTest() {
    RegisterTestCallers(database_, clock_.Now());
    Serve({});
  }
  ~BulkServiceTest() override {
    worker_.reset();
    port_->Stop();
  }

  // Serve opens the port anew, with these limits.
  void Serve(const BulkLimits& limits) {
    if (port_) port_->Stop();
    service_.reset();
    port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    service_ =
        MakeBulkService({port_->dispatch(), port_->database(), lists_, audit_key_, look_up_key_,
                         [this] {
                           if (worker_) worker_->Wake();
                         },
                         [this](const BulkId& id) {
                           if (worker_) worker_->Drop(id);
                         }},
                        limits);
    port_->Start(*service_);
  }

  StagedCoverage Insured(int who, RowAction action = RowAction::kNew) const {
    StagedCoverage row = SampleRow(kTestInsurer, fmt::format("R{}", who), who, action);
    const InsuredKey key{.insurer = *InsurerNumber::Parse(kTestInsurer),
                         .symbol = *InsuredSymbol::Parse("1234"),
                         .number = *InsuredNumber::Parse(std::to_string(who)),
                         .branch = BranchNumber::Parse("01"),
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
                                },
                            .cards = [this] { return Cards(); }},
        clock_, std::move(desk_waits));
  }

  // What is known of cards, by any thread.
  CardTrust Cards() {
    const std::lock_guard lock(cards_lock_);
    return cards_;
  }
  void SetRevocations(std::shared_ptr<const auth::RevocationSnapshot> revocations) {
    const std::lock_guard lock(cards_lock_);
    cards_.revocations = std::move(revocations);
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
    const auto row_at = [&](int at) { return rows[static_cast<size_t>(at)]; };
    return SendMade(static_cast<int>(rows.size()), row_at, chunk_rows, whole, first, last, caller);
  }
  // The same of `count` rows that are made as they are sent, each from its place, 0 on.
  grpc::Status SendMade(int count, const std::function<v1::BulkInquiryRow(int)>& row_at,
                        int chunk_rows, bool whole = true, int first = 1, int last = 1'000'000,
                        Caller caller = Caller::kTerminal) {
    grpc::ClientContext context;
    submitted_.Clear();
    const auto stub = Stub(caller);
    const auto writer = stub->Submit(&context, &submitted_);
    v1::BulkServiceSubmitRequest request;
    *request.mutable_header() = header_;
    writer->Write(request);
    const int chunks = (count + chunk_rows - 1) / chunk_rows;
    for (int chunk = first; chunk <= std::min(chunks, last); ++chunk) {
      request.mutable_chunk()->Clear();
      request.mutable_chunk()->set_chunk_number(chunk);
      for (int i = (chunk - 1) * chunk_rows; i < std::min(chunk * chunk_rows, count); ++i) {
        *request.mutable_chunk()->add_rows() = row_at(i);
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

  v1::BulkInquiry Await(v1::BulkState state,
                        std::chrono::seconds longest = std::chrono::seconds(50)) {
    const auto bound = Soon() + longest;
    for (;;) {
      v1::BulkInquiry inquiry = Get(Number());
      if (inquiry.state() == state || std::chrono::steady_clock::now() > bound) {
        EXPECT_EQ(inquiry.state(), state);
        return inquiry;
      }
    }
  }

  std::vector<v1::BulkResult> Results(const std::string& token = "", const std::string& key = "") {
    std::vector<v1::BulkResult> results;
    EachResult([&](const v1::BulkResult& result) { results.push_back(result); }, token, key);
    return results;
  }
  // EachResult hands one result after the other on and keeps none.
  void EachResult(const std::function<void(const v1::BulkResult&)>& take,
                  const std::string& token = "", const std::string& key = "") {
    v1::BulkServiceStreamResultsRequest request;
    request.set_reception_number(Number());
    request.set_resume_token(token);
    request.set_echo_key(key);
    grpc::ClientContext context;
    const auto stub = Stub();
    const auto reader = stub->StreamResults(&context, request);
    v1::BulkServiceStreamResultsResponse response;
    complete_ = false;
    while (reader->Read(&response)) {
      for (const v1::BulkResult& result : response.results()) take(result);
      complete_ = response.complete();
      token_ = response.resume_token();
    }
    const grpc::Status status = reader->Finish();
    reason_ = DescribeError(status).reason;
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
  std::mutex cards_lock_;
  CardTrust cards_;
  std::unique_ptr<RpcServer> port_;
  std::unique_ptr<QueuedService> service_;
  std::unique_ptr<BulkWorker> worker_;
  v1::BulkInquiryHeader header_ = Header();
  v1::BulkServiceSubmitResponse submitted_;
  std::string reason_;
  std::string token_;
  bool complete_ = false;
};

}  // namespace kakunin
