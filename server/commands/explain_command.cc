#include <fmt/format.h>

#include <memory>
#include <string>

#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "kakunin/v1/operations_service.grpc.pb.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/coverage_timeline.h"
#include "server/commands/terminal_options.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

struct ExplainOptions {
  ClientOptions client;
  std::string insurer_number;
  std::string reference;
  std::string symbol;
  std::string number;
  std::string branch;
  std::string birth_date;
  std::string day;
  std::string known_at;
};

google::protobuf::Timestamp InstantOf(const std::string& text) {
  absl::Time instant;
  std::string why;
  if (!absl::ParseTime(absl::RFC3339_full, text, &instant, &why)) {
    FailCommand("explain", absl::InvalidArgumentError(
                               "--known-at: give an instant as 2026-06-01T09:00:00+09:00"));
  }
  return TimeToProto(instant);
}

template <class Request>
void Fill(const ExplainOptions& options, Request& request) {
  v1::CoverageSubject& subject = *request.mutable_subject();
  subject.set_coverage_reference(options.reference);
  subject.set_symbol(options.symbol);
  subject.set_number(options.number);
  subject.set_branch_number(options.branch);
  if (!options.birth_date.empty()) {
    *subject.mutable_birth_date() = DateOf("--birth-date", options.birth_date);
  }
  if (!options.day.empty()) *request.mutable_day() = DateOf("--day", options.day);
  if (!options.known_at.empty()) *request.mutable_known_time() = InstantOf(options.known_at);
}

template <class Response>
void Print(const ExplainOptions& options, const grpc::Status& status, const Response& response) {
  if (!status.ok()) FailCall(options.client, status);
  if (options.client.json) {
    fmt::print("{}\n", MessageJson(response));
    return;
  }
  if (response.versions().empty()) {
    fmt::print("登録がありません。(nothing is known)\n");
    return;
  }
  fmt::print(
      "{}* その時点の知識 (known then)  + その日に有効 (covers the day, marked |)\n",
      DrawTimeline(response.versions(), DayFromProto(response.day()).value_or(absl::CivilDay())));
}

// An operator names the insurer; an insurer is whoever its certificate says.
void Explain(const ExplainOptions& options) {
  const auto channel = OrFail("explain", Connect(options.client));
  const auto context = ContextFor(options.client);
  if (options.insurer_number.empty()) {
    v1::ExplainCoverageRequest request;
    v1::ExplainCoverageResponse response;
    Fill(options, request);
    const auto stub = v1::InsurerFeedService::NewStub(channel);
    Print(options, stub->ExplainCoverage(context.get(), request, &response), response);
    return;
  }
  v1::OperationsServiceExplainCoverageRequest request;
  v1::OperationsServiceExplainCoverageResponse response;
  request.set_insurer_number(options.insurer_number);
  Fill(options, request);
  const auto stub = v1::OperationsService::NewStub(channel);
  Print(options, stub->ExplainCoverage(context.get(), request, &response), response);
}

}  // namespace

void AddExplainCommand(CLI::App& app) {
  const auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand(
      "explain", "What was known of a person's coverages, over both axes of time");
  AddClientOptions(*command, options->client);
  command->add_option("--insurer", options->insurer_number,
                      "Insurer number, eight digits (operators; insurers are their certificate's)");
  command->add_option("--reference", options->reference, "The insurer's own name of a coverage");
  command->add_option("--symbol", options->symbol, "Symbol, without a reference");
  command->add_option("--number", options->number, "Number");
  command->add_option("--branch", options->branch, "Branch number");
  command->add_option("--birth-date", options->birth_date, "Birth date, YYYY-MM-DD");
  command->add_option("--day", options->day, "The day asked about, YYYY-MM-DD; today");
  command->add_option("--known-at", options->known_at,
                      "As of which instant, 2026-06-01T09:00:00+09:00; now");
  command->footer(
      "Examples:\n"
      "  kakunin explain --reference A-000123 --day 2026-04-01 --server localhost:7444 \\\n"
      "    --certificate insurer.pem --key insurer.key --ca server-ca.pem\n"
      "  kakunin explain --insurer 33120015 --reference A-000123 --server localhost:7445 ...\n");
  command->callback([options] { Explain(*options); });
}

}  // namespace kakunin
