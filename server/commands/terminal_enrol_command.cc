#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "auth/encoding.h"
#include "auth/key_file.h"
#include "auth/peer_certificate.h"
#include "domain/civil_day.h"
#include "kakunin/v1/certificate_renewal_service.grpc.pb.h"
#include "kakunin/v1/enrolment_service.grpc.pb.h"
#include "server/commands/certificate_folder.h"
#include "server/commands/client_connection.h"
#include "server/commands/command_output.h"
#include "server/commands/commands.h"
#include "server/rpc/convert_date.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

constexpr char kEnrol[] = "terminal enrol";
constexpr char kRenew[] = "terminal renew";
// Well within what the server allows of one address.
constexpr std::chrono::seconds kAskFirst(2);
constexpr std::chrono::seconds kAskEvery(10);
constexpr size_t kMostPasswordOctets = 1024;

struct EnrolOptions {
  ClientOptions client;
  std::string code;
  std::string folder;
  int rsa_bits = 0;
  int wait_seconds = 0;
  std::string bundle_file;
  std::string password_file;
  bool legacy = false;
};

std::string DayText(const google::protobuf::Timestamp& at) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", TimeFromProto(at), JapanTime());
}

void TellState(const EnrolOptions& options, std::string_view state, std::string_view sentence) {
  if (options.client.json) {
    fmt::print("{}\n", JsonObject().Text("state", state).Text("folder", options.folder).ToString());
  } else {
    fmt::print("{}\n", sentence);
  }
}

// Finish stores what was fetched, and the bundle if one is wanted.
void Finish(std::string_view command, const EnrolOptions& options, const CertificateFolder& folder,
            const v1::IssuedCertificate& issued) {
  OrFail(command, folder.SaveCertificate(issued));
  if (!options.bundle_file.empty()) {
    std::string password =
        OrFail(command, auth::ReadPrivateFile(options.password_file, kMostPasswordOctets));
    if (!password.empty() && password.back() == '\n') password.pop_back();
    OrFail(command, folder.SaveBundle(
                        options.bundle_file, password,
                        options.legacy ? auth::BundleForm::kLegacy : auth::BundleForm::kModern));
  }
  TellState(options, "DELIVERED",
            fmt::format(
                "証明書を受け取りました (received): {}\n  鍵 (key) {}\n  有効期限 (until) {}",
                folder.certificate().string(), folder.key().string(), DayText(issued.not_after())));
}

// Await asks with `ask` () -> answer with state and certificate until it is decided or the time is
// over, and finishes.
template <class Ask>
void Await(std::string_view command, const EnrolOptions& options, const CertificateFolder& folder,
           Ask&& ask) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(options.wait_seconds);
  for (std::chrono::seconds pause = kAskFirst;; pause = kAskEvery) {
    const auto answer = ask();
    if (answer.state() == v1::CERTIFICATE_REQUEST_STATE_DELIVERED) {
      return Finish(command, options, folder, answer.certificate());
    }
    if (answer.state() == v1::CERTIFICATE_REQUEST_STATE_REFUSED) {
      TellState(options, "REFUSED",
                "申請は拒否されました。運用担当に確かめ、新しいフォルダーで申請し直してください。"
                "(refused: ask the operators, and begin anew in another folder)");
      throw CLI::RuntimeError(1);
    }
    if (std::chrono::steady_clock::now() + pause > until) {
      const bool approved = answer.state() == v1::CERTIFICATE_REQUEST_STATE_APPROVED;
      return TellState(options, approved ? "APPROVED" : "SUBMITTED",
                       fmt::format("{}。後で同じコマンドをもう一度実行してください。(not there "
                                   "yet: run the same command again later)",
                                   approved ? "発行を待っています" : "承認を待っています"));
    }
    std::this_thread::sleep_for(pause);
  }
}

// Call makes one call; a refusal ends the command.
template <class Stub, class Request, class Response>
Response Call(const EnrolOptions& options, Stub& stub, const Request& request,
              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  Response response;
  const auto context = ContextFor(options.client);
  const grpc::Status status = (stub.*method)(context.get(), request, &response);
  if (!status.ok()) FailCall(options.client, status);
  return response;
}

void Enrol(const EnrolOptions& options) {
  const CertificateFolder folder(options.folder);
  using Stub = v1::EnrolmentService::Stub;
  const auto stub =
      v1::EnrolmentService::NewStub(OrFail(kEnrol, ConnectWithoutCertificate(options.client)));
  std::string receipt = folder.Receipt().value_or("");
  if (receipt.empty()) {
    v1::SubmitCertificateRequestRequest request;
    request.set_code(options.code);
    request.set_certificate_request_pem(OrFail(kEnrol, folder.OpenRequest(options.rsa_bits)));
    const auto submitted = Call(options, *stub, request, &Stub::SubmitCertificateRequest);
    // Whoever stands between has asked with another key: nothing of it is kept.
    const std::string ours = OrFail(kEnrol, folder.KeyFingerprint(options.rsa_bits));
    if (auth::HexEncode(submitted.key_fingerprint()) != ours) {
      OrFail(kEnrol, absl::FailedPreconditionError(
                         "the server names another key than this folder's: tell the operators at "
                         "once, by telephone, not to approve it"));
    }
    receipt = submitted.receipt();
    OrFail(kEnrol, folder.SaveReceipt(receipt));
    if (!options.client.json) {
      fmt::print("申請しました (submitted): {}/{}\n", submitted.facility_code(),
                 submitted.terminal_id());
    }
  }
  // On every run, from the folder's own key: it is what the operators approve by.
  fmt::print(stderr,
             "  鍵の指紋 (key) {}\n"
             "この指紋を電話などで運用担当に伝えてください。(read it to the operators)\n",
             OrFail(kEnrol, folder.KeyFingerprint(options.rsa_bits)));
  v1::GetEnrolledCertificateRequest request;
  request.set_receipt(receipt);
  Await(kEnrol, options, folder,
        [&] { return Call(options, *stub, request, &Stub::GetEnrolledCertificate); });
}

