#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>

#include "kakunin/v1/eligibility_list_service.grpc.pb.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/consented_table.h"
#include "server/commands/terminal_options.h"

namespace kakunin {
namespace {

constexpr char kConsented[] = "call consented";
constexpr char kConfirmed[] = "call confirmed";
constexpr int kDownloadPage = 200;

struct ConsentedOptions {
  TerminalOptions terminal;
  std::string from;
  std::string to;
  bool by_appointment = false;
  std::string booking_name;
  std::string page_token;
  std::string file;
};

v1::ListConsentedPatientsRequest RequestOf(const ConsentedOptions& options) {
  v1::ListConsentedPatientsRequest request;
  request.set_form_of_care(static_cast<v1::FormOfCare>(options.terminal.form_of_care));
  TerminalOptions today = options.terminal;
  today.day = options.from;
  const google::type::Date from = DayOf(today);
  const google::type::Date to = options.to.empty() ? from : DateOf("--to", options.to);
  if (options.by_appointment) {
    *request.mutable_appointment_from_date() = from;
    *request.mutable_appointment_to_date() = to;
  } else {
    *request.mutable_consent_from_date() = from;
    *request.mutable_consent_to_date() = to;
  }
  if (!options.terminal.day.empty()) {
    *request.mutable_day() = DateOf("--day", options.terminal.day);
  }
  request.set_booking_name(options.booking_name);
  request.set_page_token(options.page_token);
  return request;
}

// Asks page after page to the last; `take` gets each.
template <class Take>
void ForEachPage(const ConsentedOptions& options, v1::ListConsentedPatientsRequest request,
                 Take take) {
  const auto stub =
      v1::EligibilityListService::NewStub(OrFail(kConsented, Connect(options.terminal.client)));
  do {
    v1::ListConsentedPatientsResponse page;
    const auto context = TerminalContext(options.terminal);
    const grpc::Status status = stub->ListConsentedPatients(context.get(), request, &page);
    if (!status.ok()) {
      if (!request.page_token().empty()) {
        fmt::print(stderr, "{}: go on with --page-token {}\n", kConsented, request.page_token());
      }
      FailCall(options.terminal.client, status);
    }
    take(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
}

void List(const ConsentedOptions& options) {
  ForEachPage(options, RequestOf(options), [&](const v1::ListConsentedPatientsResponse& page) {
    fmt::print("{}",
               options.terminal.client.json ? MessageJson(page) : ConsentedTable(page.patients()));
  });
}

// Every page is flushed before the next is asked for: what broke off is gone on with by its token.
void Download(const ConsentedOptions& options) {
  v1::ListConsentedPatientsRequest request = RequestOf(options);
  request.set_page_size(kDownloadPage);
  const auto mode = options.page_token.empty() ? std::ios::trunc : std::ios::app;
  std::ofstream out;
  int count = 0;
  ForEachPage(options, request, [&](const v1::ListConsentedPatientsResponse& page) {
    if (!out.is_open()) {
      // What is there is not lost to a first call that fails; names are for nobody else's eyes.
      out.open(options.file, std::ios::binary | mode);
      std::error_code ignored;  // a device has no owner's rights to set
      std::filesystem::permissions(
          options.file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
          ignored);
    }
    if (!(out << MessageJson(page)).flush()) {
      FailCommand(kConsented, absl::InternalError("cannot write " + options.file));
    }
    count += page.patients_size();
  });
  fmt::print("{}件\n", count);
}

void ListTold(const TerminalOptions& options) {
  const auto stub =
      v1::EligibilityListService::NewStub(OrFail(kConfirmed, Connect(options.client)));
  v1::ListConfirmationsRequest request;
  *request.mutable_day() = DayOf(options);
  do {
    v1::ListConfirmationsResponse page;
    const auto context = TerminalContext(options);
    const grpc::Status status = stub->ListConfirmations(context.get(), request, &page);
    if (!status.ok()) FailCall(options.client, status);
    fmt::print("{}", options.client.json ? MessageJson(page) : ConfirmedTable(page));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
}

CLI::App* AddOne(CLI::App& consented, const std::string& name, const std::string& description,
                 ConsentedOptions& options, const std::string& example) {
  CLI::App* command = consented.add_subcommand(name, description);
  AddTerminalOptions(*command, options.terminal);
  options.terminal.form_of_care = v1::FORM_OF_CARE_HOME_VISIT;
  command->add_option("--from", options.from, "First day, YYYY-MM-DD; default: today in Japan");
  command->add_option("--to", options.to, "Last day; default: the first");
  command->add_flag("--by-appointment", options.by_appointment,
                    "Online care: days of the bookings, not of the consents");
  command->add_option("--booking-name", options.booking_name,
                      "Online care: those who came by a link of this name");
  command->add_option("--page-token", options.page_token, "Go on where a list broke off");
  command->footer(std::string(kConnectionFooter) + "Example:\n  kakunin call consented " + example +
                  " \\\n    --server localhost:7443 --certificate t1.pem --key t1.key "
                  "--ca server-ca.pem\n");
  return command;
}

}  // namespace

void AddCallConsented(CLI::App& call) {
  CLI::App* consented = call.add_subcommand(
      "consented", "Who consented at home, with their eligibility (同意済資格情報)");
  consented->require_subcommand(1);
  consented->footer(
      "Examples:\n"
      "  kakunin call consented list --help\n"
      "  kakunin call consented download --help\n");

  const auto list = std::make_shared<ConsentedOptions>();
  CLI::App* command =
      AddOne(*consented, "list", "List them", *list,
             "list --form-of-care online-care \\\n    --by-appointment --from 2026-12-01");
  command->callback([list] { List(*list); });

  const auto download = std::make_shared<ConsentedOptions>();
  command =
      AddOne(*consented, "download", "Write all of them to a file, a page of JSON after a page",
             *download, "download consented.json --from 2026-12-01 --to 2026-12-07");
  command->add_option("file", download->file, "Where to")->required();
  command->callback([download] { Download(*download); });
}

void AddCallConfirmed(CLI::App& call) {
  CLI::App* command = call.add_subcommand(
      "confirmed", "What this facility was told on a day, up to some minutes ago");
  const auto options = std::make_shared<TerminalOptions>();
  AddTerminalOptions(*command, *options);
  command->footer(std::string(kConnectionFooter) +
                  "Example:\n  kakunin call confirmed --day 2026-12-01 \\\n"
                  "    --server localhost:7443 --certificate t1.pem --key t1.key "
                  "--ca server-ca.pem\n");
  command->callback([options] { ListTold(*options); });
}

}  // namespace kakunin
