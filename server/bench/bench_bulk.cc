#include "server/bench/bench_bulk.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "auth/digest.h"
#include "auth/uuid.h"
#include "domain/error.h"
#include "kakunin/v1/bulk_service.grpc.pb.h"
#include "kakunin/v1/eligibility_service.pb.h"
#include "server/bench/request_files.h"
#include "server/bench/terminals.h"
#include "server/dev/api_channel.h"
#include "server/rpc/convert_date.h"

namespace kakunin::bench {
namespace {

using std::chrono::steady_clock;

constexpr int kChunkRows = 500;
constexpr auto kLookEvery = std::chrono::milliseconds(50);
constexpr absl::Duration kPatience = absl::Minutes(15);

absl::Status AddRows(const RequestList& requests, int64_t first, int64_t count,
                     v1::BulkInquiryChunk& chunk) {
  v1::ConfirmByInsuredNumberRequest asked;
  for (int64_t i = first; i < first + count; ++i) {
    const std::string_view octets = requests[static_cast<size_t>(i) % requests.size()];
    if (!asked.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) {
      return absl::InternalError("a prepared request cannot be read");
    }
    v1::BulkInquiryRow& row = *chunk.add_rows();
    row.set_row_id(fmt::format("{}", i));
    row.set_insurer_number(asked.insurer_number());
    row.set_symbol(asked.symbol());
    row.set_number(asked.number());
    row.set_branch_number(asked.branch_number());
    *row.mutable_birth_date() = asked.birth_date();
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::BulkInquiry> Send(v1::BulkService::Stub& stub, const RequestList& requests,
                                     int64_t rows, absl::CivilDay today) {
  grpc::ClientContext context;
  dev::PrepareCall(context, kPatience);
  v1::BulkServiceSubmitResponse response;
  const auto writer = stub.Submit(&context, &response);
  v1::BulkServiceSubmitRequest request;
  request.mutable_header()->set_request_id(auth::UuidText(auth::RandomArray<16>()));
  *request.mutable_header()->mutable_day() = DayToProto(today);
  request.mutable_header()->set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  writer->Write(request);
  int64_t chunks = 0;
  for (int64_t first = 0; first < rows; first += kChunkRows) {
    request.mutable_chunk()->Clear();
    request.mutable_chunk()->set_chunk_number(++chunks);
    RETURN_IF_ERROR(AddRows(requests, first, std::min<int64_t>(kChunkRows, rows - first),
                            *request.mutable_chunk()));
    if (!writer->Write(request)) break;
  }
  request.mutable_end()->set_chunk_count(chunks);
  request.mutable_end()->set_row_count(rows);
  writer->Write(request);
  writer->WritesDone();
  RETURN_IF_ERROR(dev::StatusOf("Submit", writer->Finish()));
  return response.inquiry();
}

absl::Status AwaitDone(v1::BulkService::Stub& stub, const std::string& number) {
  v1::BulkServiceGetRequest request;
  request.set_reception_number(number);
  v1::BulkServiceGetResponse response;
  for (;;) {
    grpc::ClientContext context;
    dev::PrepareCall(context, kPatience);
    RETURN_IF_ERROR(dev::StatusOf("Get", stub.Get(&context, request, &response)));
    if (response.inquiry().state() == v1::BULK_STATE_DONE) break;
    if (response.inquiry().state() != v1::BULK_STATE_RUNNING) {
      return absl::InternalError("a list was stopped: " + response.inquiry().reason());
    }
    std::this_thread::sleep_for(kLookEvery);
  }
  if (response.inquiry().error_rows() != 0) return absl::InternalError("rows came to errors");
  return absl::OkStatus();
}

// Reads all results, so that a wrong one is noticed.
absl::Status Check(v1::BulkService::Stub& stub, const std::string& number, int64_t rows) {
  v1::BulkServiceStreamResultsRequest request;
  request.set_reception_number(number);
  int64_t right = 0;
  {
    grpc::ClientContext context;
    dev::PrepareCall(context, kPatience);
    const auto reader = stub.StreamResults(&context, request);
    v1::BulkServiceStreamResultsResponse response;
    while (reader->Read(&response)) {
      for (const v1::BulkResult& result : response.results()) {
        right += result.answer().validity() == v1::VALIDITY_VALID ? 1 : 0;
      }
    }
    RETURN_IF_ERROR(dev::StatusOf("StreamResults", reader->Finish()));
  }
  return right == rows ? absl::OkStatus() : absl::InternalError("a row was answered wrongly");
}

absl::Status Delete(v1::BulkService::Stub& stub, const std::string& number) {
  v1::BulkServiceDeleteRequest remove;
  remove.set_reception_number(number);
  v1::BulkServiceDeleteResponse removed;
  grpc::ClientContext context;
  dev::PrepareCall(context, kPatience);
  return dev::StatusOf("Delete", stub.Delete(&context, remove, &removed));
}

}  // namespace

absl::StatusOr<ListTimes> RunList(const std::filesystem::path& installation, int port, int64_t rows,
                                  absl::CivilDay today) {
  ASSIGN_OR_RETURN(const RequestList requests,
                   RequestList::Load(RequestFolder(installation).numbers()));
  ASSIGN_OR_RETURN(const auto channels, ConnectDesks(installation, port, 1));
  const auto stub = v1::BulkService::NewStub(channels.front());
  const auto begin = steady_clock::now();
  const auto since_begin = [&] {
    return std::chrono::duration<double>(steady_clock::now() - begin).count();
  };
  ListTimes times;
  ASSIGN_OR_RETURN(const v1::BulkInquiry sent, Send(*stub, requests, rows, today));
  times.sent = since_begin();
  RETURN_IF_ERROR(AwaitDone(*stub, sent.reception_number()));
  times.done = since_begin();
  RETURN_IF_ERROR(Check(*stub, sent.reception_number(), rows));
  times.read = since_begin();
  RETURN_IF_ERROR(Delete(*stub, sent.reception_number()));
  times.deleted = since_begin();
  return times;
}

}  // namespace kakunin::bench
