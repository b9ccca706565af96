#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "kakunin/v1/bulk_service.grpc.pb.h"
#include "server/commands/bulk_request_id.h"
#include "server/commands/bulk_rows.h"
#include "server/commands/bulk_table.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/progress_line.h"
#include "server/commands/terminal_options.h"
#include "server/rpc/status.h"

namespace kakunin {
namespace {

constexpr char kName[] = "call bulk";
constexpr int kChunkRows = 500;
// As long as the server lets a stream live.
constexpr double kStreamSeconds = 600;

struct BulkOptions {
  TerminalOptions terminal;
  std::string file;
  std::string request_id;
  std::string reception_number;
  std::string resume_token;
};

std::unique_ptr<v1::BulkService::Stub> StubFor(const BulkOptions& options) {
  return v1::BulkService::NewStub(OrFail(kName, Connect(options.terminal.client)));
}

template <class Request, class Response>
Response CallOne(const BulkOptions& options,
                 grpc::Status (v1::BulkService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                               Response*),
                 const Request& request) {
  Response response;
  const auto context = TerminalContext(options.terminal);
  const auto stub = StubFor(options);
  const grpc::Status status = (stub.get()->*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(options.terminal.client, status);
  if (options.terminal.client.json) fmt::print("{}", MessageJson(response));
  return response;
}

// The chunk that the server expects of a list that was begun before: 1 when it knows none, the one
// behind the last when it has them all.
int64_t NextChunk(const BulkOptions& options, const std::string& request_id, int64_t chunks) {
  v1::BulkServiceGetRequest request;
  request.set_request_id(request_id);
  v1::BulkServiceGetResponse response;
  const auto context = TerminalContext(options.terminal);
  const grpc::Status status = StubFor(options)->Get(context.get(), request, &response);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return 1;
  if (!status.ok()) FailCall(options.terminal.client, status);
  return response.inquiry().state() == v1::BULK_STATE_RECEIVING
             ? response.inquiry().next_chunk_number()
             : chunks + 1;
}

// Names and addresses of the file stay here: results name rows by their ids.
void Submit(const BulkOptions& options) {
  std::vector<v1::BulkInquiryRow> rows = OrFail(kName, ReadBulkRows(options.file));
  for (v1::BulkInquiryRow& row : rows) {
    row.clear_name();
    row.clear_address();
  }
  TerminalOptions terminal = options.terminal;
  v1::BulkServiceSubmitRequest request;
  v1::BulkInquiryHeader& header = *request.mutable_header();
  *header.mutable_day() = DayOf(terminal);
  header.set_form_of_care(static_cast<v1::FormOfCare>(terminal.form_of_care));
  const auth::Sha256Digest digest = BulkListDigest(header, rows);
  const bool again = !options.request_id.empty();
  if (IsRequestIdOfOther(options.request_id, digest)) {
    throw CLI::ValidationError(
        "--request-id",
        "is of another list: give the file, --day and --form-of-care that it began with, or leave"
        " it out to begin anew");
  }
  const std::string request_id = again ? options.request_id : MakeBulkRequestId(digest);
  header.set_request_id(request_id);
  const auto count = static_cast<int64_t>(rows.size());
  const int64_t chunks = (count + kChunkRows - 1) / kChunkRows;
  const int64_t first = again ? NextChunk(options, request_id, chunks) : 1;

  // First of all: a client that ends half-way has told it.
  fmt::print(stderr, "{}: request id {}\n", kName, request_id);
  terminal.client.timeout_seconds = kStreamSeconds;
  const auto context = TerminalContext(terminal);
  v1::BulkServiceSubmitResponse response;
  const auto stub = StubFor(options);
  const auto writer = stub->Submit(context.get(), &response);
  bool open = writer->Write(request);
  ProgressBar bar(count);
  for (int64_t chunk = first; open && chunk <= chunks; ++chunk) {
    request.mutable_chunk()->Clear();
    request.mutable_chunk()->set_chunk_number(chunk);
    const int64_t begin = (chunk - 1) * kChunkRows;
    for (int64_t i = begin; i < std::min(begin + kChunkRows, count); ++i) {
      *request.mutable_chunk()->add_rows() = rows[static_cast<size_t>(i)];
    }
    open = writer->Write(request);
    bar.Show(std::min(begin + kChunkRows, count));
  }
  if (open) {
    request.mutable_end()->set_chunk_count(chunks);
    request.mutable_end()->set_row_count(count);
    writer->Write(request);
    writer->WritesDone();
  }
  const grpc::Status status = writer->Finish();
  if (!status.ok()) {
    // What the transport broke off can be gone on with; a refusal would be the same again.
    if (DescribeError(status).reason.empty()) {
      fmt::print(stderr, "{}: go on with the same file and --request-id {}\n", kName, request_id);
    }
    FailCall(options.terminal.client, status);
  }
  fmt::print("{}",
             options.terminal.client.json ? MessageJson(response) : BulkTable(response.inquiry()));
}

void Get(const BulkOptions& options) {
  v1::BulkServiceGetRequest request;
  if (options.request_id.empty()) {
    request.set_reception_number(options.reception_number);
  } else {
    request.set_request_id(options.request_id);
  }
  const auto response = CallOne(options, &v1::BulkService::Stub::Get, request);
  if (!options.terminal.client.json) fmt::print("{}", BulkTable(response.inquiry()));
}

void Results(const BulkOptions& options) {
  v1::BulkServiceStreamResultsRequest request;
  request.set_reception_number(options.reception_number);
  request.set_resume_token(options.resume_token);
  TerminalOptions terminal = options.terminal;
  terminal.client.timeout_seconds = kStreamSeconds;
  const auto context = TerminalContext(terminal);
  const auto stub = StubFor(options);
  const auto reader = stub->StreamResults(context.get(), request);
  v1::BulkServiceStreamResultsResponse response;
  bool complete = false;
  while (reader->Read(&response)) {
    fmt::print(
        "{}", options.terminal.client.json ? MessageJson(response) : BulkTable(response.results()));
    request.set_resume_token(response.resume_token());
    complete = response.complete();
  }
  const grpc::Status status = reader->Finish();
  if (!request.resume_token().empty() && (!status.ok() || !complete)) {
    fmt::print(stderr, "{}: more will come: --resume-token {}\n", kName, request.resume_token());
  }
  if (!status.ok()) FailCall(options.terminal.client, status);
}

void Cancel(const BulkOptions& options) {
  v1::BulkServiceCancelRequest request;
  request.set_reception_number(options.reception_number);
  const auto response = CallOne(options, &v1::BulkService::Stub::Cancel, request);
  if (!options.terminal.client.json) fmt::print("{}", BulkTable(response.inquiry()));
}

void Delete(const BulkOptions& options) {
  v1::BulkServiceDeleteRequest request;
  request.set_reception_number(options.reception_number);
  CallOne(options, &v1::BulkService::Stub::Delete, request);
  if (!options.terminal.client.json) fmt::print("削除しました。\n");
}

CLI::App* AddOne(CLI::App& bulk, const std::string& name, const std::string& description,
                 BulkOptions& options, const std::string& example) {
  CLI::App* command = bulk.add_subcommand(name, description);
  AddTerminalOptions(*command, options.terminal);
  command->footer(std::string(kConnectionFooter) + "Example:\n  kakunin call bulk " + example +
                  " \\\n    --server localhost:7443 --certificate t1.pem --key t1.key "
                  "--ca server-ca.pem\n");
  return command;
}

void AddByNumber(CLI::App& bulk, const std::string& name, const std::string& description,
                 void (*act)(const BulkOptions&)) {
  const auto options = std::make_shared<BulkOptions>();
  CLI::App* command = AddOne(bulk, name, description, *options,
                             name + " --reception-number 0f9c2a6e-4f1b-4d0e-9b1e-3d2a7c5f8e10");
  CLI::Option* number =
      command->add_option("--reception-number", options->reception_number, "As submit told it");
  if (name == "get") {
    CLI::Option* id = command->add_option("--request-id", options->request_id,
                                          "Or the request id, which submit tells first");
    number->excludes(id);
  } else {
    number->required();
  }
  if (name == "results") {
    command->add_option("--resume-token", options->resume_token,
                        "Of the last answer; default: from the first row");
  }
  command->callback([options, act] { act(*options); });
}

}  // namespace

void AddCallBulk(CLI::App& call) {
  CLI::App* bulk = call.add_subcommand("bulk", "Ask about a list of patients (一括照会)");
  bulk->require_subcommand(1);
  bulk->footer(
      "Examples:\n"
      "  kakunin call bulk submit --help\n"
      "  kakunin call bulk results --help\n");
  const auto submit = std::make_shared<BulkOptions>();
  CLI::App* command = AddOne(*bulk, "submit", "Send a list; prints its reception number", *submit,
                             "submit booked.csv --day 2026-12-01");
  command
      ->add_option("file", submit->file,
                   "CSV with the columns row_id, insurer_number, symbol,"
                   " number, branch_number, birth_date, or in Japanese")
      ->required();
  command->add_option("--request-id", submit->request_id,
                      "Go on with a list that broke off, with the same file");
  command->callback([submit] { Submit(*submit); });
  AddByNumber(*bulk, "get", "How far a list is", &Get);
  AddByNumber(*bulk, "results", "What is ready of a list", &Results);
  AddByNumber(*bulk, "cancel", "Stop a list; what was answered stays", &Cancel);
  AddByNumber(*bulk, "delete", "Remove a list and its results", &Delete);
}

}  // namespace kakunin