// The facility that a terminal's certificate names.
std::string FacilityOf(const std::string& certificate_file) {
  const auto certificate =
      OrFail(kRenew, auth::ReadPeerCertificate(OrFail(kRenew, ReadTextFile(certificate_file))));
  return OrFail(kRenew, certificate.Name()).facility_code;
}

void Renew(const EnrolOptions& options) {
  const CertificateFolder folder(options.folder);
  using Stub = v1::CertificateRenewalService::Stub;
  const auto stub = v1::CertificateRenewalService::NewStub(OrFail(kRenew, Connect(options.client)));
  const std::string facility = FacilityOf(options.client.certificate);
  v1::RenewCertificateRequest request;
  request.set_facility_code(facility);
  request.set_certificate_request_pem(OrFail(kRenew, folder.OpenRequest(options.rsa_bits)));
  // Once more does no harm: the same request gives the same answer.
  Call(options, *stub, request, &Stub::RenewCertificate);
  v1::GetRenewedCertificateRequest asked;
  asked.set_facility_code(facility);
  Await(kRenew, options, folder,
        [&] { return Call(options, *stub, asked, &Stub::GetRenewedCertificate); });
}

void AddFolderOptions(CLI::App& command, EnrolOptions& options) {
  command.add_option("--out", options.folder, "Folder for key, request and certificate")
      ->required();
  command.add_option("--rsa", options.rsa_bits, "An RSA key of so many bits, in place of P-256")
      ->check(CLI::IsMember({2048, 3072, 4096}));
  command
      .add_option("--wait", options.wait_seconds,
                  "Seconds to wait for the certificate; 0: look once")
      ->check(CLI::Range(0, 86400));
  CLI::Option* const bundle = command.add_option("--pkcs12", options.bundle_file,
                                                 "Bundle key and certificate here, too (PKCS#12)");
  CLI::Option* const password = command.add_option("--pkcs12-password-file", options.password_file,
                                                   "File of mode 0600 with the bundle's password");
  bundle->needs(password);
  password->needs(bundle);
  command
      .add_flag("--legacy", options.legacy,
                "A bundle for old Windows and Java: triple DES and SHA-1, weak; delete it after "
                "importing")
      ->needs(bundle);
}

}  // namespace

void AddTerminalEnrol(CLI::App& terminal) {
  const auto enrol = std::make_shared<EnrolOptions>();
  CLI::App* command = terminal.add_subcommand(
      "enrol", "At the terminal: make a key and get the first certificate by a code");
  AddFlagOrVariable(*command, "--server", "KAKUNIN_SERVER", enrol->client.server,
                    "HOST:PORT of the onboarding port")
      ->required();
  AddFlagOrVariable(*command, "--ca", "KAKUNIN_CA", enrol->client.ca,
                    "CA of the server's certificate (PEM)")
      ->required();
  AddFlagOrVariable(*command, "--code", "KAKUNIN_ENROLMENT_CODE", enrol->code,
                    "The code that an operator told; the variable keeps it out of process lists")
      ->required();
  command->add_flag("--json", enrol->client.json, "Print JSON");
  AddFolderOptions(*command, *enrol);
  command->footer(
      "The key is made here and never leaves the folder. Run the same command again until the\n"
      "certificate is there.\n"
      "Example:\n"
      "  kakunin terminal enrol --server onboarding.example:7446 --ca server-ca.pem \\\n"
      "    --code 7K2M-9QXA-B0CD-EFGH-JKMN-PQRS --out /etc/kakunin/terminal --wait 3600\n");
  command->callback([enrol] { Enrol(*enrol); });

  const auto renew = std::make_shared<EnrolOptions>();
  command = terminal.add_subcommand(
      "renew", "At the terminal: get the next certificate over the present one, with a new key");
  AddClientOptions(*command, renew->client);
  AddFolderOptions(*command, *renew);
  command->footer(
      "From 90 days before the end of the present certificate on. Both count for 30 days at most:\n"
      "put the new one to use before.\n"
      "Example:\n"
      "  kakunin terminal renew --server localhost:7443 --certificate terminal/terminal.pem \\\n"
      "    --key terminal/terminal.key --ca server-ca.pem --out terminal-next\n");
  command->callback([renew] { Renew(*renew); });
}

}  // namespace kakunin
