#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "auth/certificate.h"
#include "auth/certificate_request.h"
#include "auth/encoding.h"
#include "auth/terminal_issuance.h"
#include "domain/terminal_certificate.h"
#include "kakunin/v1/terminal_certificate_service.grpc.pb.h"
#include "server/clock.h"
#include "server/commands/administrative_call.h"
#include "server/commands/certificate_request_table.h"
#include "server/commands/commands.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

constexpr char kInit[] = "ca init";
constexpr char kSign[] = "ca sign";
// A terminal whose clock is a little slow takes it too.
constexpr absl::Duration kBackdated = absl::Minutes(5);

struct CaOptions {
  std::string folder;
  std::string name;
  int years = 15;
};

struct SignOptions {
  AdministrativeOptions call;
  std::string key_file;
  std::string certificate_file;
  std::string trust_domain;
  std::string request;
  int months = kLongestCertificateMonths;
  std::string clock_offset_file;
};

absl::Time NowOf(const std::string& clock_offset_file) {
  if (clock_offset_file.empty()) return SystemClock().Now();
  return SandboxClock(clock_offset_file).Now();
}

void Init(const CaOptions& options) {
  const std::filesystem::path folder(options.folder);
  const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(NowOf("")));
  const auth::PrivateKey key = auth::PrivateKey::GenerateP256();
  const auth::Authority authority = auth::MakeAuthority(
      auth::MakeName({{auth::kOidCommonName, options.name}}), key, now - kBackdated,
      EndAfter(now, options.years * 12) - absl::Seconds(1), auth::RandomSerial());
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  // The key first: it is never overwritten, and without it the certificate is nothing.
  OrFail(kInit, key.Save(folder / "ca.key"));
  OrFail(kInit,
         ReplaceTextFile(folder / "ca.pem", auth::CertificatePem(authority.certificate_der)));
  fmt::print(
      "認証局を作りました (made): {0}/ca.pem, {0}/ca.key\n"
      "ca.pem をサーバーの client_ca と [terminal_certificates] ca に加えてください。鍵はサーバーに"
      "置かないでください。(add ca.pem to both files; the key never goes to a server)\n",
      folder.string());
}

void Pending(const ClientOptions& options) {
  v1::ListCertificateRequestsRequest request;
  request.set_state(v1::CERTIFICATE_REQUEST_STATE_APPROVED);
  PrintRequests(options, FetchRequests("ca pending", options, request));
}

auth::Authority OpenAuthority(const SignOptions& options) {
  const auth::PrivateKey key = OrFail(kSign, auth::PrivateKey::Load(options.key_file));
  const auto der =
      auth::PemDecode("CERTIFICATE", OrFail(kSign, ReadTextFile(options.certificate_file)));
  if (!der) {
    FailCommand(kSign, absl::InvalidArgumentError(options.certificate_file +
                                                  " holds no certificate: write it as PEM"));
  }
  return OrFail(kSign, auth::AuthorityFromCertificate(key, *der));
}

// The server says what to sign; this host believes only what it can see for itself.
absl::StatusOr<auth::TerminalCertificateSpec> SpecOf(const v1::CertificateRequest& request,
                                                     const SignOptions& options) {
  const auth::CheckedRequest checked =
      auth::CheckCertificateRequest(request.certificate_request_der());
  if (checked.fault) return absl::InvalidArgumentError("the request does not prove its key");
  const auth::PeerName name{.kind = auth::PeerKind::kTerminal,
                            .trust_domain = options.trust_domain,
                            .facility_code = request.facility_code(),
                            .id = request.terminal_id()};
  if (request.uri() != auth::FormatPeerName(name)) {
    return absl::InvalidArgumentError(
        fmt::format("the server names it {}, which is not of --trust-domain {}", request.uri(),
                    options.trust_domain));
  }
  return auth::TerminalCertificateSpec{.name = name, .public_key = checked.public_key};
}

// The last second of a certificate that begins at `begin`: the CA's own end bounds it.
absl::Time LastSecond(const auth::Authority& authority, absl::Time begin, int months) {
  const auto view = auth::ParseCertificate(auth::AsBytes(authority.certificate_der));
  const absl::Time end = EndAfter(begin, months) - absl::Seconds(1);
  return view ? std::min(end, absl::FromUnixSeconds(view->not_after)) : end;
}

