#include <fmt/format.h>

#include <memory>
#include <string>

#include "absl/time/civil_time.h"
#include "kakunin/v1/access_log_service.grpc.pb.h"
#include "server/commands/access_table.h"
#include "server/commands/card_options.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/terminal_options.h"

namespace kakunin {
namespace {

constexpr char kName[] = "call access-log";
constexpr int kUsualDaysBack = 30;
constexpr int kAdministrator = v1::USER_ROLE_ADMINISTRATOR - v1::USER_ROLE_GENERAL;

struct AccessLogOptions {
  TerminalOptions terminal;
  CardOptions card;  // of the patient
  std::string from_day;
  std::string to_day;
  int page_size = 0;
};

template <class Request>
void SetRange(const AccessLogOptions& options, Request& request) {
  *request.mutable_to_day() =
      options.to_day.empty() ? DayOf(options.terminal) : DateOf("--to-day", options.to_day);
  if (options.from_day.empty()) {
    const google::type::Date& to = request.to_day();
    const absl::CivilDay from = absl::CivilDay(to.year(), to.month(), to.day()) - kUsualDaysBack;
    *request.mutable_from_day() = DateOf("--from-day", absl::FormatCivilTime(from));
  } else {
    *request.mutable_from_day() = DateOf("--from-day", options.from_day);
  }
  request.set_page_size(options.page_size);
}

// Asks until the last page was told.
template <class Request, class Response>
void AskAll(const TerminalOptions& options, const std::shared_ptr<grpc::Channel>& channel,
            Request request,
            grpc::Status (v1::AccessLogService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                               Response*)) {
  v1::AccessLogService::Stub stub(channel);
  Response response;
  do {
    const auto context = TerminalContext(options);
    response.Clear();
    const grpc::Status status = (stub.*method)(context.get(), request, &response);
    if (!status.ok()) FailCall(options.client, status);
    fmt::print("{}", options.client.json ? MessageJson(response) : AccessTable(response));
    request.set_page_token(response.next_page_token());
  } while (!response.next_page_token().empty());
}

void ListFacility(const AccessLogOptions& options) {
  v1::ListFacilityAccessRequest request;
  SetRange(options, request);
  AskAll(options.terminal, OrFail(kName, Connect(options.terminal.client)), std::move(request),
         &v1::AccessLogService::Stub::ListFacilityAccess);
}

void ListPatient(const AccessLogOptions& options) {
  v1::ListPatientAccessRequest request;
  SetRange(options, request);
  const auto channel = OrFail(kName, Connect(options.terminal.client));
  SignedChallenge act =
      ActByCard(kName, channel, options.terminal, options.card, v1::CARD_PURPOSE_LIST_ACCESS);
  v1::CardAct& card = *request.mutable_card();
  card.set_challenge_id(std::move(act.challenge_id));
  card.set_certificate(std::move(act.certificate));
  card.set_signature(std::move(act.signature));
  card.set_holder_verification(static_cast<v1::HolderVerification>(options.card.verification));
  card.set_form_of_care(static_cast<v1::FormOfCare>(options.terminal.form_of_care));
  AskAll(options.terminal, channel, std::move(request),
         &v1::AccessLogService::Stub::ListPatientAccess);
}

void AddRangeOptions(CLI::App& command, AccessLogOptions& options) {
  AddTerminalOptions(command, options.terminal);
  command.add_option("--from-day", options.from_day,
                     "First day (YYYY-MM-DD); default: 30 days before the last");
  command.add_option("--to-day", options.to_day, "Last day (YYYY-MM-DD); default: today in Japan");
  command.add_option("--page-size", options.page_size, "Entries of a page; default: 200")
      ->check(CLI::Range(1, 1000));
}

void AddFacility(CLI::App& access_log) {
  const auto options = std::make_shared<AccessLogOptions>();
  options->terminal.role = kAdministrator;
  CLI::App* command =
      access_log.add_subcommand("facility", "List the calls of this terminal's facility");
  AddRangeOptions(*command, *options);
  command->footer(
      std::string(kConnectionFooter) +
      "For the facility's administrator: without --role the role is ADMINISTRATOR. Patients have "
      "no\n"
      "names in it; with --json they have handles. Example:\n"
      "  kakunin call access-log facility --from-day 2026-10-01 --to-day 2026-10-31 --user u1 \\\n"
      "    --server localhost:7443 --certificate t1.pem --key t1.key --ca server-ca.pem\n");
  command->callback([options] { ListFacility(*options); });
}

void AddPatient(CLI::App& access_log) {
  const auto options = std::make_shared<AccessLogOptions>();
  CLI::App* command =
      access_log.add_subcommand("patient", "Show a patient, by their card, who looked");
  AddRangeOptions(*command, *options);
  AddCardOptions(*command, options->card);
  command->footer(
      std::string(kConnectionFooter) +
      "Example:\n"
      "  kakunin call access-log patient --card-certificate TP01.pem --card-key TP01.key \\\n"
      "    --verification face --server localhost:7443 --certificate t1.pem --key t1.key \\\n"
      "    --ca server-ca.pem\n");
  command->callback([options] { ListPatient(*options); });
}

}  // namespace

void AddCallAccessLog(CLI::App& call) {
  CLI::App* access_log = call.add_subcommand("access-log", "List who asked for what, and when");
  access_log->require_subcommand(1);
  access_log->footer(
      "Examples:\n"
      "  kakunin call access-log facility --help\n"
      "  kakunin call access-log patient --help\n");
  AddFacility(*access_log);
  AddPatient(*access_log);
}

}  // namespace kakunin
