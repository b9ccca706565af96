#include <fmt/format.h>

#include "auth/uuid.h"
#include "server/rpc/convert_date.h"
#include "server/synth/facility_table.h"
#include "tests/faults/clients.h"

namespace kakunin::faults {
namespace {

constexpr int kChunkRows = 100;
constexpr absl::Duration kListBound = absl::Seconds(60);
// As long as the test waits for its one list.
constexpr absl::Duration kWholeListBound = absl::Minutes(30);

}  // namespace

ListClient::ListClient(const Surroundings& surroundings, std::vector<synth::TestPerson> persons,
                       int rows, uint64_t seed)
    : Client(surroundings,
             dev::TerminalName(synth::test_facility::kClinic, synth::test_facility::kDesk), seed),
      persons_(std::move(persons)),
      rows_(rows) {}

void ListClient::Step() {
  until_ = absl::Now() + kWholeListBound;
  const std::string request_id = auth::RandomUuid();
  while (!Send(request_id) && !over()) {
  }
  while (!over()) {
    const auto inquiry = Get(request_id);
    if (!inquiry || inquiry->state() == v1::BULK_STATE_RUNNING) continue;
    if (inquiry->state() != v1::BULK_STATE_DONE) {
      ledger().Add({.act = Act::kBulkRow,
                    .code = grpc::StatusCode::INTERNAL,
                    .reason = v1::BulkState_Name(inquiry->state()) + " " + inquiry->reason()});
      return;
    }
    Fetch(inquiry->reception_number());
    Delete(inquiry->reception_number());
    return;
  }
  ledger().Add({.act = Act::kBulkRow, .against_the_model = "a list does not end"});
}

// One stream, from the chunk on that is expected; whether the list is whole.
bool ListClient::Send(const std::string& request_id) {
  const auto known = Get(request_id);
  if (known && known->state() != v1::BULK_STATE_RECEIVING) return true;
  const auto first = known ? known->next_chunk_number() : 1;
  const auto stub = v1::BulkService::NewStub(Connection(&dev::SandboxPorts::terminal));
  v1::BulkServiceSubmitResponse answer;
  Call call = Ask(
      Act::kListAct,
      [&](grpc::ClientContext& context) {
        const auto stream = stub->Submit(&context, &answer);
        v1::BulkServiceSubmitRequest request;
        request.mutable_header()->set_request_id(request_id);
        *request.mutable_header()->mutable_day() =
            DayToProto(installation().sandbox().sandbox().nation_day());
        request.mutable_header()->set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
        bool open = stream->Write(request);
        const int chunks = (rows_ + kChunkRows - 1) / kChunkRows;
        for (int64_t number = first; open && number <= chunks; ++number) {
          auto& chunk = *request.mutable_chunk();
          chunk.Clear();
          chunk.set_chunk_number(number);
          for (int64_t i = (number - 1) * kChunkRows;
               i < std::min<int64_t>(number * kChunkRows, rows_); ++i) {
            const auto& ask = persons_.at(static_cast<size_t>(i) % persons_.size()).ask;
            auto& row = *chunk.add_rows();
            row.set_row_id(std::to_string(i + 1));
            row.set_insurer_number(ask.insurer_number);
            row.set_symbol(ask.symbol);
            row.set_number(ask.number);
            row.set_branch_number(ask.branch_number);
            *row.mutable_birth_date() = DayToProto(ask.birth_date);
          }
          open = stream->Write(request);
        }
        request.mutable_end()->set_chunk_count(chunks);
        request.mutable_end()->set_row_count(rows_);
        if (open) stream->Write(request);
        stream->WritesDone();
        return stream->Finish();
      },
      "GENERAL", kListBound);
  call.audit_id = answer.audit_id();
  ledger().Add(call);
  return call.code == grpc::StatusCode::OK;
}

// What was received may be known or not: nothing is told of a list that was never begun.
std::optional<v1::BulkInquiry> ListClient::Get(const std::string& request_id) {
  const auto stub = v1::BulkService::NewStub(Connection(&dev::SandboxPorts::terminal));
  v1::BulkServiceGetRequest request;
  request.set_request_id(request_id);
  v1::BulkServiceGetResponse answer;
  const Call call = Ask(Act::kBulkRow, [&](grpc::ClientContext& context) {
    return stub->Get(&context, request, &answer);
  });
  if (call.code == grpc::StatusCode::OK) return answer.inquiry();
  if (call.reason != "BULK_NOT_FOUND") ledger().Add(call);
  return std::nullopt;
}

void ListClient::Fetch(const std::string& number) {
  std::string token;
  int64_t last = 0;
  for (bool complete = false; !complete;) {
    const auto stub = v1::BulkService::NewStub(Connection(&dev::SandboxPorts::terminal));
    v1::BulkServiceStreamResultsRequest request;
    request.set_reception_number(number);
    request.set_resume_token(token);
    const Call call = Ask(
        Act::kFetchResults,
        [&](grpc::ClientContext& context) {
          const auto stream = stub->StreamResults(&context, request);
          v1::BulkServiceStreamResultsResponse answer;
          while (stream->Read(&answer)) {
            for (const v1::BulkResult& result : answer.results()) {
              Call row{.act = Act::kBulkRow,
                       .began = absl::Now(),
                       .returned = absl::Now(),
                       .bound = kListBound};
              const auto& person =
                  persons_.at(static_cast<size_t>(result.row_number() - 1) % persons_.size());
              row.audit_id = result.answer().audit_id();
              row.confirmed = result.answer().validity() != v1::VALIDITY_SEVERAL_FOUND;
              if (result.row_number() != last + 1) {
                row.against_the_model =
                    fmt::format("row {} behind row {}", result.row_number(), last);
              } else if (result.row_id() != std::to_string(result.row_number())) {
                row.against_the_model =
                    fmt::format("row {} answers row {}", result.row_number(), result.row_id());
              } else if (result.answer().validity() != person.by_number) {
                row.against_the_model = person.id + " is " +
                                        v1::Validity_Name(result.answer().validity()) +
                                        result.error().reason();
              }
              last = result.row_number();
              ledger().Add(row);
            }
            token = answer.resume_token();
            complete = answer.complete();
          }
          return stream->Finish();
        },
        "GENERAL", kListBound);
    ledger().Add(call);
    if (call.code != grpc::StatusCode::OK) complete = false;
    if (over()) break;
  }
  if (last != rows_) {
    ledger().Add(
        {.act = Act::kBulkRow, .against_the_model = fmt::format("{} of {} rows", last, rows_)});
  }
}

void ListClient::Delete(const std::string& number) {
  while (!over()) {
    const auto stub = v1::BulkService::NewStub(Connection(&dev::SandboxPorts::terminal));
    v1::BulkServiceDeleteRequest request;
    request.set_reception_number(number);
    v1::BulkServiceDeleteResponse answer;
    Call call = Ask(Act::kListAct, [&](grpc::ClientContext& context) {
      return stub->Delete(&context, request, &answer);
    });
    // Deleted by a call whose answer did not come.
    if (call.reason == "BULK_NOT_FOUND") return;
    call.audit_id = answer.audit_id();
    ledger().Add(call);
    if (call.code == grpc::StatusCode::OK) return;
  }
}

}  // namespace kakunin::faults