void Sign(const SignOptions& options) {
  if (!options.call.request_id.empty() && options.request.empty()) {
    throw CLI::ValidationError("--request-id", "is of one delivery: name it by --request, too");
  }
  const auth::Authority authority = OpenAuthority(options);
  v1::ListCertificateRequestsRequest asked;
  asked.set_state(v1::CERTIFICATE_REQUEST_STATE_APPROVED);
  auto waiting = FetchRequests(kSign, options.call.client, asked);
  if (!options.request.empty()) {
    std::erase_if(waiting, [&](const v1::CertificateRequest& request) {
      return request.certificate_request_id() != options.request;
    });
  }
  const absl::Time now =
      absl::FromUnixSeconds(absl::ToUnixSeconds(NowOf(options.clock_offset_file)));
  int refused = 0;
  for (const v1::CertificateRequest& request : waiting) {
    auto spec = SpecOf(request, options);
    if (!spec.ok()) {
      fmt::print(stderr, "{}: {}\n", request.certificate_request_id(),
                 std::string(spec.status().message()));
      ++refused;
      continue;
    }
    spec->not_before = now - kBackdated;
    spec->not_after = LastSecond(authority, spec->not_before, options.months);
    v1::DeliverCertificateRequest delivery;
    delivery.set_certificate_request_id(request.certificate_request_id());
    delivery.set_certificate_pem(
        auth::CertificatePem(auth::IssueTerminalCertificate(authority, *spec)));
    const auto response = CallService<v1::TerminalCertificateService>(
        kSign, options.call, delivery, &v1::TerminalCertificateService::Stub::DeliverCertificate);
    if (options.call.client.json) continue;
    fmt::print("{}: {}/{}  有効期限 (until) {}\n",
               options.call.commit ? "発行しました (signed)" : "発行できます (would sign)",
               request.facility_code(), request.terminal_id(),
               RequestTimeText(response.terminal().not_after()));
  }
  if (waiting.empty() && !options.call.client.json) {
    fmt::print("発行を待つ申請はありません。(nothing waits)\n");
  }
  if (refused > 0) throw CLI::RuntimeError(1);
}

constexpr char kExampleEnd[] =
    " \\\n    --server localhost:7445 --certificate operator.pem --key operator.key "
    "--ca server-ca.pem";

void AddSign(CLI::App& ca) {
  const auto options = std::make_shared<SignOptions>();
  CLI::App* command =
      ca.add_subcommand("sign", "Sign what was approved, and deliver it to the server");
  AddAdministrativeOptions(*command, options->call);
  command->add_option("--ca-key", options->key_file, "The authority's key (PEM, mode 0600)")
      ->required();
  command->add_option("--ca-certificate", options->certificate_file, "Its certificate (PEM)")
      ->required();
  command
      ->add_option("--trust-domain", options->trust_domain,
                   "What every certificate's URI begins with, after spiffe://")
      ->required();
  command->add_option("--request", options->request, "Only this one; default: all that wait");
  command->add_option("--months", options->months, "How long certificates count")
      ->check(CLI::Range(1, kLongestCertificateMonths))
      ->capture_default_str();
  command->add_option("--clock-offset-file", options->clock_offset_file,
                      "Of a sandbox, whose clock may be another");
  command->footer(std::string("Example:\n  kakunin ca sign --ca-key ca/ca.key --ca-certificate "
                              "ca/ca.pem --trust-domain kakunin.example") +
                  kExampleEnd + " --commit\n");
  command->callback([options] { Sign(*options); });
}

}  // namespace

void AddCaCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "ca", "The certification authority of terminals, on the operators' own host");
  command->require_subcommand(1);

  const auto init = std::make_shared<CaOptions>();
  CLI::App* make = command->add_subcommand("init", "Make a key and its certificate");
  make->add_option("--out", init->folder, "Folder; a key that is there is never overwritten")
      ->required();
  make->add_option("--name", init->name, "Its name, for people")->required();
  make->add_option("--years", init->years, "How long it counts")
      ->check(CLI::Range(1, 30))
      ->capture_default_str();
  make->footer("Example:\n  kakunin ca init --out ca-2026 --name \"terminal CA 2026\"\n");
  make->callback([init] { Init(*init); });

  const auto client = std::make_shared<ClientOptions>();
  CLI::App* pending = command->add_subcommand("pending", "List what waits to be signed");
  AddClientOptions(*pending, *client);
  pending->footer(std::string("Example:\n  kakunin ca pending") + kExampleEnd + "\n");
  pending->callback([client] { Pending(*client); });

  AddSign(*command);
}

}  // namespace kakunin
