#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <string>

#include "domain/civil_day.h"
#include "kakunin/v1/reception_link_service.grpc.pb.h"
#include "server/commands/answer_table.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"
#include "server/commands/terminal_options.h"
#include "server/commands/text_table.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

constexpr char kName[] = "call reception-links";
constexpr int kAdministrator = 1;  // of TerminalOptions

struct LinkOptions {
  TerminalOptions terminal;
  std::string booking_name;
  std::string link_id;
  std::string png_file;
  std::string svg_file;
  bool all = false;
};

std::string InstantText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

void AddLink(const v1::ReceptionLink& link, TextTable& table) {
  table.Heading("受付用URL");
  table.Row("番号", link.link_id());
  const bool online = link.form_of_care() == v1::FORM_OF_CARE_ONLINE_CARE;
  table.Row("診療形態", online ? "オンライン診療等" : "訪問診療等");
  if (online) {
    table.Row("予約日",
              fmt::format("{:04}-{:02}-{:02}", link.appointment_date().year(),
                          link.appointment_date().month(), link.appointment_date().day()));
    table.Row("予約の名称", link.booking_name().empty() ? "-" : link.booking_name());
  }
  table.Row("作成", InstantText(link.create_time()));
  if (link.has_renew_time()) table.Row("更新", InstantText(link.renew_time()));
  table.Row("期限", InstantText(link.expire_time()));
  if (link.has_revoke_time()) table.Row("失効", InstantText(link.revoke_time()));
}

void WriteFile(const std::string& file, const std::string& octets) {
  if (file.empty()) return;
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  if (!(out << octets).flush()) {
    FailCommand(kName, absl::InternalError("cannot write " + file));
  }
}

void ShowAddress(const LinkOptions& options, const v1::ReceptionAddress& address,
                 TextTable& table) {
  table.Row("URL", address.url());
  WriteFile(options.png_file, address.qr_png());
  WriteFile(options.svg_file, address.qr_svg());
}

// Ask makes one call and returns its answer, printed already with --json.
template <class Request, class Response>
Response Ask(const LinkOptions& options, const Request& request,
             grpc::Status (v1::ReceptionLinkService::Stub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*)) {
  const auto stub =
      v1::ReceptionLinkService::NewStub(OrFail(kName, Connect(options.terminal.client)));
  Response response;
  const auto context = TerminalContext(options.terminal);
  const grpc::Status status = (stub.get()->*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(options.terminal.client, status);
  if (options.terminal.client.json) fmt::print("{}", MessageJson(response));
  return response;
}

template <class Response>
void Show(const LinkOptions& options, const Response& response) {
  TextTable table;
  AddLink(response.link(), table);
  ShowAddress(options, response.address(), table);
  if (!options.terminal.client.json) fmt::print("{}", table.Draw());
}

void Create(const LinkOptions& options) {
  v1::CreateReceptionLinkRequest request;
  request.set_form_of_care(static_cast<v1::FormOfCare>(options.terminal.form_of_care));
  if (!options.terminal.appointment_day.empty()) {
    *request.mutable_appointment_date() =
        DateOf("--appointment-date", options.terminal.appointment_day);
  }
  request.set_booking_name(options.booking_name);
  Show(options, Ask(options, request, &v1::ReceptionLinkService::Stub::CreateReceptionLink));
}

void List(const LinkOptions& options) {
  v1::ListReceptionLinksRequest request;
  request.set_include_ended(options.all);
  do {
    const v1::ListReceptionLinksResponse page =
        Ask(options, request, &v1::ReceptionLinkService::Stub::ListReceptionLinks);
    TextTable table;
    for (const v1::ReceptionLink& link : page.links()) AddLink(link, table);
    if (page.links().empty()) {
      table.Heading("受付用URL");
      table.Row("-", "受付用URLはありません");
    }
    if (!options.terminal.client.json) fmt::print("{}", table.Draw());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
}

void Renew(const LinkOptions& options) {
  v1::RenewReceptionLinkRequest request;
  request.set_link_id(options.link_id);
  Show(options, Ask(options, request, &v1::ReceptionLinkService::Stub::RenewReceptionLink));
}

void Revoke(const LinkOptions& options) {
  v1::RevokeReceptionLinkRequest request;
  request.set_link_id(options.link_id);
  const v1::RevokeReceptionLinkResponse response =
      Ask(options, request, &v1::ReceptionLinkService::Stub::RevokeReceptionLink);
  TextTable table;
  AddLink(response.link(), table);
  if (!options.terminal.client.json) fmt::print("{}", table.Draw());
}

CLI::App* AddOne(CLI::App& links, const std::string& name, const std::string& description,
                 LinkOptions& options, const std::string& example) {
  CLI::App* command = links.add_subcommand(name, description);
  AddTerminalOptions(*command, options.terminal);
  options.terminal.role = kAdministrator;
  command->footer(std::string(kConnectionFooter) + "Example:\n  kakunin call reception-links " +
                  example +
                  " \\\n    --server localhost:7443 --certificate t1.pem "
                  "--key t1.key --ca server-ca.pem\n");
  return command;
}

void AddFiles(CLI::App& command, LinkOptions& options) {
  command.add_option("--qr-png", options.png_file, "Write the QR code there as PNG");
  command.add_option("--qr-svg", options.svg_file, "Write the QR code there as SVG");
}

void AddLinkId(CLI::App& command, LinkOptions& options) {
  command.add_option("--link", options.link_id, "The link's number (UUID)")->required();
}

}  // namespace

void AddCallReceptionLinks(CLI::App& call) {
  CLI::App* links = call.add_subcommand(
      "reception-links", "Addresses and QR codes of the reception at home (マイナ在宅受付Web)");
  links->require_subcommand(1);
  links->footer(
      "Examples:\n"
      "  kakunin call reception-links create --help\n"
      "  kakunin call reception-links list --help\n");

  const auto create = std::make_shared<LinkOptions>();
  CLI::App* command =
      AddOne(*links, "create", "Make a link; its address is told this once", *create,
             "create --form-of-care online-care \\\n    --appointment-date 2026-12-01 "
             "--booking-name A-17 --qr-svg qr.svg");
  command->add_option("--booking-name", create->booking_name,
                      "Online care: the facility's own name of the booking, not the patient's");
  AddFiles(*command, *create);
  command->callback([create] { Create(*create); });

  const auto list = std::make_shared<LinkOptions>();
  command = AddOne(*links, "list", "List the links that work", *list, "list --all");
  command->add_flag("--all", list->all, "Expired and revoked ones, too");
  command->callback([list] { List(*list); });

  const auto renew = std::make_shared<LinkOptions>();
  command = AddOne(*links, "renew", "Give a link another address; the old one dies at once", *renew,
                   "renew --link UUID --qr-png qr.png");
  AddLinkId(*command, *renew);
  AddFiles(*command, *renew);
  command->callback([renew] { Renew(*renew); });

  const auto revoke = std::make_shared<LinkOptions>();
  command = AddOne(*links, "revoke", "End a link", *revoke, "revoke --link UUID");
  AddLinkId(*command, *revoke);
  command->callback([revoke] { Revoke(*revoke); });
}

}  // namespace kakunin
