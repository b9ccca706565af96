#include "tests/e2e/sandbox_fixture.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "auth/encoding.h"
#include "auth/uuid.h"
#include "server/dev/api_channel.h"
#include "server/synth/facility_table.h"
#include "server/text_file.h"
#include "tests/e2e/canaries.h"

namespace kakunin::e2e {
namespace {

google::type::Date DateOf(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

std::filesystem::path NewFolder() {
  std::string name = "/tmp/kakunin-e2e.XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  // PostgreSQL runs as another user when the tests run as root.
  std::filesystem::permissions(name, static_cast<std::filesystem::perms>(0755));
  return name;
}

std::string OrThrow(absl::StatusOr<std::string> value) {
  if (!value.ok()) throw std::runtime_error(std::string(value.status().message()));
  return *std::move(value);
}

// Where this process begins to look for free ports: two that began at one place at the same moment
// would take the same ones. Below those that the kernel gives to clients.
int FirstPort() {
  constexpr int kLeast = 21'000;
  constexpr int kEach = 20;
  return kLeast + getpid() % 500 * kEach;
}

// SearchLogs fails the running test when a log of the installation names anybody of its nation:
// whatever was tried with the servers, they are not to have written it down.
void SearchLogs(const Canaries& canaries, const std::filesystem::path& servers,
                const std::filesystem::path& database) {
  int64_t octets = 0;
  std::vector<std::filesystem::path> files = {database};
  for (const auto& entry : std::filesystem::directory_iterator(servers)) files.push_back(entry);
  for (const std::filesystem::path& file : files) {
    const std::string text = FileText(file);
    octets += static_cast<int64_t>(text.size());
    EXPECT_EQ(
        canaries.FoundIn(text, file == database ? Canaries::kLongNumbers : Canaries::kEveryNumber),
        0)
        << "personal data in " << file;
  }
  EXPECT_GT(octets, 0) << "no log was searched";
}

}  // namespace

RunningSandbox::RunningSandbox(int64_t persons, const std::string& binary)
    : persons_(persons), folder_(NewFolder()) {
  dev::SandboxOptions options{.directory = folder_,
                              .binary = binary,
                              .postgres_script = KAKUNIN_SOURCE_DIR "/deploy/postgres-private",
                              .persons = persons,
                              .first_port = FirstPort()};
  sandbox_.emplace(options, dev::Sandbox::Watcher{
                                .say = [this](const std::string& line) { said_ += line + "\n"; },
                                .progress = [](const std::string&, int64_t, int64_t) {},
                                .interrupted = [] { return false; }});
  const absl::Status status = sandbox_->Up();
  if (status.ok()) return;
  const std::string log = FileText(paths().server_log());
  sandbox_.reset();
  std::filesystem::remove_all(folder_);
  throw std::runtime_error(std::string(status.message()) + "\n" + said_ + log);
}

RunningSandbox::~RunningSandbox() {
  const absl::CivilDay nation_day = sandbox_->nation_day();
  const std::filesystem::path log = paths().server_log().parent_path();
  sandbox_.reset();
  SearchLogs(CanariesOf(nation_day, persons_), log, database_log());
  std::filesystem::remove_all(folder_);
}

RunningSandbox::Server RunningSandbox::SecondServer(
    const std::string& name, const std::function<std::string(std::string)>& edit) {
  const auto ports = dev::FreePorts(FirstPort() + 10);
  if (!ports.ok()) throw std::runtime_error("no ports");
  // The folder of the configuration is the sandbox's: relative paths must mean the same.
  const auto config = folder_ / (name + ".toml");
  std::string text = dev::SandboxConfig(paths(), *ports, socket_folder());
  if (edit) text = edit(std::move(text));
  const auto written = ReplaceTextFile(config, text);
  if (!written.ok()) throw std::runtime_error("no configuration");
  const auto log = folder_ / "log" / (name + ".log");
  auto process = dev::ChildProcess::Start({KAKUNIN_BINARY, "serve", "--config", config}, log);
  if (!process.ok()) throw std::runtime_error("no process");
  Server server{*std::move(process), *ports, log};
  if (!AwaitReady(ports->admin)) throw std::runtime_error("not ready\n" + FileText(log));
  return server;
}

RunningSandbox::Card RunningSandbox::TestCard(const std::string& person) const {
  const std::string pem = OrThrow(ReadTextFile(paths().card_certificate(person)));
  auto key = auth::PrivateKey::Load(paths().card_key(person));
  if (!key.ok()) throw std::runtime_error("no key of " + person);
  return {auth::PemDecode("CERTIFICATE", pem).value(), *std::move(key)};
}

Desk::Desk(const dev::SandboxPaths& paths, int port, const std::string& terminal) {
  const std::string name = dev::TerminalName(synth::test_facility::kClinic, terminal);
  auto channel = dev::OpenChannel(paths, name, port);
  if (!channel.ok()) throw std::runtime_error("no channel");
  stub_ = v1::EligibilityService::NewStub(*channel);
}

grpc::Status Desk::ByNumber(const synth::TestAsk& ask, absl::CivilDay day,
                            v1::ConfirmByInsuredNumberResponse& answer) {
  v1::ConfirmByInsuredNumberRequest request;
  request.set_insurer_number(ask.insurer_number);
  request.set_symbol(ask.symbol);
  request.set_number(ask.number);
  request.set_branch_number(ask.branch_number);
  *request.mutable_birth_date() = DateOf(ask.birth_date);
  *request.mutable_day() = DateOf(day);
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  request.set_limit_certificate_consent(v1::DECISION_NOT_ASKED);
  request.set_document_shown(v1::DOCUMENT_SHOWN_ELIGIBILITY_CERTIFICATE);
  request.set_request_id(auth::RandomUuid());
  grpc::ClientContext context;
  dev::PrepareCall(context, absl::Seconds(5));
  return stub_->ConfirmByInsuredNumber(&context, request, &answer);
}

grpc::Status Desk::ByCard(const RunningSandbox::Card& card, absl::CivilDay day,
                          v1::ConfirmByCardResponse& answer) {
  v1::BeginCardAuthenticationResponse challenge;
  const grpc::Status begun = Begin(challenge);
  return begun.ok() ? Confirm(card, challenge, day, answer) : begun;
}

grpc::Status Desk::Begin(v1::BeginCardAuthenticationResponse& challenge) {
  v1::BeginCardAuthenticationRequest request;
  request.set_purpose(v1::CARD_PURPOSE_CONFIRM);
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  grpc::ClientContext context;
  dev::PrepareCall(context, absl::Seconds(5));
  return stub_->BeginCardAuthentication(&context, request, &challenge);
}

grpc::Status Desk::Confirm(const RunningSandbox::Card& card,
                           const v1::BeginCardAuthenticationResponse& challenge, absl::CivilDay day,
                           v1::ConfirmByCardResponse& answer) {
  v1::ConfirmByCardRequest request;
  request.set_challenge_id(challenge.challenge_id());
  request.set_certificate(card.certificate);
  request.set_signature(card.key.Sign(challenge.to_be_signed()));
  request.set_holder_verification(v1::HOLDER_VERIFICATION_PIN);
  *request.mutable_day() = DateOf(day);
  request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
  for (int kind = v1::CONSENT_KIND_DRUG; kind <= v1::CONSENT_KIND_SPECIFIC_DISEASE_CERTIFICATE;
       ++kind) {
    v1::ConsentDecision& decision = *request.add_decisions();
    decision.set_kind(static_cast<v1::ConsentKind>(kind));
    decision.set_decision(v1::DECISION_NOT_ASKED);
  }
  request.set_request_id(auth::RandomUuid());
  grpc::ClientContext context;
  dev::PrepareCall(context, absl::Seconds(5));
  return stub_->ConfirmByCard(&context, request, &answer);
}

bool AwaitReady(int admin_port) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < until) {
    httplib::Client admin("127.0.0.1", admin_port);
    const auto answer = admin.Get("/readyz");
    if (answer && answer->status == 200) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

std::string AdminText(int admin_port, const std::string& path) {
  httplib::Client admin("127.0.0.1", admin_port);
  const auto answer = admin.Get(path);
  return answer ? answer->body : std::string();
}

std::string FileText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace kakunin::e2e
