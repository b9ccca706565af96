#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "kakunin/v1/notice_service.grpc.pb.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/notice_table.h"
#include "server/commands/terminal_options.h"

namespace kakunin {
namespace {

constexpr char kName[] = "call notices";
// A little longer than the server lets a stream live.
constexpr double kStreamSeconds = 660;

struct NoticeOptions {
  TerminalOptions terminal;
  bool all = false;
  int page_size = 0;
  std::vector<int64_t> numbers;
  std::string resume_token;
  bool once = false;
};

std::unique_ptr<v1::NoticeService::Stub> StubFor(const NoticeOptions& options) {
  return v1::NoticeService::NewStub(OrFail(kName, Connect(options.terminal.client)));
}

// Asks until the last page was told.
void ListAll(const NoticeOptions& options) {
  const auto stub = StubFor(options);
  v1::ListNoticesRequest request;
  request.set_include_acknowledged(options.all);
  request.set_page_size(options.page_size);
  v1::ListNoticesResponse response;
  do {
    const auto context = TerminalContext(options.terminal);
    response.Clear();
    const grpc::Status status = stub->ListNotices(context.get(), request, &response);
    if (!status.ok()) FailCall(options.terminal.client, status);
    fmt::print("{}", options.terminal.client.json ? MessageJson(response)
                                                  : NoticeTable(response.notices()));
    request.set_page_token(response.next_page_token());
  } while (!response.next_page_token().empty());
}

void Acknowledge(const NoticeOptions& options) {
  v1::AcknowledgeNoticesRequest request;
  request.mutable_numbers()->Add(options.numbers.begin(), options.numbers.end());
  v1::AcknowledgeNoticesResponse response;
  const auto context = TerminalContext(options.terminal);
  const grpc::Status status =
      StubFor(options)->AcknowledgeNotices(context.get(), request, &response);
  if (!status.ok()) FailCall(options.terminal.client, status);
  fmt::print("{}", options.terminal.client.json ? MessageJson(response) : NoticeTable(response));
}

// Begins stream after stream with the token of the last answer.
void Watch(const NoticeOptions& options) {
  const auto stub = StubFor(options);
  TerminalOptions terminal = options.terminal;
  terminal.client.timeout_seconds = kStreamSeconds;
  v1::WatchNoticesRequest request;
  request.set_resume_token(options.resume_token);
  for (bool ended = false; !ended;) {
    const auto context = TerminalContext(terminal);
    const auto reader = stub->WatchNotices(context.get(), request);
    v1::WatchNoticesResponse response;
    while (!ended && reader->Read(&response)) {
      request.set_resume_token(response.resume_token());
      if (terminal.client.json || !response.notices().empty() || options.once) {
        fmt::print("{}",
                   terminal.client.json ? MessageJson(response) : NoticeTable(response.notices()));
        std::fflush(stdout);
      }
      ended = options.once;
    }
    if (ended) {
      context->TryCancel();
      reader->Finish();
      return;
    }
    const grpc::Status status = reader->Finish();
    if (status.ok()) continue;
    fmt::print(stderr, "{}: resume with --resume-token {}\n", kName, request.resume_token());
    FailCall(terminal.client, status);
  }
}

CLI::App* AddOne(CLI::App& notices, const std::string& name, const std::string& description,
                 NoticeOptions& options, const std::string& example) {
  CLI::App* command = notices.add_subcommand(name, description);
  AddTerminalOptions(*command, options.terminal);
  command->footer(std::string(kConnectionFooter) + "Example:\n  kakunin call notices " + example +
                  " \\\n    --server localhost:7443 --certificate t1.pem --key t1.key "
                  "--ca server-ca.pem\n");
  return command;
}

}  // namespace

void AddCallNotices(CLI::App& call) {
  CLI::App* notices =
      call.add_subcommand("notices", "Which answers to this facility are others now");
  notices->require_subcommand(1);
  notices->footer(
      "Examples:\n"
      "  kakunin call notices list --help\n"
      "  kakunin call notices acknowledge --help\n"
      "  kakunin call notices watch --help\n");

  const auto list = std::make_shared<NoticeOptions>();
  CLI::App* command =
      AddOne(*notices, "list", "List what nobody has acknowledged", *list, "list --all");
  command->add_flag("--all", list->all, "Acknowledged ones, too");
  command->add_option("--page-size", list->page_size, "Notices of a page; default: 200")
      ->check(CLI::Range(1, 1000));
  command->callback([list] { ListAll(*list); });

  const auto acknowledge = std::make_shared<NoticeOptions>();
  command = AddOne(*notices, "acknowledge", "Mark notices as dealt with", *acknowledge,
                   "acknowledge --number 3 --number 4 --user u1");
  command->add_option("--number", acknowledge->numbers, "A notice's number; may be given again")
      ->required()
      ->check(CLI::PositiveNumber);
  command->callback([acknowledge] { Acknowledge(*acknowledge); });

  const auto watch = std::make_shared<NoticeOptions>();
  command = AddOne(*notices, "watch", "Wait for notices, until interrupted", *watch,
                   "watch --resume-token 12 --json");
  command->add_option("--resume-token", watch->resume_token,
                      "Of the last answer; default: from the first unacknowledged notice");
  command->add_flag("--once", watch->once, "End after the first answer, which tells what waits");
  command->callback([watch] { Watch(*watch); });
}

}  // namespace kakunin
