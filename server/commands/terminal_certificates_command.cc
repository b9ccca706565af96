#include <fmt/format.h>

#include <memory>
#include <string>

#include "auth/encoding.h"
#include "kakunin/v1/terminal_certificate_service.grpc.pb.h"
#include "server/commands/administrative_call.h"
#include "server/commands/certificate_request_table.h"
#include "server/commands/commands.h"
#include "server/commands/enum_option.h"

namespace kakunin {
namespace {

using Stub = v1::TerminalCertificateService::Stub;
using Service = v1::TerminalCertificateService;

constexpr size_t kFingerprintDigits = 64;

struct CertificateOptions {
  AdministrativeOptions call;
  std::string facility;
  std::string terminal;
  int kind = v1::TERMINAL_KIND_DESK;
  int reason = 0;
  std::string request;
  std::string key;
  std::string label;
};

std::string Done(const CertificateOptions& options, const char* done, const char* would) {
  return options.call.commit ? done : would;
}

// Tell prints a code, which is told once.
template <class Response>
void Tell(const CertificateOptions& options, const Response& response) {
  if (options.call.client.json) return;
  fmt::print(
      "{}: {}/{}\n",
      Done(options, "登録コードを発行しました (issued)", "登録コードを発行できます (would issue)"),
      options.facility, options.terminal);
  if (!response.code().empty()) {
    fmt::print("  登録コード (code) {}\n  このコードは二度と表示されません。(never shown again)\n",
               response.code());
  } else if (options.call.commit) {
    fmt::print(
        "  {} は既に発行済みです。コードを失ったときは新しく発行してください。(issued "
        "before: its code is told once)\n",
        response.code_id());
  }
  fmt::print("  期限 (until) {}\n", RequestTimeText(response.expire_time()));
}

void Issue(const CertificateOptions& options) {
  v1::IssueEnrolmentCodeRequest request;
  request.set_facility_code(options.facility);
  request.set_terminal_id(options.terminal);
  request.set_kind(static_cast<v1::TerminalKind>(options.kind));
  const auto response =
      CallService<Service>("terminal issue-code", options.call, request, &Stub::IssueEnrolmentCode);
  Tell(options, response);
}

void Activate(const CertificateOptions& options) {
  v1::IssueActivationCodeRequest request;
  request.set_facility_code(options.facility);
  request.set_terminal_id(options.terminal);
  request.set_kind(static_cast<v1::TerminalKind>(options.kind));
  request.set_label(options.label);
  const auto response = CallService<Service>("terminal activation-code", options.call, request,
                                             &Stub::IssueActivationCode);
  Tell(options, response);
}

void List(const ClientOptions& options, int state) {
  v1::ListCertificateRequestsRequest request;
  request.set_state(static_cast<v1::CertificateRequestState>(state));
  PrintRequests(options, FetchRequests("terminal requests", options, request));
}

std::string KeyOctets(const std::string& hex) {
  std::string digits = hex;
  std::erase(digits, ':');
  const auto octets = auth::HexDecode(digits);
  if (digits.size() != kFingerprintDigits || !octets) {
    throw CLI::ValidationError("--key-fingerprint", "not 64 hexadecimal digits");
  }
  return *octets;
}

void Approve(const CertificateOptions& options) {
  v1::ApproveCertificateRequestRequest request;
  request.set_certificate_request_id(options.request);
  request.set_key_fingerprint(KeyOctets(options.key));
  const auto response = CallService<Service>("terminal approve", options.call, request,
                                             &Stub::ApproveCertificateRequest);
  if (options.call.client.json) return;
  fmt::print(
      "{}: {}/{}\n", Done(options, "承認しました (approved)", "承認できます (would approve)"),
      response.certificate_request().facility_code(), response.certificate_request().terminal_id());
}

void Refuse(const CertificateOptions& options) {
  v1::RefuseCertificateRequestRequest request;
  request.set_certificate_request_id(options.request);
  const auto response = CallService<Service>("terminal refuse", options.call, request,
                                             &Stub::RefuseCertificateRequest);
  if (options.call.client.json) return;
  fmt::print("{}: {}/{}\n", Done(options, "拒否しました (refused)", "拒否できます (would refuse)"),
             response.certificate_request().facility_code(),
             response.certificate_request().terminal_id());
}

void Suspend(const CertificateOptions& options) {
  v1::SuspendTerminalRequest request;
  request.set_facility_code(options.facility);
  request.set_terminal_id(options.terminal);
  request.set_reason(static_cast<v1::SuspensionReason>(options.reason));
  CallService<Service>("terminal suspend", options.call, request, &Stub::SuspendTerminal);
  if (options.call.client.json) return;
  fmt::print("{}: {}/{}\n",
             Done(options, "一時停止しました (suspended)", "一時停止できます (would suspend)"),
             options.facility, options.terminal);
}

void Resume(const CertificateOptions& options) {
  v1::ResumeTerminalRequest request;
  request.set_facility_code(options.facility);
  request.set_terminal_id(options.terminal);
  CallService<Service>("terminal resume", options.call, request, &Stub::ResumeTerminal);
  if (options.call.client.json) return;
  fmt::print("{}: {}/{}\n", Done(options, "再開しました (resumed)", "再開できます (would resume)"),
             options.facility, options.terminal);
}

void EndOverlap(const CertificateOptions& options) {
  v1::EndCertificateOverlapRequest request;
  request.set_facility_code(options.facility);
  request.set_terminal_id(options.terminal);
  const auto response = CallService<Service>("terminal end-overlap", options.call, request,
                                             &Stub::EndCertificateOverlap);
  if (options.call.client.json) return;
  fmt::print("{}: {}/{}\n",
             Done(options, "前の証明書を終わらせました (ended)",
                  "前の証明書を終わらせることができます (would end)"),
             options.facility, options.terminal);
  if (options.call.commit) fmt::print("  {}件 (certificates)\n", response.ended());
}

constexpr char kExampleEnd[] =
    " \\\n    --server localhost:7445 --certificate operator.pem --key operator.key "
    "--ca server-ca.pem";

// Adds one subcommand with what it calls with; `example` stands behind its name.
CLI::App* Add(CLI::App& terminal, const std::string& name, const std::string& what,
              const std::string& example, CertificateOptions& options) {
  CLI::App* command = terminal.add_subcommand(name, what);
  AddAdministrativeOptions(*command, options.call);
  command->footer("Example:\n  kakunin terminal " + name + " " + example + kExampleEnd +
                  " --commit\n");
  return command;
}

void AddNames(CLI::App& command, CertificateOptions& options) {
  command.add_option("--facility", options.facility, "Facility code, ten digits")->required();
  command.add_option("--terminal", options.terminal, "Terminal within the facility")->required();
}

void AddRequest(CLI::App& command, CertificateOptions& options) {
  command.add_option("--request", options.request, "The request's id, of `terminal requests`")
      ->required();
}

constexpr char kTerminalExample[] = "--facility 1310000003 --terminal T1";
constexpr char kRequestExample[] = "--request 0b6d4c1e-7a53-4f0e-9d1b-2c3a4b5c6d7e";

}  // namespace

void AddTerminalCertificates(CLI::App& terminal) {
  const auto options = std::make_shared<CertificateOptions>();
  CLI::App* command =
      Add(terminal, "issue-code", "Issue a code by which a terminal gets its certificate",
          std::string(kTerminalExample) + " --kind desk", *options);
  AddNames(*command, *options);
  AddEnumOption<v1::TerminalKind>(*command, "--kind", options->kind, "TERMINAL_KIND_", "Kind");
  command->callback([options] { Issue(*options); });

  const auto activation = std::make_shared<CertificateOptions>();
  activation->kind = v1::TERMINAL_KIND_RESTRICTED;
  command = Add(terminal, "activation-code",
                "Issue a code by which a phone or tablet becomes a terminal (7 days)",
                "--facility 1310000003 --terminal P1 --label 見本小学校避難所", *activation);
  AddNames(*command, *activation);
  AddEnumOption<v1::TerminalKind>(*command, "--kind", activation->kind, "TERMINAL_KIND_",
                                  "restricted or mobile; default: restricted");
  command->add_option("--label", activation->label,
                      "Where it is used: of one that is lent to a shelter, the shelter");
  command->callback([activation] { Activate(*activation); });

  const auto client = std::make_shared<ClientOptions>();
  const auto state = std::make_shared<int>(0);
  command = terminal.add_subcommand("requests", "List terminals' requests for certificates");
  AddClientOptions(*command, *client);
  AddEnumOption<v1::CertificateRequestState>(*command, "--state", *state,
                                             "CERTIFICATE_REQUEST_STATE_",
                                             "Only these; default: those that wait");
  command->footer(std::string("Example:\n  kakunin terminal requests --state submitted") +
                  kExampleEnd + "\n");
  command->callback([client, state] { List(*client, *state); });

  command = Add(terminal, "approve",
                "Approve a request, by another operator than the one who issued the code",
                std::string(kRequestExample) + " --key-fingerprint 9f86d0...", *options);
  AddRequest(*command, *options);
  command
      ->add_option("--key-fingerprint", options->key,
                   "SHA-256 of the key as the facility read it to you: 64 hexadecimal digits")
      ->required();
  command->callback([options] { Approve(*options); });

  command = Add(terminal, "refuse", "End a request that was not signed", kRequestExample, *options);
  AddRequest(*command, *options);
  command->callback([options] { Refuse(*options); });

  command =
      Add(terminal, "suspend",
          "Take a terminal's right away for a while, on open connections too, within a second",
          std::string(kTerminalExample) + " --reason mislaid", *options);
  AddNames(*command, *options);
  AddEnumOption<v1::SuspensionReason>(*command, "--reason", options->reason, "SUSPENSION_REASON_",
                                      "Why")
      ->required();
  command->callback([options] { Suspend(*options); });

  command = Add(terminal, "resume", "Give a suspended terminal its right back", kTerminalExample,
                *options);
  AddNames(*command, *options);
  command->callback([options] { Resume(*options); });

  command =
      Add(terminal, "end-overlap", "End the certificates that a terminal has beside its newest",
          kTerminalExample, *options);
  AddNames(*command, *options);
  command->callback([options] { EndOverlap(*options); });
}

}  // namespace kakunin
